//! A limit of time that turns a hang into a failure.

use crate::gate::WATCHDOG;
use std::sync::mpsc::channel;

/// Runs `f` on a thread of its own, so that a deadlock in it is a failure.
#[track_caller]
pub(crate) fn in_time<R: Send + 'static>(what: &str, f: impl FnOnce() -> R + Send + 'static) -> R {
    let (tell, told) = channel();
    let thread = std::thread::spawn(move || tell.send(f()).unwrap());
    match told.recv_timeout(WATCHDOG) {
        Ok(result) => result,
        Err(error) => match thread.is_finished().then(|| thread.join()) {
            Some(Err(payload)) => std::panic::resume_unwind(payload),
            _ => panic!("{what} did not end: {error}"),
        },
    }
}
