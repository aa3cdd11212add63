//! A closure that is called once behind a `&mut dyn FnMut`, so that the code that calls it is compiled once for all closures.

use crate::sync::quiet::Quiet;
use std::mem;

/// The closure, and then what it returned, in the frame of the caller.
///
/// A result that nobody takes is dropped quietly: a panic unwinds then.
#[derive(Debug)]
pub(crate) enum OnceCall<F, R> {
    Before(F),
    /// Called, and not returned yet; or it has panicked.
    Called,
    After(Quiet<R>),
}

impl<F, R> OnceCall<F, R> {
    #[inline]
    pub(crate) fn new(closure: F) -> Self {
        OnceCall::Before(closure)
    }

    /// Passes the closure to `call`, which calls it.
    ///
    /// # Panics
    ///
    /// The second time.
    #[inline]
    pub(crate) fn make(&mut self, call: impl FnOnce(F) -> R) {
        let OnceCall::Before(closure) = mem::replace(self, OnceCall::Called) else { not_once() };
        *self = OnceCall::After(Quiet::new(call(closure)));
    }

    /// What the closure returned.
    ///
    /// # Panics
    ///
    /// Unless it has returned.
    #[inline]
    pub(crate) fn into_result(self) -> R {
        let OnceCall::After(result) = self else { not_once() };
        result.into_inner()
    }
}

#[cold]
#[inline(never)]
fn not_once() -> ! {
    unreachable!("a closure is called once, and returns before its result is used")
}
