//! Layer 5: selection: finds the item that belongs at an index.
//!
//! A sorted sample gives two items that the wanted one most likely lies between. Several threads move the smaller items
//! to the front and the greater ones to the end, each by pivots of its own (see [`super::divide`]); one thread goes on
//! with the few that are left. If the sample was wrong, which is checked afterwards, one thread selects among all
//! items.

use std::cmp::Ordering;
use std::ops::Range;

use super::divide::{Division, bring_to_front, divide, equals, sort_sample};
use super::halves::run_inside;
use super::kernels::{ByComparison, Dividing, Front};
use super::leaf;
use super::parallel_partition::{exchange, partition_by};
use crate::fork::current_num_threads;

/// The fewest items among which several threads select faster than one.
const FEWEST: usize = 32 * 1024;

/// Up to this number of items, sorting is no slower than selecting.
const LEAF: usize = 512;

/// The most items in the sample for choosing pivots.
const MOST_SAMPLE: usize = 2048;

/// The most threads that partition together: each needs two pivots from the sample.
const MOST_WAYS: usize = 32;

/// Moves to `index` the item that belongs there, with smaller or equal items before it and greater or equal ones after
/// it.
///
/// Returns the items before it, the item, and the items after it.
#[track_caller]
pub(in crate::slice) fn select<'a, T, C>(
    items: &'a mut [T],
    index: usize,
    compare: &C,
) -> (&'a mut [T], &'a mut T, &'a mut [T])
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let len = items.len();
    assert!(index < len, "the index to select is {index}, but the slice has {len} items");
    select_by(items, index, &ByComparison::new(compare, leaf::sort_unstable));
    let (before, rest) = items.split_at_mut(index);
    let (item, behind) = rest.split_first_mut().expect("the index lies in the slice");
    (before, item, behind)
}

fn select_by<T: Send>(items: &mut [T], index: usize, kernels: &dyn Dividing<T>) {
    let threads = threads_for(items);
    let mut is_done = false;
    if threads > 1 {
        run_inside(&mut || is_done = select_by_sample(items, index, threads.min(MOST_WAYS), kernels));
    }
    if !is_done {
        select_alone(items, index, kernels);
    }
}

/// The number of threads to select with.
fn threads_for<T>(items: &[T]) -> usize {
    if items.len() < FEWEST || size_of::<T>() == 0 { 1 } else { current_num_threads() }
}

/// Selects and returns true, unless the sample was wrong.
fn select_by_sample<T: Send>(items: &mut [T], index: usize, ways: usize, kernels: &dyn Dividing<T>) -> bool {
    let len = items.len();
    let sample = sort_sample(items, MOST_SAMPLE.min(len / 16), kernels);
    // The wanted item's rank in the sample is off by a standard deviation of at most half its length's root.
    let margin = 2 * sample.len().isqrt();
    let rank = (sample.len() as f64 * (index as f64 / len as f64)) as usize;
    let sampled = sample.len();
    let same = equals(sample, rank.min(sampled - 1), kernels);
    if same.len() >= ways.max(2 * margin) {
        select_among_equals(items, index, Sampled { len: sampled, same }, ways, kernels);
        return true;
    }
    let low_rank = rank.checked_sub(margin + ways);
    let high_rank = Some(rank + margin).filter(|high| high + ways <= sampled);
    let Pivots { low, high } = Pivots::bring(items, low_rank, high_rank, ways);
    let (pivots, others) = items.split_at_mut(high.end);
    let (low_pivots, high_pivots) = pivots.split_at_mut(low.end);
    let lower = match low_pivots {
        [] => 0,
        pivots => {
            let likely = others.len() / sampled * low_rank.unwrap_or(0);
            partition_by(others, pivots, likely, Front::Less, kernels)
        }
    };
    let rest = &mut others[lower..];
    let middle = match high_pivots {
        [] => rest.len(),
        pivots => {
            let likely = (len / sampled * high_rank.unwrap_or(sampled)).saturating_sub(lower);
            partition_by(rest, pivots, likely, Front::NotGreater, kernels)
        }
    };
    // The high pivots are moved behind the middle: past the lower items, then past the middle ones.
    let (start, end) = (low.end + lower, low.end + lower + middle);
    exchange(&mut items[low.end..start + high.len()], high.len());
    exchange(&mut items[start..end + high.len()], high.len());
    if !(start..end).contains(&index) {
        return false;
    }
    select_alone(&mut items[start..end], index - start, kernels);
    let (before, behind) = items.split_at(index);
    let (found, behind) = behind.split_first().expect("the index lies in the slice");
    let high = &behind[end - index - 1..][..high.len()];
    before[low].iter().all(|pivot| !kernels.is_less(found, pivot))
        && high.iter().all(|pivot| !kernels.is_less(pivot, found))
}

/// As [`select`], on this thread alone, without the results.
///
/// std's selection may never return if the comparison is not a total order; this one takes O(*n* log *n*) at most.
fn select_alone<T: Send>(mut items: &mut [T], mut index: usize, kernels: &dyn Dividing<T>) {
    // Twice as deep as even divisions would need, and some more.
    for _ in 0..2 * items.len().max(1).ilog2() + 8 {
        if items.len() <= LEAF {
            break;
        }
        let Division { lower, upper, .. } = divide(items, 1, kernels);
        if index < lower {
            items = &mut items[..lower];
        } else if index >= upper {
            items = &mut items[upper..];
            index -= upper;
        } else {
            return;
        }
    }
    kernels.sort(items);
}

/// The places of the pivots, at the front of the slice: those of the lower end, then those of the upper.
struct Pivots {
    low: Range<usize>,
    high: Range<usize>,
}

impl Pivots {
    /// Moves `ways` items from `low` on and as many from `high` on to the front; `high` is greater than `low`.
    fn bring<T>(items: &mut [T], low: Option<usize>, high: Option<usize>, ways: usize) -> Self {
        let count = |start: Option<usize>| if start.is_some() { ways } else { 0 };
        let (low_count, high_count) = (count(low), count(high));
        let (_, others) = bring_to_front(items, low.unwrap_or(0), low_count);
        if let Some(high) = high {
            bring_to_front(others, high - low_count, high_count);
        }
        Self { low: 0..low_count, high: low_count..low_count + high_count }
    }
}

/// A sorted sample, at the front of the slice, and the wanted item's place in it.
struct Sampled {
    /// The sample's length.
    len: usize,
    /// The places of the sampled items that are equal to the wanted item.
    same: Range<usize>,
}

/// Selects if many items seem to be equal to the wanted one.
fn select_among_equals<T: Send>(
    items: &mut [T],
    index: usize,
    sample: Sampled,
    ways: usize,
    kernels: &dyn Dividing<T>,
) {
    let Sampled { len, same } = sample;
    let (pivots, others) = bring_to_front(items, same.start, ways);
    let likely = others.len() / len * same.start;
    let smaller = partition_by(others, pivots, likely, Front::Less, kernels);
    let rest = &mut others[smaller..];
    let likely = rest.len() / (len - same.start) * same.len();
    let equal = partition_by(rest, pivots, likely, Front::NotGreater, kernels);
    exchange(&mut items[..ways + smaller], ways);
    let greater = smaller + ways + equal;
    if index < smaller {
        select_alone(&mut items[..smaller], index, kernels);
    } else if index >= greater {
        select_alone(&mut items[greater..], index - greater, kernels);
    }
}
