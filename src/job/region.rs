//! Regions: which outside call or spawn a job descends from.

use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use std::cell::Cell;

/// The identity of what a job belongs to: the call from outside the pool, or the detached spawn, that it descends
/// from.
///
/// Jobs carry it from the start, so that a thread can one day be restricted, while it waits, to the jobs of one
/// region. Nothing restricts itself yet. Where `usize` has 32 bits the numbers come round after four billion
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
