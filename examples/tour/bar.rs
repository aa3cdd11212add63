//! A bar on standard error that shows how far the work is, how fast it goes, and how long it will take; on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use paceline::{Progress, ProgressCounter};

/// How often the line is drawn again.
const REDRAW: Duration = Duration::from_millis(100);

/// The number of cells of the bar.
const WIDTH: u64 = 24;

/// Shows the current phase from a thread of its own until it is dropped. Work that is over at once shows nothing.
pub(crate) struct Bar {
    state: Arc<State>,
    /// Dropping it tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    /// Counts the units of all phases. The bar's thread reads it.
    counter: ProgressCounter,
    phase: Mutex<Phase>,
}

struct Phase {
    label: String,
    total: Option<u64>,
    begun: Instant,
    /// The counter when the phase began.
    done_before: u64,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let phase = Phase { label: String::new(), total: None, begun: Instant::now(), done_before: 0 };
        let state = Arc::new(State { counter: ProgressCounter::new(), phase: Mutex::new(phase) });
        if !io::stderr().is_terminal() {
            return Bar { state, stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let shown = Arc::clone(&state);
        // Without the thread the work is as right, only silent.
        let redraw = move || redraw(&shown, |wait| stopped.recv_timeout(wait));
        let thread = thread::Builder::new().name("bar".into()).spawn(redraw).ok();
        Bar { state, stop: Some(stop), thread }
    }

    /// Starts a phase of `total` units, or of an unknown number.
    pub(crate) fn phase(&self, label: &str, total: Option<u64>) {
        let done_before = self.state.counter.done();
        let mut phase = self.state.phase.lock().unwrap_or_else(PoisonError::into_inner);
        *phase = Phase { label: label.to_owned(), total, begun: Instant::now(), done_before };
    }
}

/// What is counted, with `with_progress` or by hand, is a part of the current phase.
impl Progress for Bar {
    fn add(&self, count: u64) {
        self.state.counter.add(count);
    }
}

impl Drop for Bar {
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
        let done = self.counter.done().saturating_sub(phase.done_before);
        let rate = done as f64 / phase.begun.elapsed().as_secs_f64().max(0.001);
        let label = &phase.label;
        let Some(total) = phase.total else {
            return format!("{label}: {done}, {} per second", short(rate));
        };
        let done = done.min(total);
        let filled = done * WIDTH / total.max(1);
        let cells: String = (0..WIDTH).map(|cell| if cell < filled { '=' } else { ' ' }).collect();
        let left = (total - done) as f64 / rate;
        let left = if left.is_finite() { format!(", {left:.0} s left") } else { String::new() };
        format!("{label} [{cells}] {} %, {} per second{left}", done * 100 / total.max(1), short(rate))
    }
}

/// A number with three digits or a unit.
fn short(number: f64) -> String {
    match number {
        1e9.. => format!("{:.1} G", number / 1e9),
        1e6.. => format!("{:.1} M", number / 1e6),
        1e3.. => format!("{:.1} k", number / 1e3),
        _ => format!("{number:.0}"),
    }
}

fn redraw(state: &State, wait: impl Fn(Duration) -> Result<(), RecvTimeoutError>) {
    while wait(REDRAW) == Err(RecvTimeoutError::Timeout) {
        // Back to the start, the line, and erase what a longer one left.
        let _ = write!(io::stderr(), "\r{}\x1b[K", state.line());
    }
    let _ = write!(io::stderr(), "\r\x1b[K");
}
