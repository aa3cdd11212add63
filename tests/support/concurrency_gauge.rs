//! A gauge of how many threads work in a pool at a time, and under which index.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

/// How many threads work, and the most that did at a time.
#[derive(Debug)]
pub(crate) struct ConcurrencyGauge {
    at_work: AtomicUsize,
    most: AtomicUsize,
    slots: Vec<AtomicBool>,
}

impl ConcurrencyGauge {
    pub(crate) fn new(threads: usize) -> Self {
        let slots = (0..threads).map(|_| AtomicBool::new(false)).collect();
        ConcurrencyGauge { at_work: AtomicUsize::new(0), most: AtomicUsize::new(0), slots }
    }

    /// A piece of work that calls nothing of the pool's, so that in each slot one begins when the one before has ended.
    pub(crate) fn work(&self) {
        let index = paceline::current_thread_index().expect("work is done in the pool");
        assert!(!self.slots[index].swap(true, SeqCst), "two threads work as {index}");
        let at_work = self.at_work.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(at_work, SeqCst);
        // Others get their chance to be where they must not be.
        thread::yield_now();
        self.at_work.fetch_sub(1, SeqCst);
        self.slots[index].store(false, SeqCst);
    }

    /// To be called when work was done, and while no thread works.
    pub(crate) fn assert_never_more_than(&self, threads: usize) {
        let most = self.most.load(SeqCst);
        assert!((1..=threads).contains(&most), "{most} at work in a pool of {threads}");
        assert_eq!(self.at_work.load(SeqCst), 0);
    }
}
