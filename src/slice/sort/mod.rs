//! Layer 5: the sorts.
//!
//! Single threads sort by std's own sorts; what is here is how the work is shared. The stable sort cuts the slice
//! into runs, sorts each, and merges neighbours in parallel; the unstable one partitions the slice and goes on with
//! both parts in parallel.
//!
//! Items need not be [`Sync`], so at no time do two threads compare the same item. That rules out partitioning by
//! several threads around one pivot.

pub(super) mod cached_key;
mod merge;
mod partition;
mod permute;
mod run;
pub(super) mod stable;
pub(super) mod unstable;

use std::cmp::Ordering;

/// The fewest items that are worth a task.
const LEAST_LEAF: usize = 1024;

/// Whether the items were one run, which then is sorted. An input that is none costs a few comparisons, mostly.
fn sorted_as_one_run<T, C>(items: &mut [T], compare: &C) -> bool
where
    C: Fn(&T, &T) -> Ordering,
{
    if items.is_sorted_by(|a, b| compare(b, a) != Ordering::Less) {
        return true;
    }
    // No two items are equal there, so this keeps equal ones in order.
    let descending = items.is_sorted_by(|a, b| compare(b, a) == Ordering::Less);
    if descending {
        items.reverse();
    }
    descending
}
