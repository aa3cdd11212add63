//! Counters for what a stream does: how many items were pulled, are on their way, were dropped; and gates without a
//! clock.

pub(crate) use crate::gate::{Gate, WATCHDOG};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};

/// A pool of so many threads.
pub(crate) fn pool(threads: usize) -> paceline::ThreadPool {
    paceline::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool")
}

/// Numbers that go up, with a way to wait for one.
#[derive(Debug, Default)]
pub(crate) struct Count {
    now: Mutex<usize>,
    changed: Condvar,
}

impl Count {
    pub(crate) fn add(&self) -> usize {
        let mut now = self.now.lock().unwrap();
        *now += 1;
        self.changed.notify_all();
        *now
    }

    pub(crate) fn get(&self) -> usize {
        *self.now.lock().unwrap()
    }

    /// Waits until the count is at least that.
    pub(crate) fn wait_for(&self, least: usize) {
        let now = self.now.lock().unwrap();
        let (now, timeout) = self.changed.wait_timeout_while(now, WATCHDOG, |now| *now < least).unwrap();
        assert!(!timeout.timed_out(), "waited for {least}, came to {}", *now);
    }
}

/// Waits until `condition` holds; if it never does, the time limit of all tests tells.
pub(crate) fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

/// What is known of the items of one input.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) pulled: Count,
    pub(crate) handed: AtomicUsize,
    pub(crate) peak: AtomicUsize,
    pub(crate) alive: AtomicUsize,
}

impl Gauge {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The numbers below `len`, counted as they are pulled.
    pub(crate) fn input(self: &Arc<Self>, len: usize) -> impl Iterator<Item = Tracked> + Send + 'static {
        let gauge = Arc::clone(self);
        (0..len).map(move |number| {
            let pulled = gauge.pulled.add();
            // One too few are counted as handed out while a result is on its way out of `next`.
            let between = pulled - gauge.handed.load(SeqCst);
            gauge.peak.fetch_max(between, SeqCst);
            Tracked::new(number, &gauge)
        })
    }

    /// An item was asked for, which makes room for another.
    pub(crate) fn ask(&self) {
        self.handed.fetch_add(1, SeqCst);
    }
}

/// A number that is counted while it lives.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) number: usize,
    gauge: Arc<Gauge>,
}

impl Tracked {
    fn new(number: usize, gauge: &Arc<Gauge>) -> Self {
        gauge.alive.fetch_add(1, SeqCst);
        Tracked { number, gauge: Arc::clone(gauge) }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.gauge.alive.fetch_sub(1, SeqCst);
    }
}
