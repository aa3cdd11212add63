//! Processor time of a program that has nothing to do, or next to nothing now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::outside::Task;
use crate::harness::{ThreadClocks, switches_of_others};

/// How long a pool works before it rests.
const WORK: Duration = Duration::from_millis(50);

/// How long a pool gets to fall asleep before it is measured again.
const SETTLE: Duration = Duration::from_millis(20);

/// What a pool at rest used, where the system tells.
pub(crate) struct Rest {
    /// Processor time while it fell asleep after work and for the rest of the time given.
    pub(crate) after_work: Option<Duration>,
    /// How often a thread other than the first woke and blocked again in the second half of that time.
    pub(crate) switches: Option<u64>,
    /// Processor time for as long again.
    pub(crate) asleep: Option<Duration>,
}

/// Works for a moment, by calls of `work`, then rests, twice for as long as `span`.
pub(crate) fn at_rest(mut work: impl FnMut() -> u64, span: Duration) -> Rest {
    let start = Instant::now();
    let value = work();
    // All threads are there by now. To find their clocks takes time, which must not be the first of the rest.
    let clocks = ThreadClocks::of_all_threads();
    while start.elapsed() < WORK {
        assert_eq!(work(), value);
    }
    let rest = |span| processor_time_of(&clocks, || thread::sleep(span));
    let first = rest(span / 2);
    // The counts are read outside of what is measured: that costs more than a pool at rest does.
    let before = switches_of_others();
    let second = rest(span / 2);
    let switches = switches_of_others().zip(before).map(|(after, before)| after.saturating_sub(before));
    Rest { after_work: first.zip(second).map(|(first, second)| first + second), switches, asleep: rest(span) }
}

/// The processor time of that many empty spawns a millisecond apart.
pub(crate) fn spaced_spawns(spawns: usize, spawn: &dyn Fn(Task)) -> Option<Duration> {
    let run = Arc::new(AtomicUsize::new(0));
    let used = spaced(spawns, || {
        let run = Arc::clone(&run);
        spawn(Box::new(move || {
            run.fetch_add(1, Ordering::Relaxed);
        }));
    });
    while run.load(Ordering::Relaxed) < spawns {
        thread::yield_now();
    }
    used
}

/// The processor time of that many calls a millisecond apart, falling asleep included.
pub(crate) fn spaced(calls: usize, mut call: impl FnMut()) -> Option<Duration> {
    processor_time_of(&ThreadClocks::of_all_threads(), || {
        for _ in 0..calls {
            call();
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(SETTLE);
    })
}

/// Processor time of those threads while `span` runs.
fn processor_time_of(clocks: &Option<ThreadClocks>, span: impl FnOnce()) -> Option<Duration> {
    let read = || clocks.as_ref()?.read();
    let start = read();
    span();
    let end = read();
    Some(end?.saturating_sub(start?))
}
