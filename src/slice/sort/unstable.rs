//! Layer 5: the unstable sort.
//!
//! No item leaves the slice: it is divided by swaps, so whatever panics, all items are there.

use std::cmp::Ordering;

use super::divide::divide;
use super::front::sort_front;
use super::halves::{run_both, run_inside};
use super::indirect;
use super::leaf;
use crate::fork::current_num_threads;

/// The fewest items that several threads sort faster than one.
const FEWEST: usize = 16 * 1024;

/// The fewest items that are worth a task.
const LEAST_LEAF: usize = 2 * 1024;

/// Threads that divide one part together, at most: more would take longer to choose pivots for than to divide.
const MOST_WAYS: usize = 64;

/// Sorts `items` in place.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    if items.len() < FEWEST || size_of::<T>() == 0 || current_num_threads() == 1 {
        return leaf::sort_unstable(items, compare);
    }
    run_inside(|| sort_here(items, compare));
}

fn sort_here<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let len = items.len();
    if sort_front(items, compare) == len {
        return;
    }
    let threads = current_num_threads();
    // Several parts for each thread, so that all end at about the same time.
    let leaf = (len / (8 * threads)).max(LEAST_LEAF).min(indirect::most_unstable::<T>().unwrap_or(len));
    // Twice as deep as even divisions would need, and some more.
    let levels = 2 * (len / leaf).ilog2() + 8;
    sort_parts(items, Plan { leaf, levels, ways: threads.min(MOST_WAYS) }, compare);
}

/// How to sort a part.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// The most items that are sorted by one thread.
    leaf: usize,
    /// How often to divide at most.
    levels: u32,
    /// How many threads there are for the part.
    ways: usize,
}

fn sort_parts<T, C>(items: &mut [T], plan: Plan, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    // After too many bad pivots std, which sees to its own, takes over.
    if items.len() <= plan.leaf || plan.levels == 0 {
        return leaf::sort_unstable(items, compare);
    }
    let ways = plan.ways.min(items.len() / LEAST_LEAF).max(1);
    let division = divide(items, ways, compare);
    let plan = Plan { levels: plan.levels - 1, ways: plan.ways.div_ceil(2), ..plan };
    let (lower, rest) = items.split_at_mut(division.lower);
    let upper = &mut rest[division.upper - division.lower..];
    run_both(|| sort_parts(lower, plan, compare), || sort_parts(upper, plan, compare));
    if division.overlaps {
        sort_overlap(items, division.lower, plan, compare);
    }
}

/// Sorts the slice of which both parts are sorted, the upper from `middle` on, and few items are on the wrong side.
fn sort_overlap<T, C>(items: &mut [T], middle: usize, plan: Plan, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let ([.., last], [first, ..]) = items.split_at(middle) else { return };
    let start = items[..middle].partition_point(|item| compare(first, item) != Ordering::Less);
    let more = items[middle..].partition_point(|item| compare(item, last) == Ordering::Less);
    // With a single way there is no overlap, and no end to wrong answers could make this go on for ever.
    sort_parts(&mut items[start..middle + more], Plan { ways: 1, ..plan }, compare);
}
