//! Calls that are made at a given time.
//!
//! A thread of the process makes them, the *timer*. It is started for the first call that waits, and ends when none has
//! waited for a while.

use crate::sync::clock::Instant;
use crate::sync::lock::{Condvar, Mutex};
use crate::sync::process::{self, PerProcess};
use crate::sync::{thread, unwind};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// For how long the timer stays without a call that waits: longer than a service usually takes for its next request.
const PATIENCE: Duration = Duration::from_secs(5);

/// The timer of this process. A child that is forked off has one of its own, which knows no call of its parent.
static TIMER: PerProcess<ProcessTimer> = PerProcess::new();

struct ProcessTimer {
    /// 1. While `is_served`, the timer's thread exists, and looks at `calls` again before it ends.
    calls: Mutex<Calls>,
    /// Notified when the first call is another.
    changed: Condvar,
}

#[derive(Default)]
struct Calls {
    waiting: BTreeMap<Key, TimedCall>,
    /// The number of the next call.
    next: u64,
    is_served: bool,
}

/// When a call is made, and its number: calls of one moment are made in the order in which they came.
type Key = (Instant, u64);

type TimedCall = Box<dyn FnOnce() + Send>;

impl Default for ProcessTimer {
    fn default() -> Self {
        ProcessTimer { calls: Mutex::default(), changed: Condvar::new() }
    }
}

/// A call that waits for its time. Dropping this takes the call back, unless the timer has begun it.
#[must_use = "the call is taken back when this is dropped"]
pub(super) struct Alarm {
    /// `None` if the time will not come: no clock can show it.
    key: Option<Key>,
    process: usize,
}

/// Has the timer make `call` when `time` has passed.
///
/// `call` must not panic, and should be short: other calls wait for it.
///
/// # Panics
///
/// If the timer has no thread yet and the system gives none.
#[track_caller]
pub(super) fn after(time: Duration, call: impl FnOnce() + Send + 'static) -> Alarm {
    let process = process::incarnation();
    let Some(at) = Instant::now().checked_add(time) else {
        return Alarm { key: None, process };
    };
    let timer = TIMER.get();
    let mut calls = timer.calls.lock();
    if !calls.is_served {
        if let Err(error) = start() {
            drop(calls);
            panic!("the thread that measures the time cannot be started: {error}");
        }
        calls.is_served = true;
    }
    let key = (at, calls.next);
    calls.next += 1;
    calls.waiting.insert(key, Box::new(call));
    let is_first = calls.waiting.first_key_value().is_some_and(|(first, _)| *first == key);
    drop(calls);
    if is_first {
        timer.changed.notify_one();
    }
    Alarm { key: Some(key), process }
}

fn start() -> io::Result<()> {
    let builder = thread::Builder::new().name("paceline-timer".to_owned());
    builder.spawn(|| unwind::dispose(unwind::halt_job(serve))).map(drop)
}

/// The life of the timer's thread.
fn serve() {
    let timer = TIMER.get();
    let mut calls = timer.calls.lock();
    let mut idle_since = None;
    loop {
        let now = Instant::now();
        let Some((&key, _)) = calls.waiting.first_key_value() else {
            let idle_for = now.saturating_duration_since(*idle_since.get_or_insert(now));
            if idle_for >= PATIENCE || cfg!(loom) {
                calls.is_served = false;
                return;
            }
            calls = timer.changed.wait_for(calls, PATIENCE - idle_for);
            continue;
        };
        idle_since = None;
        if now < key.0 {
            calls = timer.changed.wait_for(calls, key.0.saturating_duration_since(now));
            continue;
        }
        let call = calls.waiting.remove(&key);
        // The call may use the timer.
        drop(calls);
        if let Some(call) = call {
            call();
        }
        calls = timer.calls.lock();
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let Some(key) = self.key.filter(|_| process::is(self.process)) else { return };
        let call = TIMER.get().calls.lock().waiting.remove(&key);
        // What the call holds is dropped outside the lock, because it may use the timer.
        drop(call);
    }
}
