//! Layer 5: the unstable sort.
//!
//! No item leaves the slice: partitions are made by swaps, so whatever panics, all items are there.

use std::cmp::Ordering;

use super::partition::partition;
use super::{LEAST_LEAF, sorted_as_one_run};
use crate::fork::{current_num_threads, join_context};

/// Sorts `items` in place.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let len = items.len();
    if len < 4 * LEAST_LEAF || size_of::<T>() == 0 || current_num_threads() == 1 {
        return items.sort_unstable_by(compare);
    }
    if sorted_as_one_run(items, compare) {
        return;
    }
    let leaf = (len / (8 * current_num_threads())).max(LEAST_LEAF);
    // Twice as deep as even partitions would need, and some more.
    let levels = 2 * (len / leaf).ilog2() + 8;
    sort_parts(items, leaf, levels, compare);
}

fn sort_parts<T, C>(items: &mut [T], leaf: usize, levels: u32, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    // After too many bad pivots std, which sees to its own, takes over.
    if items.len() <= leaf || levels == 0 {
        return items.sort_unstable_by(compare);
    }
    let levels = levels - 1;
    let (lower, upper) = partition(items, compare);
    join_context(|_| sort_parts(lower, leaf, levels, compare), |_| sort_parts(upper, leaf, levels, compare));
}
