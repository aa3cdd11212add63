//! How many workers of a pool search and sleep, in one word, and how many wait that are restricted.

use crate::pool::sleep::Standing;
use crate::sync::atomic::{AtomicU32, Ordering};

/// | bits    | meaning                          |
/// |---------|----------------------------------|
/// | 0 – 15  | workers that search for work     |
/// | 16 – 31 | workers that sleep, or are about to |
///
/// A pool has at most [`MAX_WORKERS`] workers, so neither half overflows into the other.
#[derive(Debug)]
pub(crate) struct Counters {
    workers: AtomicU32,
    restricted: AtomicU32,
}

/// What the word said at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot(u32);

const ONE_SEARCHING: u32 = 1;
const ONE_SLEEPING: u32 = 1 << 16;

/// The most workers that a half of the word can count.
pub(crate) const MAX_WORKERS: usize = (1 << 16) - 1;

impl Snapshot {
    #[inline]
    pub(crate) fn searching(self) -> usize {
        (self.0 % ONE_SLEEPING) as usize
    }

    #[inline]
    pub(crate) fn sleeping(self) -> usize {
        (self.0 / ONE_SLEEPING) as usize
    }
}

// The changes are relaxed. What they have to order, a queue's contents against the counts, is ordered by the fences
// in `Sleep`, next to each change.
impl Counters {
    pub(crate) fn new(searching: usize) -> Self {
        debug_assert!(searching <= MAX_WORKERS);
        let workers = AtomicU32::new(searching as u32 * ONE_SEARCHING);
        Counters { workers, restricted: AtomicU32::new(0) }
    }

    #[inline]
    pub(crate) fn load(&self, order: Ordering) -> Snapshot {
        Snapshot(self.workers.load(order))
    }

    /// Counts the caller as searching unless `max` do so already.
    pub(crate) fn try_begin_search(&self, max: usize) -> Standing {
        let mut now = self.load(Ordering::Relaxed);
        while now.searching() < max {
            let next = now.0 + ONE_SEARCHING;
            match self.workers.compare_exchange_weak(now.0, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Standing::Searching,
                Err(changed) => now = Snapshot(changed),
            }
        }
        Standing::Spare
    }

    /// A searcher stops searching; returns what is left.
    pub(crate) fn end_search(&self) -> Snapshot {
        Snapshot(self.workers.fetch_sub(ONE_SEARCHING, Ordering::Relaxed) - ONE_SEARCHING)
    }

    /// A worker lies down. Under the lock of the sleepers.
    pub(crate) fn fell_asleep(&self, standing: Standing) {
        match standing {
            Standing::Searching => self.workers.fetch_add(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed),
            Standing::Spare => self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed),
        };
    }

    /// A sleeper becomes a searcher. Under the lock of the sleepers.
    pub(crate) fn woken(&self) {
        self.workers.fetch_sub(ONE_SLEEPING - ONE_SEARCHING, Ordering::Relaxed);
    }

    /// A sleeper's seat was lent. Under the lock of the sleepers.
    pub(crate) fn went_away(&self) {
        self.workers.fetch_sub(ONE_SLEEPING, Ordering::Relaxed);
    }

    /// A sleeper's seat was given back; returns what there was before. Under the lock of the sleepers.
    pub(crate) fn came_back(&self) -> Snapshot {
        Snapshot(self.workers.fetch_add(ONE_SLEEPING, Ordering::Relaxed))
    }

    /// How many wait for work of their region alone: guests, and workers in isolated calls.
    #[inline]
    pub(crate) fn restricted(&self) -> usize {
        self.restricted.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn restricted_waits(&self) {
        self.restricted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn restricted_goes_on(&self) {
        self.restricted.fetch_sub(1, Ordering::Relaxed);
    }
}
