//! Waiting for what is bound to happen, in a way that ends in a failure and never in a hang.

use std::sync::mpsc::Receiver;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// How long a test waits for something that is bound to happen.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

/// An event that happens once and that any number of threads may wait for.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    /// Blocks until the gate is open.
    #[track_caller]
    pub(crate) fn pass(&self, what: &str) {
        let open = self.open.lock().unwrap();
        let (open, _) = self.opened.wait_timeout_while(open, WATCHDOG, |open| !*open).unwrap();
        assert!(*open, "{what} never happened");
    }
}

/// The next message, or a failure that says what did not come.
#[track_caller]
pub(crate) fn receive<T>(from: &Receiver<T>, what: &str) -> T {
    match from.recv_timeout(WATCHDOG) {
        Ok(message) => message,
        Err(error) => panic!("{what} never came: {error}"),
    }
}
