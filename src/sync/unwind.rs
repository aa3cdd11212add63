//! Carrying a panic from the thread where it happened to the thread that waits for it.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `f` and catches its panic.
///
/// Asserting unwind safety is right here because the payload is always rethrown, or handed to a panic handler, on
/// behalf of the caller: nobody goes on as if `f` had finished.
pub(crate) fn halt<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    panic::catch_unwind(AssertUnwindSafe(f))
}

/// Goes on with a panic that was caught elsewhere, without calling the panic hook again.
pub(crate) fn resume(payload: Payload) -> ! {
    panic::resume_unwind(payload)
}

/// Drops what nobody wants any more, and goes on if that panics: the hook has told of it, and nobody here can be told.
pub(crate) fn dispose<T>(value: T) {
    let Err(payload) = halt(|| drop(value)) else {
        return;
    };
    if let Err(payload) = halt(|| drop(payload)) {
        // A payload whose drop panics with another such one could go on for ever.
        std::mem::forget(payload);
    }
}

/// Aborts the process when it is dropped by unwinding: a net under code that must not panic.
///
/// Forget it with [`std::mem::forget`] once that code is done.
#[derive(Debug)]
pub(crate) struct AbortOnUnwind {
    /// Said before the end: what panicked, and what to do about it.
    pub(crate) because: &'static str,
}

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("paceline: {}; aborting", self.because);
        std::process::abort();
    }
}
