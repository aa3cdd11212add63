//! Carrying a panic from the thread where it happened to the thread that waits for it.

use crate::sync::process;
use std::any::Any;
use std::io::{self, Write};
#[cfg(not(sim))]
use std::panic::{self, AssertUnwindSafe};

#[cfg(all(test, not(loom)))]
mod tests;

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `f` and catches its panic.
///
/// Asserting unwind safety is right here: the payload is always rethrown, or handed to a panic handler, on behalf of
/// the caller. No code goes on as if `f` had finished.
pub(crate) fn halt<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    #[cfg(sim)]
    return crate::sync::sim::catch_unwind(f);
    #[cfg(not(sim))]
    panic::catch_unwind(AssertUnwindSafe(f))
}

/// As [`halt`], for a job, or for the body of another thread that this crate has started.
///
/// A child that is forked off within `f` ends here, with a message, and does not return. After `f` threads of the
/// parent would go on, and would write to frames on stacks that the child's own threads use by now.
pub(crate) fn halt_job<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    let process = process::incarnation();
    let outcome = halt(f);
    process::end_if_child_of(process);
    outcome
}

/// Goes on with a panic that was caught elsewhere. Does not call the panic hook again.
pub(crate) fn resume(payload: Payload) -> ! {
    #[cfg(sim)]
    crate::sync::sim::resume_unwind(payload);
    #[cfg(not(sim))]
    panic::resume_unwind(payload)
}

/// The panic's message, if its payload is text.
pub(crate) fn message(payload: &(dyn Any + Send)) -> Option<&str> {
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// The length of the chain of payloads that [`dispose`] drops; each comes from the drop of the one before it.
const MOST_PAYLOADS: usize = 8;

/// Drops a value that is not needed any more. A panic in its destructor ends here: the panic hook has reported it.
///
/// The payload of that panic may panic in its own destructor, and so may the next one. Each of them is dropped, up to
/// [`MOST_PAYLOADS`]; the one after that is leaked, because the chain may have no end. This never unwinds. It ends the
/// process only if two parts of one value panic while the value is dropped, as the language demands.
pub(crate) fn dispose<T>(value: T) {
    if let Err(payload) = halt(|| drop(value)) {
        dispose_payload(payload);
    }
}

#[cold]
fn dispose_payload(payload: Payload) {
    let mut dropped = Err(payload);
    for _ in 0..MOST_PAYLOADS {
        match dropped {
            Ok(()) => return,
            Err(payload) => dropped = halt(|| drop(payload)),
        }
    }
    std::mem::forget(dropped);
}

/// Calls [`dispose`] for each of the values, so that all are dropped even if several of them panic.
pub(crate) fn dispose_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(dispose);
}

/// Aborts the process when it is dropped by unwinding, beneath code that must not panic.
///
/// Forget it with [`std::mem::forget`] once that code is done.
#[derive(Debug)]
pub(crate) struct AbortOnUnwind {
    /// The message before the abort: what panicked, and what the programmer should do about it.
    pub(crate) because: &'static str,
}

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        #[cfg(sim)]
        crate::sync::sim::say_seed();
        // It does not use `eprintln!`, which panics where nothing can be written.
        let _ = writeln!(io::stderr(), "paceline: {}; aborting", self.because);
        std::process::abort();
    }
}
