//! Regions: which outside call or spawn a job descends from.

use crate::sync::atomic::{AtomicUsize, Ordering, StaticAtomicUsize};
use std::cell::Cell;

/// The identity of what a job belongs to: the call from outside the pool, or the detached spawn, that it descends
/// from.
///
/// A guest of the pool runs, while it waits, only jobs of its own call's region. Where `usize` has 32 bits the numbers come round after four billion
/// regions; only those alive at the same time must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region(usize);

/// How many numbers a thread draws at once, so that a burst of spawns does not meet on one counter.
const BATCH: usize = 1 << 12;

static NEXT_BATCH: StaticAtomicUsize = StaticAtomicUsize::new(0);

thread_local! {
    /// The calling thread's next number; a multiple of [`BATCH`] when the batch is spent.
    static NEXT: Cell<usize> = const { Cell::new(0) };
}

impl Region {
    /// Where a worker is when it runs no job.
    pub(crate) const NONE: Region = Region(0);

    /// A region that is nobody else's.
    #[inline]
    pub(crate) fn fresh() -> Region {
        NEXT.with(|next| {
            if next.get() % BATCH == 0 {
                // Only uniqueness matters: the counter orders nothing. A batch's first number is never given out, it
                // marks the spent batch, and the very first is `NONE`.
                next.set(NEXT_BATCH.fetch_add(BATCH, Ordering::Relaxed) + 1);
            }
            let region = next.get();
            next.set(region + 1);
            Region(region)
        })
    }
}

/// The region of what a worker runs, which others may look at. It orders nothing.
#[derive(Debug)]
pub(crate) struct RunningRegion(AtomicUsize);

impl RunningRegion {
    pub(crate) fn new() -> Self {
        RunningRegion(AtomicUsize::new(Region::NONE.0))
    }

    #[inline]
    pub(crate) fn get(&self) -> Region {
        Region(self.0.load(Ordering::Relaxed))
    }

    /// For the worker's owner alone.
    #[inline]
    pub(crate) fn replace(&self, region: Region) -> Region {
        let before = self.get();
        self.0.store(region.0, Ordering::Relaxed);
        before
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{BATCH, Region};
    use std::collections::HashSet;

    #[test]
    fn regions_differ_across_batches_and_threads() {
        let draw = || (0..2 * BATCH + 1).map(|_| Region::fresh().0).collect::<Vec<_>>();
        let other = std::thread::spawn(draw);
        let mut all: Vec<usize> = draw();
        all.extend(other.join().unwrap());
        all.push(Region::NONE.0);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
