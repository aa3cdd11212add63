//! Layer 4: scans with stretches, and so results, that depend on the number of items alone.

use super::{join_stretches, scan_here};
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The most stretches: enough for some tens of threads.
const MOST: usize = 256;

/// Replaces each item by the combination of all items up to it. The grouping depends on the number of items alone.
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

/// The number of items in a stretch. The ends of the stretches are combined on one thread, so there are at most as many
/// stretches as items in a stretch.
fn stretch_of(len: usize) -> usize {
    len.isqrt().max(len.div_ceil(MOST)).max(1)
}
