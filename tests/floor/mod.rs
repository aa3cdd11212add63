//! Counting who is at work in a pool, and under which index.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Who is at work.
#[derive(Debug)]
pub(crate) struct Floor {
    at_work: AtomicUsize,
    most: AtomicUsize,
    seats: Vec<AtomicBool>,
}

impl Floor {
    pub(crate) fn new(threads: usize) -> Self {
        let seats = (0..threads).map(|_| AtomicBool::new(false)).collect();
        Floor { at_work: AtomicUsize::new(0), most: AtomicUsize::new(0), seats }
    }

    /// A piece of work that calls nothing of the pool's, so that on each seat one begins when the one before has ended.
    pub(crate) fn work(&self) {
        let index = paceline::current_thread_index().expect("work is done in the pool");
        assert!(!self.seats[index].swap(true, SeqCst), "two threads work as {index}");
        let at_work = self.at_work.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(at_work, SeqCst);
        // Others get their chance to be where they must not be.
        thread::yield_now();
        self.at_work.fetch_sub(1, SeqCst);
        self.seats[index].store(false, SeqCst);
    }

    /// To be called when work was done, and as long as nobody is at it.
    pub(crate) fn assert_never_more_than(&self, threads: usize) {
        let most = self.most.load(SeqCst);
        assert!((1..=threads).contains(&most), "{most} at work in a pool of {threads}");
        assert_eq!(self.at_work.load(SeqCst), 0);
    }
}
