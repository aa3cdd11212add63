//! Layer 4: scans whose stretches depend on the number of items alone, so that their results do.

use super::{join_stretches, scan_here};
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The most stretches: enough for some tens of threads.
const MOST: usize = 256;

/// Replaces each item by what the items up to it come to. Which of them are combined first depends on their number.
pub(super) fn inclusive<T, F>(items: &mut [T], op: &F)
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    let stretch = stretch_of(items.len());
    let stretches: Vec<&mut [T]> = items.chunks_mut(stretch).collect();
    stretches.into_par_iter().for_each(|stretch| scan_here(stretch, op));
    let starts: Vec<usize> = (stretch..items.len()).step_by(stretch).collect();
    join_stretches(items, &starts, op);
}

/// How many items a stretch has. The ends of the stretches are combined on one thread, so there are no more than a thread
/// that has one of them scans items.
fn stretch_of(len: usize) -> usize {
    len.isqrt().max(len.div_ceil(MOST)).max(1)
}
