//! Layer 4: how far one thread goes alone before a scan is shared.
//!
//! What another thread scans has to be gone through again, and on few items that costs more than it saves. Nobody knows
//! beforehand what the operation costs. So a scan begins alone, in blocks that are timed, and is shared when what is left
//! would take long enough.

use std::ops::Range;

use crate::fork::Ticks;
use crate::iter::schedule::thread_count;

const MICROSECOND: u64 = 1000 * Ticks::PER_NANOSECOND;

/// What is left is worth sharing among many threads if it would take one thread this long.
const WORTH_SHARING: u64 = 300 * MICROSECOND;

/// With a second thread alone there is so much more to be saved first, as nearly all that it does is done twice; with more
/// threads, less.
const FOR_A_SECOND: u64 = 900 * MICROSECOND;

/// A part that is worth a thread's while takes at least this long.
const PIECE: u64 = 10 * MICROSECOND;

/// Blocks grow until they take so long; such a block also tells what an item costs.
const BLOCK: u64 = 4 * MICROSECOND;

/// What is left for all threads.
#[derive(Debug)]
pub(super) struct Rest {
    /// How many items have been scanned.
    pub(super) done: usize,
    /// The fewest items that a thread shall be given.
    pub(super) piece: usize,
}

/// Calls `scan` with the positions of one block after another, of `len` items in all, until it turns out that what is
/// left is worth sharing. None if nothing is left.
pub(super) fn alone(len: usize, mut scan: impl FnMut(Range<usize>)) -> Option<Rest> {
    let (mut done, mut block) = (0, 2);
    let mut looked = Ticks::now();
    while done < len {
        let start = done;
        done = len.min(start + block);
        scan(start..done);
        let now = Ticks::now();
        let ticks = now.since(looked).max(1);
        looked = now;
        if ticks < BLOCK {
            block = block.saturating_mul(4);
            continue;
        }
        let (left, ran) = ((len - done) as u64, (done - start) as u64);
        let takes = |least: u64| ticks.saturating_mul(left) >= least.saturating_mul(ran);
        if takes(WORTH_SHARING) && worth_sharing(thread_count()).is_some_and(takes) {
            let piece = usize::try_from(PIECE.saturating_mul(ran) / ticks).unwrap_or(usize::MAX);
            return Some(Rest { done, piece: piece.max(1) });
        }
    }
    None
}

/// How long what is left would have to take one thread, for so many to share it.
fn worth_sharing(threads: usize) -> Option<u64> {
    let others = threads.checked_sub(1).filter(|&others| others > 0)?;
    Some(WORTH_SHARING + FOR_A_SECOND / others as u64)
}
