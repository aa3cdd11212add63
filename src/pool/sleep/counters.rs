//! How many workers of a pool search, sleep and wait in jobs, and which slot is cached, in one word; and how many wait in all
//! that run only jobs of their region.

use crate::pool::sleep::{SearchPermit, Sitter};
use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// | bits of 64 | of 32   | meaning                                              |
/// |------------|---------|------------------------------------------------------|
/// | 0 – 15     | 0 – 7   | workers that search for work                         |
/// | 16 – 31    | 8 – 15  | workers that sleep, or are about to                  |
/// | 32 – 47    | 16 – 23 | the cached slot: its worker's index and one, or none   |
/// | 48 – 63    | 24 – 31 | owners that wait in a job                            |
///
/// A pool has at most [`MAX_WORKERS`] workers, so no part overflows into the next.
#[derive(Debug)]
pub(crate) struct Counters {
    workers: AtomicUsize,
    /// How many wait restricted, those in jobs included.
    restricted: AtomicU32,
}

/// What the word said at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot(usize);

/// The bits of a part.
const PART: u32 = usize::BITS / 4;

const ONE_SEARCHING: usize = 1;
const ONE_SLEEPING: usize = 1 << PART;
const ONE_CACHED: usize = 1 << (2 * PART);
const ONE_IN_JOB: usize = 1 << (3 * PART);

/// The most workers that a part of the word can count.
pub(crate) const MAX_WORKERS: usize = (1 << PART) - 1;

impl Snapshot {
    #[inline]
    pub(crate) fn searching(self) -> usize {
        self.0 % ONE_SLEEPING
    }

    #[inline]
    pub(crate) fn sleeping(self) -> usize {
        self.part(ONE_SLEEPING)
    }

    /// Whose slot is cached.
    #[inline]
    pub(crate) fn cached(self) -> Option<usize> {
        self.part(ONE_CACHED).checked_sub(1)
    }

    /// How many owners wait in a job, and can hand their place over.
    #[inline]
    pub(crate) fn in_jobs(self) -> usize {
        self.part(ONE_IN_JOB)
    }

    fn part(self, one: usize) -> usize {
        self.0 / one % (1 << PART)
    }

    /// Without the cached slot's worker, which slept.
    fn without_cached(self) -> usize {
        self.0 - self.part(ONE_CACHED) * ONE_CACHED - ONE_SLEEPING
    }
}

// The changes of the counts are relaxed, but for `end_search`. What they have to order, a queue's contents against the
// counts, is ordered by the fences in `Sleep`, next to each change.
// Those of the cached slot hand a worker over: `leave_cached` releases, `lease_cached`
// and `wake_cached` acquire. And `wake_cached`, finding no cached slot, releases to the next `leave_cached`. As every change is a
// read-modify-write, whatever comes in between passes on what was released.
impl Counters {
    pub(crate) fn new(searching: usize) -> Self {
        debug_assert!(searching <= MAX_WORKERS);
        let workers = AtomicUsize::new(searching * ONE_SEARCHING);
        Counters { workers, restricted: AtomicU32::new(0) }
    }

    #[inline]
    pub(crate) fn load(&self, order: Ordering) -> Snapshot {
        Snapshot(self.workers.load(order))
    }

    /// Counts the caller as searching unless `max` do so already.
    pub(crate) fn try_begin_search(&self, max: usize) -> SearchPermit {
        let mut now = self.load(Ordering::Relaxed);
        while now.searching() < max {
            let next = now.0 + ONE_SEARCHING;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return SearchPermit::Searching,
                Err(changed) => now = Snapshot(changed),
            }
        }
        SearchPermit::Standby
    }

    /// A searcher stops searching; returns what is left.
    pub(crate) fn end_search(&self) -> Snapshot {
        // Release pairs with the fence of every later change that a look at the queues follows, in `Sleep::register` and
        // `Sleep::end_search`: what is left of a batch in the searcher's own deque is seen there.
        Snapshot(self.workers.fetch_sub(ONE_SEARCHING, Ordering::Release) - ONE_SEARCHING)
    }

    /// A worker lies down. Under the lock of the sleepers.
    pub(crate) fn fell_asleep(&self, permit: SearchPermit) {
        match permit {
            SearchPermit::Searching => self.workers.fetch_add(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed),
            SearchPermit::Standby => self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed),
        };
    }

    /// A sleeper becomes a searcher. Under the lock of the sleepers.
    pub(crate) fn woken(&self) {
        self.workers.fetch_sub(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed);
    }

    /// A sleeper's slot was lent. Under the lock of the sleepers.
    pub(crate) fn went_away(&self) {
        self.workers.fetch_sub(ONE_SLEEPING, Ordering::Relaxed);
    }

    /// A sleeper's slot was given back; returns what there was before. Under the lock of the sleepers.
    pub(crate) fn came_back(&self) -> Snapshot {
        Snapshot(self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed))
    }

    /// A lent slot is given back and is the cached one, unless there is one; returns what there was before.
    #[inline]
    pub(crate) fn leave_cached(&self, index: usize) -> Option<Snapshot> {
        let mut now = self.load(Ordering::Relaxed);
        while now.cached().is_none() {
            let next = now.0 + ONE_SLEEPING + (index + 1) * ONE_CACHED;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return Some(now),
                Err(changed) => now = Snapshot(changed),
            }
        }
        None
    }

    /// The cached slot, if there is one, is lent again.
    #[inline]
    pub(crate) fn lease_cached(&self) -> Option<usize> {
        let mut now = self.load(Ordering::Relaxed);
        while let Some(index) = now.cached() {
            match self.workers.compare_exchange_weak(now.0, now.without_cached(), Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return Some(index),
                Err(changed) => now = Snapshot(changed),
            }
        }
        None
    }

    /// The cached slot's worker, if there is one that `is_meant`, becomes a searcher.
    ///
    /// If not, whoever gives a slot back later sees what happened before this call.
    pub(crate) fn wake_cached(&self, is_meant: impl Fn(usize) -> bool) -> Option<usize> {
        // A change, though of nothing: for a mere look nobody would be before or after.
        let mut now = Snapshot(self.workers.fetch_add(0, Ordering::Release));
        while let Some(index) = now.cached().filter(|&index| is_meant(index)) {
            let next = now.without_cached() + ONE_SEARCHING;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(index),
                Err(changed) => now = Snapshot(changed),
            }
        }
        None
    }

    /// How many wait for work of their region alone: external_callers, and workers in jobs and isolated calls.
    #[inline]
    pub(crate) fn restricted(&self) -> usize {
        self.restricted.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn restricted_waits(&self, sitter: Sitter) {
        if sitter == Sitter::InJob {
            // In the word: who ends its search after this sees it, and who did so before saw all that was published for it.
            self.workers.fetch_add(ONE_IN_JOB, Ordering::Relaxed);
        }
        self.restricted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn restricted_goes_on(&self, sitter: Sitter) {
        self.restricted.fetch_sub(1, Ordering::Relaxed);
        if sitter == Sitter::InJob {
            self.workers.fetch_sub(ONE_IN_JOB, Ordering::Relaxed);
        }
    }
}
