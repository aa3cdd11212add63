//! Layer 4: how far one thread goes alone before a scan is shared.
//!
//! What another thread scans has to be gone through again, and on few items that costs more than it saves. Nobody knows
//! beforehand what the operation costs. So a scan begins alone, in blocks that are timed, and is shared when what is left
//! would take long enough.

use std::ops::Range;

use crate::fork::Ticks;
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::thread_count;
use crate::iter::schedule::tuning::{SCAN_BLOCK, SCAN_FOR_A_SECOND, SCAN_PIECE, SCAN_WORTH_SHARING};

/// What is left for all threads.
#[derive(Debug)]
pub(super) struct ScanRest {
    /// How many items have been scanned.
    pub(super) done: usize,
    /// The fewest items that a thread shall be given.
    pub(super) piece: usize,
}

/// Calls `scan` with the positions of one block after another, of `len` items in all, until it turns out that what is
/// left is worth sharing. None if nothing is left.
pub(super) fn alone(len: usize, mut scan: impl FnMut(Range<usize>)) -> Option<ScanRest> {
    let (mut done, mut block) = (0, 2);
    let mut looked = Ticks::now();
    while done < len {
        let start = done;
        done = len.min(start + block);
        scan(start..done);
        let now = Ticks::now();
        let ran = Cost::of(done - start, now.since(looked));
        looked = now;
        block = ran.next_batch(SCAN_BLOCK);
        if ran.ticks < SCAN_BLOCK / 2 {
            // The block was too short to tell what the rest costs.
            continue;
        }
        let takes = |ticks| !ran.fits(len - done, ticks);
        if takes(SCAN_WORTH_SHARING) && worth_sharing(thread_count()).is_some_and(takes) {
            return Some(ScanRest { done, piece: ran.items_in(SCAN_PIECE).max(1) });
        }
    }
    None
}

/// How long what is left would have to take one thread, for so many to share it.
fn worth_sharing(threads: usize) -> Option<u64> {
    let others = threads.checked_sub(1).filter(|&others| others > 0)?;
    Some(SCAN_WORTH_SHARING + SCAN_FOR_A_SECOND / others as u64)
}
