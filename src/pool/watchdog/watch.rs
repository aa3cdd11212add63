//! The watchdog's thread.

use super::report;
use super::scene::Scene;
use super::setting;
use super::stillness::{Area, Stillness, Stuck};
use super::view::ProcessView;
use crate::pool::registry::Registry;
use crate::sync::clock::Instant;
use crate::sync::lock::Mutex;
use crate::sync::once::OnceLock;
use crate::sync::parker::Parker;
use crate::sync::process::PerProcess;
use crate::sync::{thread, unwind};
use std::io::{self, Write};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the watchdog looks within its interval.
const LOOKS: u32 = 4;

/// The watchdog of this process. A child that is forked off has one of its own, which is started as the first was.
static WATCHDOG: PerProcess<Watchdog> = PerProcess::new();

#[derive(Debug, Default)]
struct Watchdog {
    /// Set when the environment has been read, and the thread, if it asks for one, has been started.
    is_begun: OnceLock<()>,
    pools: Mutex<Vec<Weak<Registry>>>,
}

/// Starts the watchdog if the environment asks for one and there is none yet. Whatever makes threads, or waits without a pool,
/// calls this before.
pub(crate) fn start_if_asked() {
    if !setting::is_off() {
        start();
    }
}

/// Has the watchdog, if there is one, look at a pool.
pub(in crate::pool) fn add_pool(registry: &Arc<Registry>) {
    start_if_asked();
    if setting::is_on() {
        WATCHDOG.get().pools.lock().push(Arc::downgrade(registry));
    }
}

#[cold]
fn start() {
    WATCHDOG.get().is_begun.get_or_init(|| {
        let Some(interval) = setting::read() else { return };
        let builder = thread::Builder::new().name("paceline-watchdog".to_owned());
        if let Err(error) = builder.spawn(move || unwind::dispose(unwind::halt_job(|| watch(interval)))) {
            setting::give_up();
            print(&format!("paceline: there is no watchdog, because its thread cannot be started: {error}\n"));
        }
    });
}

/// The life of the thread: it looks, reports, and never ends.
fn watch(interval: Duration) {
    let parker = Parker::new();
    let (mut stillness, mut reports) = (Stillness::default(), Reports::new(interval));
    loop {
        parker.park_for(interval / LOOKS);
        let view = ProcessView::take(&pools());
        let now = Instant::now();
        stillness.update(&view, now);
        let stuck = stillness.stuck(&view, now, interval);
        if reports.is_due(&stuck, now) {
            let scene = Scene { view: &view, stillness: &stillness, stuck: &stuck, now };
            print(&report::text(&scene));
        }
    }
}

/// The pools that are there. The result keeps them in memory, and is dropped at once: what a pool owns may be the program's.
fn pools() -> Vec<Arc<Registry>> {
    let mut pools = WATCHDOG.get().pools.lock();
    pools.retain(|registry| registry.strong_count() > 0);
    pools.iter().filter_map(Weak::upgrade).collect()
}

/// It does not use `eprintln!`, which panics where nothing can be written. One call, so that no other line comes between.
fn print(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// When to report again, while the same is stuck: after twice the time each time.
#[derive(Debug)]
struct Reports {
    interval: Duration,
    /// The areas of the reports since something was last not stuck.
    areas: Vec<Area>,
    gap: Duration,
    last: Instant,
}

impl Reports {
    fn new(interval: Duration) -> Self {
        Reports { interval, areas: Vec::new(), gap: interval, last: Instant::now() }
    }

    /// True if it is time for a report, which is counted as made.
    fn is_due(&mut self, stuck: &Stuck, now: Instant) -> bool {
        let is_known = stuck.areas.iter().all(|area| self.areas.contains(area));
        if stuck.is_empty() {
            *self = Reports::new(self.interval);
        }
        if is_known && (stuck.is_empty() || now.saturating_duration_since(self.last) < self.gap) {
            return false;
        }
        self.gap = if is_known { self.gap * 2 } else { self.interval };
        self.areas.extend(&stuck.areas);
        self.last = now;
        true
    }
}

#[cfg(all(test, not(any(loom, sim))))]
mod tests {
    use super::{Area, Reports, Stuck};
    use crate::sync::clock::Instant;
    use std::time::Duration;

    #[test]
    fn reports_come_at_intervals_that_double_until_something_moves() {
        let start = Instant::now();
        let mut reports = Reports::new(Duration::from_secs(5));
        let mut due = |seconds, areas: &[usize]| {
            let areas = areas.iter().map(|&number| Area::Pool(number)).collect();
            reports.is_due(&Stuck { waits: Vec::new(), areas }, start + Duration::from_secs(seconds))
        };
        let times: Vec<_> = (5..=60).filter(|&seconds| due(seconds, &[1])).collect();
        assert_eq!(times, [5, 10, 20, 40]);
        assert!(due(61, &[1, 2]), "another pool is reported at once");
        assert!(!due(62, &[1, 2]));
        assert!(!due(63, &[]));
        assert!(due(64, &[1]), "it had moved meanwhile");
    }
}
