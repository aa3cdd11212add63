//! The counts of the threads that search, sleep and wait in jobs, and the cached slot, in one word; beside it the
//! counts of all restricted threads and of those that have yet to start.

use super::slots::{Restriction, SearchPermit};
use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// | bits of 64 | of 32   | meaning                                              |
/// |------------|---------|------------------------------------------------------|
/// | 0 – 15     | 0 – 7   | workers that search for work                         |
/// | 16 – 31    | 8 – 15  | workers that sleep, or are about to                  |
/// | 32 – 47    | 16 – 23 | the cached slot: its index and one; 0 for none       |
/// | 48 – 63    | 24 – 31 | threads that wait in a job                           |
///
/// A pool has at most [`MAX_WORKERS`] workers, so no part overflows into the next.
#[derive(Debug)]
pub(crate) struct Counters {
    workers: AtomicUsize,
    /// How many threads wait restricted, those in jobs included.
    restricted: AtomicU32,
    /// How many slots' own threads have not started yet.
    coming: AtomicU32,
}

/// The word as it was at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot(usize);

/// The number of bits of a part.
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

    /// The index of the cached slot.
    #[inline]
    pub(crate) fn cached(self) -> Option<usize> {
        self.part(ONE_CACHED).checked_sub(1)
    }

    /// How many threads wait in a job, and can hand their slot over.
    #[inline]
    pub(crate) fn in_jobs(self) -> usize {
        self.part(ONE_IN_JOB)
    }

    fn part(self, one: usize) -> usize {
        self.0 / one % (1 << PART)
    }

    /// The word without the cached slot, which was counted as sleeping.
    fn without_cached(self) -> usize {
        self.0 - self.part(ONE_CACHED) * ONE_CACHED - ONE_SLEEPING
    }
}

// The changes of the counts are relaxed. The fences in `Sleep`, next to each change, order a queue's contents against the
// counts.
//
// The changes of the cached slot hand a slot over: `leave_cached` releases, `lease_cached` and `take_cached` acquire.
// `take_cached`, if it finds another slot cached or none, releases to the next `leave_cached`. Every change is a
// read-modify-write, so changes in between keep the release sequence going.
impl Counters {
    pub(crate) fn new(coming: usize) -> Self {
        let coming = AtomicU32::new(u32::try_from(coming).expect("fewer than MAX_WORKERS"));
        Counters { workers: AtomicUsize::new(0), restricted: AtomicU32::new(0), coming }
    }

    /// How many slots' own threads have not started yet. They look at the queues when they start.
    #[inline]
    pub(crate) fn coming(&self) -> usize {
        self.coming.load(Ordering::Relaxed) as usize
    }

    /// One of them has started, or will never start.
    pub(crate) fn came(&self) {
        self.coming.fetch_sub(1, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn load(&self, order: Ordering) -> Snapshot {
        Snapshot(self.workers.load(order))
    }

    /// Counts the caller as searching, unless `max` threads search already.
    pub(crate) fn try_begin_search(&self, max: usize) -> SearchPermit {
        let mut now = self.load(Ordering::Relaxed);
        while now.searching() < max {
            let next = now.0 + ONE_SEARCHING;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return SearchPermit::Granted,
                Err(changed) => now = Snapshot(changed),
            }
        }
        SearchPermit::Refused
    }

    /// A searcher stops searching; returns the word after that.
    pub(crate) fn end_search(&self) -> Snapshot {
        Snapshot(self.workers.fetch_sub(ONE_SEARCHING, Ordering::Relaxed) - ONE_SEARCHING)
    }

    /// A worker falls asleep. Under the lock of the sleepers.
    pub(crate) fn fell_asleep(&self, permit: SearchPermit) {
        match permit {
            SearchPermit::Granted => self.workers.fetch_add(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed),
            SearchPermit::Refused => self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed),
        };
    }

    /// A sleeper becomes a searcher. Under the lock of the sleepers.
    pub(crate) fn woken(&self) {
        self.workers.fetch_sub(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed);
    }

    /// A sleeper's slot was taken by another thread. Under the lock of the sleepers.
    pub(crate) fn went_away(&self) {
        self.workers.fetch_sub(ONE_SLEEPING, Ordering::Relaxed);
    }

    /// A slot is free again; returns the word before that. Under the lock of the sleepers.
    pub(crate) fn came_back(&self) -> Snapshot {
        Snapshot(self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed))
    }

    /// Gives a leased slot back and makes it the cached one, unless there is one; returns the word before that.
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

    /// Leases the cached slot, if there is one.
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

    /// Takes the cached slot, if there is one and `is_meant` accepts it, to wake its idle thread, which is counted as
    /// searching.
    pub(crate) fn wake_cached(&self, is_meant: impl Fn(usize) -> bool) -> Option<usize> {
        self.take_cached(is_meant, ONE_SEARCHING)
    }

    /// Takes the cached slot, if it is `index`, for a thread that wants it back. Returns true if it was.
    pub(crate) fn return_to_cached(&self, index: usize) -> bool {
        self.take_cached(|cached| cached == index, 0).is_some()
    }

    /// If `is_meant` accepts no cached slot, the thread that next leaves a slot cached sees everything before this
    /// call.
    fn take_cached(&self, is_meant: impl Fn(usize) -> bool, added: usize) -> Option<usize> {
        // A read-modify-write that changes nothing, so that this read takes part in the release sequence; a plain load would
        // not be ordered against `leave_cached`.
        let mut now = Snapshot(self.workers.fetch_add(0, Ordering::Release));
        while let Some(index) = now.cached().filter(|&index| is_meant(index)) {
            let next = now.without_cached() + added;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(index),
                Err(changed) => now = Snapshot(changed),
            }
        }
        None
    }

    /// An idle thread that was waiting for its slot has been granted it, and is counted as searching. Under the lock of
    /// the sleepers.
    pub(crate) fn granted(&self) {
        self.workers.fetch_add(ONE_SEARCHING, Ordering::Relaxed);
    }

    /// How many threads wait for work of their region alone: external callers, and workers in jobs and isolated calls.
    #[inline]
    pub(crate) fn restricted(&self) -> usize {
        self.restricted.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn restricted_waits(&self, kind: Restriction) {
        if kind == Restriction::InJob {
            // In the word, because a searcher that ends its search after this must see it; if it did so before, the
            // look that follows here sees everything that was published for the searcher.
            self.workers.fetch_add(ONE_IN_JOB, Ordering::Relaxed);
        }
        self.restricted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn restricted_goes_on(&self, kind: Restriction) {
        self.restricted.fetch_sub(1, Ordering::Relaxed);
        if kind == Restriction::InJob {
            self.workers.fetch_sub(ONE_IN_JOB, Ordering::Relaxed);
        }
    }
}
