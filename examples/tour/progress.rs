//! Progress on standard error: one line that updates itself on a terminal, a plain line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often the line of a terminal is drawn again.
const REDRAW: Duration = Duration::from_millis(100);

/// The first plain line comes soon, the others are few.
const FIRST_LINE: Duration = Duration::from_millis(500);
const NEXT_LINE: Duration = Duration::from_secs(2);

/// Shows the current phase from a thread of its own until it is dropped. Work that is over at once shows nothing.
pub(crate) struct Progress {
    state: Arc<State>,
    /// Dropping it tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    /// What is being done, and how much of it there is, if that is known.
    phase: Mutex<(String, Option<u64>)>,
    done: AtomicU64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let state = Arc::new(State { phase: Mutex::new((String::new(), None)), done: AtomicU64::new(0) });
        let (stop, stopped) = mpsc::channel();
        let shown = Arc::clone(&state);
        // Without the thread the work is as right, only silent.
        let thread = thread::Builder::new()
            .name("progress".into())
            .spawn(move || {
                if io::stderr().is_terminal() {
                    redraw(&shown, |wait| stopped.recv_timeout(wait));
                } else {
                    print_lines(&shown, |wait| stopped.recv_timeout(wait));
                }
            })
            .ok();
        Progress { state, stop: Some(stop), thread }
    }

    /// Starts a phase of `total` units, or of a number that nobody knows yet.
    pub(crate) fn begin(&self, label: &str, total: Option<u64>) {
        let mut phase = self.state.phase.lock().unwrap_or_else(PoisonError::into_inner);
        *phase = (label.to_owned(), total);
        self.state.done.store(0, Ordering::Relaxed);
    }

    /// Counts units as done. It is one relaxed addition: call it per piece of work, not per item.
    pub(crate) fn advance(&self, units: u64) {
        self.state.done.fetch_add(units, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It can only have failed to write, and there is nowhere else to say so.
            let _ = thread.join();
        }
    }
}

impl State {
    fn line(&self) -> String {
        let phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.done.load(Ordering::Relaxed);
        match phase.1 {
            Some(total) => format!("{}: {} %", phase.0, done.min(total) * 100 / total.max(1)),
            None => format!("{}: {done}", phase.0),
        }
    }
}

fn redraw(state: &State, wait: impl Fn(Duration) -> Result<(), RecvTimeoutError>) {
    while wait(REDRAW) == Err(RecvTimeoutError::Timeout) {
        // Back to the start, the line, and erase what a longer one left.
        let _ = write!(io::stderr(), "\r{}\x1b[K", state.line());
    }
    let _ = write!(io::stderr(), "\r\x1b[K");
}

fn print_lines(state: &State, wait: impl Fn(Duration) -> Result<(), RecvTimeoutError>) {
    let mut pause = FIRST_LINE;
    while wait(pause) == Err(RecvTimeoutError::Timeout) {
        let _ = writeln!(io::stderr(), "{}", state.line());
        pause = NEXT_LINE;
    }
}
