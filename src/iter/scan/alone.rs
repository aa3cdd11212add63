//! Layer 4: how long one thread scans alone before a scan is shared.
//!
//! Items that another thread scans have to be processed twice, and for few items that costs more than it saves. The
//! cost of the operation is not known beforehand. So a scan begins on one thread, in blocks that are timed, and is
//! shared when the rest would take long enough.

use std::ops::Range;

use crate::fork::Ticks;
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::thread_count;
use crate::iter::schedule::tuning::{SCAN_BLOCK, SCAN_FOR_A_SECOND, SCAN_PIECE, SCAN_WORTH_SHARING};

/// The rest, for all threads.
#[derive(Debug)]
pub(super) struct ScanRest {
    /// The number of items that have been scanned.
    pub(super) done: usize,
    /// The minimal number of items for one thread.
    pub(super) piece: usize,
}

/// Calls `scan` with the positions of one block after another, of `len` items in all, until the rest turns out to be
/// worth sharing. `None` if there is no rest.
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
            // The block was too short to estimate the cost of the rest.
            continue;
        }
        let takes = |ticks| !ran.fits(len - done, ticks);
        if takes(SCAN_WORTH_SHARING) && worth_sharing(thread_count()).is_some_and(takes) {
            return Some(ScanRest { done, piece: ran.items_in(SCAN_PIECE).max(1) });
        }
    }
    None
}

/// The time that one thread must need for the rest, for `threads` threads to share it; `None` for one thread.
fn worth_sharing(threads: usize) -> Option<u64> {
    let others = threads.checked_sub(1).filter(|&others| others > 0)?;
    Some(SCAN_WORTH_SHARING + SCAN_FOR_A_SECOND / others as u64)
}
