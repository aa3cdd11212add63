//! Waiting for something that is bound to happen, in a way that ends in a failure and never in a hang.

use paceline::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

const WATCHDOG: Duration = Duration::from_secs(60);

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

pub(crate) fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}
