//! Worker pools: what their documentation promises, a module for each part of it.

mod bombs;
mod dropping;
mod ending;
mod errors;
mod gauge;
mod handles;
mod making;
mod panics;
mod renewing;
mod results;
mod states;
mod submitting;
mod submitting_async;

use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A test that has not ended by then hangs.
const WATCHDOG: Duration = Duration::from_secs(300);

/// Runs a test on a thread of its own, and fails if it hangs.
fn with_watchdog(test: impl FnOnce() + Send + 'static) {
    let (alive, ended) = mpsc::channel::<()>();
    let test = thread::spawn(move || {
        let _alive = alive;
        test();
    });
    let hangs = ended.recv_timeout(WATCHDOG) == Err(mpsc::RecvTimeoutError::Timeout);
    assert!(!hangs, "the test hangs");
    if let Err(payload) = test.join() {
        resume_unwind(payload);
    }
}
