//! Who searches for work, who sleeps, and whom to wake. The protocol and its argument are in `README.md`.

mod counters;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use self::counters::Counters;
pub(crate) use self::counters::MAX_WORKERS;
use crate::sync::atomic::{Ordering, fence};
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use crossbeam_utils::CachePadded;
use std::sync::Arc;

/// The sleep state of one pool.
///
/// 1. A worker is counted as searching from its making, from [`Sleep::begin_search`] (if that says yes), or from its
///    wake-up, until [`Sleep::end_search`] or [`Sleep::register`]. So work can be published for a worker whose thread
///    is yet to start.
/// 2. A worker is counted as sleeping exactly while its index is in `sleepers`: both change under the lock.
/// 3. The worker whose index is taken out of `sleepers` is counted as searching in the same step, whether another
///    thread took it out to wake it or the worker did so itself.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// How many search and how many sleep. Publishers read it after each publication; it changes only when a worker
    /// runs out of work or finds some.
    counters: CachePadded<Counters>,
    /// Who sleeps. The last to lie down is the first to be woken: its caches are the warmest.
    sleepers: Mutex<Vec<usize>>,
    /// Where each worker parks.
    parkers: Box<[Arc<Parker>]>,
    /// How many may search at once: half of the pool, and at least one.
    max_searching: usize,
}

impl Sleep {
    /// For a pool of `workers` workers, of which `coming` have a thread that is about to start and to search.
    pub(crate) fn new(workers: usize, coming: usize) -> Self {
        Sleep {
            counters: CachePadded::new(Counters::new(coming)),
            sleepers: Mutex::new(Vec::with_capacity(workers)),
            parkers: (0..workers).map(|_| Arc::new(Parker::new())).collect(),
            max_searching: (workers / 2).max(1),
        }
    }

    /// So many of the workers that were about to start never will.
    pub(crate) fn never_came(&self, refused: usize) {
        for _ in 0..refused {
            self.end_search(|| 0);
        }
    }

    /// The parker of one worker.
    pub(crate) fn parker(&self, index: usize) -> &Arc<Parker> {
        &self.parkers[index]
    }

    /// How many workers have nothing to do, searching or asleep. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() + now.sleeping()
    }

    /// Called after jobs were made visible in a public queue: sees to it that somebody looks for them.
    ///
    /// The fence stands between the publication, before it, and the look at the counters. It pairs with the fences
    /// in [`Sleep::register`] and [`Sleep::end_search`], which stand between a change of the counters and a look at
    /// the queues: of two threads that fence, one sees what the other did before its fence.
    #[inline]
    pub(crate) fn work_published(&self) {
        fence(Ordering::SeqCst);
        let now = self.counters.load(Ordering::Relaxed);
        if now.searching() == 0 && now.sleeping() > 0 {
            self.wake_one();
        }
    }

    /// Wakes the last worker that fell asleep, and counts it as searching.
    #[cold]
    fn wake_one(&self) {
        let mut sleepers = self.sleepers.lock();
        // Somebody may have been woken since the caller looked; then that one sees what the caller published.
        if self.counters.load(Ordering::Relaxed).searching() > 0 {
            return;
        }
        if let Some(index) = sleepers.pop() {
            self.counters.woken();
            drop(sleepers);
            self.parkers[index].notify();
        }
    }

    /// A worker that has run out of work asks to be counted among the searchers. When as many search as should, the
    /// answer is no, and the worker goes to sleep by [`Sleep::register`], which looks at every queue once more.
    pub(crate) fn begin_search(&self) -> Standing {
        self.counters.try_begin_search(self.max_searching)
    }

    /// A searcher goes back to work, or returns to its caller.
    ///
    /// While it was counted as searching, publishers relied on it and woke nobody. So if it was the last, it looks
    /// whether there is more to do, as told by `more_work` (how many queues have something in them, up to 2), and
    /// wakes as many in its place. Every one of those does the same in turn: a tree of wake-ups, not a chain.
    pub(crate) fn end_search(&self, more_work: impl FnOnce() -> usize) {
        let now = self.counters.end_search();
        if now.searching() > 0 || now.sleeping() == 0 {
            return;
        }
        // Between the change of the counters and the look at the queues: pairs with `work_published`.
        fence(Ordering::SeqCst);
        for _ in 0..more_work() {
            self.wake_another();
        }
    }

    /// Wakes a sleeper though others may search: for the wake-up tree, which wants two at once.
    #[cold]
    fn wake_another(&self) {
        let mut sleepers = self.sleepers.lock();
        if let Some(index) = sleepers.pop() {
            self.counters.woken();
            drop(sleepers);
            self.parkers[index].notify();
        }
    }

    /// A worker lies down. After this returns it must look at every public queue once more before it parks.
    pub(crate) fn register(&self, index: usize, standing: Standing) {
        let mut sleepers = self.sleepers.lock();
        sleepers.push(index);
        self.counters.fell_asleep(standing);
        drop(sleepers);
        // Between the change of the counters and the last look at the queues: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// A worker gets up, for whatever reason. Afterwards it is counted as searching (invariant 3).
    pub(crate) fn deregister(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        // When somebody else took the index out, that one has counted the worker as searching already.
        if let Some(place) = sleepers.iter().rposition(|&sleeper| sleeper == index) {
            sleepers.remove(place);
            self.counters.woken();
        }
    }

    /// Makes one worker look up, asleep or not: its mailbox has something in it, or the pool ends.
    pub(crate) fn notify(&self, index: usize) {
        self.parkers[index].notify();
    }
}

/// Whether an idle worker is counted among the searchers.
#[must_use = "a worker counted as searching must end its search or register as sleeping"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is, and publishers rely on it.
    Searching,
    /// As many search as should: it only looks round once more on its way to sleep.
    Spare,
}
