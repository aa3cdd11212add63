//! Layer 5: the unstable sort.
//!
//! A slice that mostly consists of long runs is sorted by merging them. Any other slice is divided by swaps: no item
//! leaves the slice, so after any panic all items are there.

use std::cmp::Ordering;

use super::divide::divide;
use super::halves::{run_both, run_inside};
use super::kernels::{ByComparison, Dividing, Front};
use super::{by_runs, indirect, leaf, segments};
use crate::fork::current_num_threads;

/// The fewest items to search for runs.
const FEWEST: usize = 8 * 1024;

/// The fewest items without runs that several threads sort faster than one.
const FEWEST_DIVIDED: usize = 16 * 1024;

/// The fewest items that are worth a task.
const LEAST_LEAF: usize = 2 * 1024;

/// The most threads that divide one part together: with more, choosing the pivots would take longer than dividing.
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

/// The plan for sorting a part.
#[derive(Clone, Copy, Debug)]
struct SortPlan {
    /// The most items that are sorted by one thread.
    leaf: usize,
    /// The maximal number of divisions.
    levels: u32,
    /// The number of threads for the part.
    ways: usize,
}

fn sort_parts<T: Send>(items: &mut [T], plan: SortPlan, kernels: &dyn Dividing<T>) {
    // After too many bad pivots std's sort takes over, which copes with bad pivots.
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

/// Sorts a slice with two sorted parts, the upper from `middle` on, and few items on the wrong side.
fn sort_overlap<T: Send>(items: &mut [T], middle: usize, plan: SortPlan, kernels: &dyn Dividing<T>) {
    let (lower, upper) = items.split_at(middle);
    let ([.., last], [first, ..]) = (lower, upper) else { return };
    let start = kernels.bound(lower, first, Front::NotGreater);
    let end = middle + kernels.bound(upper, last, Front::Less);
    // A single way has no overlap. So this ends even if the comparison keeps giving wrong results.
    sort_parts(&mut items[start..end], SortPlan { ways: 1, ..plan }, kernels);
}
