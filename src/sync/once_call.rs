//! A closure that is called once behind a `&mut dyn FnMut`, so that the code that calls it is compiled once for all closures.

use crate::sync::quiet::Quiet;

/// The closure, and then what it returned, in the frame of the caller.
///
/// A result that nobody takes is dropped quietly: a panic unwinds then.
#[derive(Debug)]
pub(crate) struct OnceCall<F, R> {
    /// None once it is called.
    closure: Option<F>,
    /// Some once it has returned.
    result: Option<Quiet<R>>,
}

impl<F, R> OnceCall<F, R> {
    #[inline]
    pub(crate) fn new(closure: F) -> Self {
        OnceCall { closure: Some(closure), result: None }
    }

    /// Passes the closure to `call`, which calls it.
    ///
    /// # Panics
    ///
    /// The second time.
    #[inline]
    pub(crate) fn make(&mut self, call: impl FnOnce(F) -> R) {
        let Some(closure) = self.closure.take() else { not_once() };
        self.result = Some(Quiet::new(call(closure)));
    }

    /// What the closure returned.
    ///
    /// # Panics
    ///
    /// Unless it has returned.
    #[inline]
    pub(crate) fn into_result(self) -> R {
        let Some(result) = self.result else { not_once() };
        result.into_inner()
    }
}

#[cold]
#[inline(never)]
fn not_once() -> ! {
    unreachable!("a closure is called once, and returns before its result is used")
}
