//! Panics of virtual threads. std counts them for each real thread, and all virtual ones are one of those. So a thread that
//! panics while another is suspended in a panic of its own is known to do so only if its panic began here.

use super::machine;
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

/// As [`std::panic::resume_unwind`].
pub fn resume_unwind(payload: Box<dyn Any + Send>) -> ! {
    machine::with(|machine| {
        if let Some(machine) = machine {
            machine.begin_unwinding();
        }
    });
    panic::resume_unwind(payload)
}

/// As [`std::panic::catch_unwind`]; for panics that began by [`resume_unwind`], or elsewhere.
pub fn catch_unwind<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    let outcome = panic::catch_unwind(AssertUnwindSafe(f));
    if outcome.is_err() {
        machine::with(|machine| {
            if let Some(machine) = machine {
                machine.end_unwinding();
            }
        });
    }
    outcome
}
