//! Layer 5: the unstable sort.
//!
//! A slice that mostly consists of long runs is sorted by merging them. Any other is divided by swaps: no item leaves
//! the slice, so whatever panics, all items are there.

use std::cmp::Ordering;

use super::divide::divide;
use super::halves::{run_both, run_inside};
use super::kernels::{ByComparison, Dividing, Front};
use super::{by_runs, indirect, leaf, segments};
use crate::fork::current_num_threads;

/// The fewest items among which to look for runs.
const FEWEST: usize = 8 * 1024;

/// The fewest items without runs that several threads sort faster than one.
const FEWEST_DIVIDED: usize = 16 * 1024;

/// The fewest items that are worth a task.
const LEAST_LEAF: usize = 2 * 1024;

/// Threads that divide one part together, at most: more would take longer to choose pivots for than to divide.
const MOST_WAYS: usize = 64;

/// Sorts `items`, mostly in place.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    sort_by(items, &ByComparison::new(compare, leaf::sort_unstable));
}

fn sort_by<T: Send>(items: &mut [T], kernels: &dyn Dividing<T>) {
    if items.len() < FEWEST || size_of::<T>() == 0 {
        return kernels.sort(items);
    }
    run_inside(&mut || sort_here(items, kernels));
}

fn sort_here<T: Send>(items: &mut [T], kernels: &dyn Dividing<T>) {
    let len = items.len();
    let segments = segments::find(items, kernels.kernels());
    let in_runs = segments.iter().filter(|segment| segment.run.is_some()).map(|segment| segment.len).sum::<usize>();
    if in_runs >= len / 2 {
        return by_runs::sort(items, &segments, kernels.kernels());
    }
    let threads = current_num_threads();
    if len < FEWEST_DIVIDED || threads == 1 {
        return kernels.sort(items);
    }
    // Several parts for each thread, so that all end at about the same time.
    let leaf = (len / (8 * threads)).max(LEAST_LEAF).min(indirect::most_unstable::<T>().unwrap_or(len));
    // Twice as deep as even divisions would need, and some more.
    let levels = 2 * (len / leaf).ilog2() + 8;
    sort_parts(items, SortPlan { leaf, levels, ways: threads.min(MOST_WAYS) }, kernels);
}

/// How to sort a part.
#[derive(Clone, Copy, Debug)]
struct SortPlan {
    /// The most items that are sorted by one thread.
    leaf: usize,
    /// How often to divide at most.
    levels: u32,
    /// How many threads there are for the part.
    ways: usize,
}

fn sort_parts<T: Send>(items: &mut [T], plan: SortPlan, kernels: &dyn Dividing<T>) {
    // After too many bad pivots std, which sees to its own, takes over.
    if items.len() <= plan.leaf || plan.levels == 0 {
        return kernels.sort(items);
    }
    let ways = plan.ways.min(items.len() / LEAST_LEAF).max(1);
    let division = divide(items, ways, kernels);
    let plan = SortPlan { levels: plan.levels - 1, ways: plan.ways.div_ceil(2), ..plan };
    let (lower, rest) = items.split_at_mut(division.lower);
    let upper = &mut rest[division.upper - division.lower..];
    run_both(&mut || sort_parts(lower, plan, kernels), &mut || sort_parts(upper, plan, kernels));
    if division.overlaps {
        sort_overlap(items, division.lower, plan, kernels);
    }
}

/// Sorts the slice of which both parts are sorted, the upper from `middle` on, and few items are on the wrong side.
fn sort_overlap<T: Send>(items: &mut [T], middle: usize, plan: SortPlan, kernels: &dyn Dividing<T>) {
    let (lower, upper) = items.split_at(middle);
    let ([.., last], [first, ..]) = (lower, upper) else { return };
    let start = kernels.bound(lower, first, Front::NotGreater);
    let end = middle + kernels.bound(upper, last, Front::Less);
    // With a single way there is no overlap, and no end to wrong answers could make this go on for ever.
    sort_parts(&mut items[start..end], SortPlan { ways: 1, ..plan }, kernels);
}
