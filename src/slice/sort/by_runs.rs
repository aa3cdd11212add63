//! Layer 5: sorting a slice by merging its runs.
//!
//! The unsorted rest is divided into leaves, and one thread sorts each leaf. Then neighbours are merged; the last merge
//! is of two halves of about equal length.

use super::halves::run_both;
use super::kernels::{Direction, Kernels};
use super::run::SortRun;
use super::segments::SortSegment;
use crate::fork::current_num_threads;

/// The fewest items that are sorted as a task.
const LEAST_LEAF: usize = 2 * 1024;

/// The least work, as [`work`] counts it, that is worth a task.
const LEAST_WORK: usize = 6 * LEAST_LEAF;

/// Sorts `items`, which consist of these segments.
pub(super) fn sort<T: Send>(items: &mut [T], segments: &[SortSegment], kernels: &dyn Kernels<T>) {
    let segments = cut(segments, current_num_threads());
    if let [segment] = *segments {
        return sort_segment(items, segment, kernels);
    }
    // Memory that no merge needs is never touched, so the system need not provide it.
    let mut scratch = Vec::new();
    if scratch.try_reserve_exact(items.len()).is_err() {
        return kernels.sort(items);
    }
    let scratch = &mut scratch.spare_capacity_mut()[..items.len()];
    sort_run(&mut SortRun::new(items, scratch), &segments, kernels);
}

/// Divides the unsorted segments into leaves, about one for each thread.
fn cut(segments: &[SortSegment], threads: usize) -> Vec<SortSegment> {
    let unsorted = segments.iter().filter(|segment| segment.run.is_none()).map(|segment| segment.len).sum::<usize>();
    let leaf = unsorted.div_ceil(threads).max(LEAST_LEAF);
    let mut leaves = Vec::with_capacity(segments.len() + threads);
    for &segment in segments {
        let count = match segment.run {
            Some(_) => 1,
            None => ((segment.len + leaf / 2) / leaf).max(1),
        };
        let len = segment.len / count;
        leaves.extend((1..count).map(|_| SortSegment { len, ..segment }));
        leaves.push(SortSegment { len: segment.len - len * (count - 1), ..segment });
    }
    leaves
}

fn sort_run<T: Send>(run: &mut SortRun<'_, T>, segments: &[SortSegment], kernels: &dyn Kernels<T>) {
    if let [segment] = *segments {
        return sort_segment(run.items(), segment, kernels);
    }
    let (lower, upper) = segments.split_at(middle(segments));
    let in_lower = total(lower);
    run.each_part(in_lower, |left, right| {
        let mut sort_left = || sort_run(left, lower, kernels);
        let mut sort_right = || sort_run(right, upper, kernels);
        if work(lower).min(work(upper)) >= LEAST_WORK {
            run_both(&mut sort_left, &mut sort_right);
        } else {
            sort_left();
            sort_right();
        }
    });
    run.merge_parts(in_lower, kernels);
}

/// The number of segments in the lower half, so that both halves have about as many items. There must be at least two
/// segments.
fn middle(segments: &[SortSegment]) -> usize {
    let half = total(segments) / 2;
    let mut before = 0;
    let crossing = segments.iter().position(|segment| {
        before += segment.len;
        before > half
    });
    // The segment across the middle goes to the half that has most of it.
    let crossing = crossing.unwrap_or(0);
    let is_below = before - half <= segments[crossing].len / 2;
    (crossing + usize::from(is_below)).clamp(1, segments.len() - 1)
}

/// The number of items in these segments.
fn total(segments: &[SortSegment]) -> usize {
    segments.iter().map(|segment| segment.len).sum()
}

/// The work of sorting these segments; the unit is merging one item once.
fn work(segments: &[SortSegment]) -> usize {
    let sorting = segments.iter().map(|segment| match segment.run {
        None => 6 * segment.len,
        Some(Direction::Ascending) => 0,
        Some(Direction::Descending) => segment.len / 8,
    });
    let levels = segments.len().next_power_of_two().ilog2() as usize;
    sorting.sum::<usize>() + levels * total(segments)
}

fn sort_segment<T>(items: &mut [T], segment: SortSegment, kernels: &dyn Kernels<T>) {
    match segment.run {
        None => kernels.sort(items),
        Some(Direction::Ascending) => {}
        // No two of these items are equal, so the sort stays stable.
        Some(Direction::Descending) => items.reverse(),
    }
}
