//! A closure that is called once behind a `&mut dyn FnMut`. So the calling code is compiled once for all closures.

use crate::sync::quiet::Quiet;

/// The closure, and then its result, in the frame of the caller.
///
/// A result that is not taken out is dropped without a panic: that happens only while a panic unwinds.
#[derive(Debug)]
pub(crate) struct OnceCall<F, R> {
    /// `None` once the closure is called.
    closure: Option<F>,
    /// `Some` once the closure has returned.
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
    /// If it is called twice.
    #[inline]
    pub(crate) fn make(&mut self, call: impl FnOnce(F) -> R) {
        let Some(closure) = self.closure.take() else { not_once() };
        self.result = Some(Quiet::new(call(closure)));
    }

    /// The closure's result.
    ///
    /// # Panics
    ///
    /// If the closure has not returned.
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
