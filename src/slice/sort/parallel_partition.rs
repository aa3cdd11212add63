//! Layer 5: parallel partition: several threads at once move the items that belong in front there.
//!
//! Each thread partitions two pieces of the slice, one on the left and one on the right, as one sequence. The pairs of
//! pieces are nested. The left pieces together are about as long as the number of items that are likely to belong in
//! front. So nearly all items end up on their side at once, and few must be exchanged between the pairs.

use super::halves::{join_both, run_both};
use super::kernels::{Dividing, Front};

/// The fewest items for an exchange to be worth a task.
const LEAF: usize = 16 * 1024;

/// Moves the items that belong in front of a pivot to the front, and returns their number, which is probably near
/// `likely`. Each pivot is for one pair of pieces, which one thread partitions.
pub(super) fn partition_by<T: Send>(
    items: &mut [T],
    pivots: &mut [T],
    likely: usize,
    front: Front,
    kernels: &dyn Dividing<T>,
) -> usize {
    if let [pivot] = pivots {
        return kernels.partition(&mut [], items, pivot, front);
    }
    let (left, right) = items.split_at_mut(likely.min(items.len()));
    partition_nested(left, right, pivots, front, kernels)
}

/// Moves these items to the front of `left` and `right`, taken as one sequence.
fn partition_nested<T: Send>(
    left: &mut [T],
    right: &mut [T],
    pivots: &mut [T],
    front: Front,
    kernels: &dyn Dividing<T>,
) -> usize {
    if let [pivot] = pivots {
        return kernels.partition(left, right, pivot, front);
    }
    let ways = pivots.len();
    let (outer_pivots, inner_pivots) = pivots.split_at_mut(ways / 2);
    let (outer_left, inner_left) = left.split_at_mut(left.len() / ways * (ways / 2));
    let inner_right_len = right.len() - right.len() / ways * (ways / 2);
    let (inner_right, outer_right) = right.split_at_mut(inner_right_len);
    let (mut in_outer, mut in_inner) = (0, 0);
    run_both(&mut || in_outer = partition_nested(outer_left, outer_right, outer_pivots, front, kernels), &mut || {
        in_inner = partition_nested(inner_left, inner_right, inner_pivots, front, kernels)
    });
    match in_outer.checked_sub(outer_left.len()) {
        None => {
            let strangers = &mut outer_left[in_outer..];
            let count = strangers.len().min(in_inner);
            swap_within(&mut strangers[..count], inner_left, inner_right, in_inner - count);
        }
        Some(in_outer_right) => {
            let strangers = inner_left.len() + inner_right.len() - in_inner;
            let count = strangers.min(in_outer_right);
            let belonging = &mut outer_right[in_outer_right - count..in_outer_right];
            swap_within(belonging, inner_left, inner_right, in_inner);
        }
    }
    in_outer + in_inner
}

/// Swaps `items` with as many from `start` on of `left` and `right`, taken as one sequence.
fn swap_within<T: Send>(items: &mut [T], left: &mut [T], right: &mut [T], start: usize) {
    let (from_left, from_right) = items.split_at_mut(left.len().saturating_sub(start).min(items.len()));
    if !from_left.is_empty() {
        swap(from_left, &mut left[start..][..from_left.len()]);
    }
    if !from_right.is_empty() {
        swap(from_right, &mut right[start.saturating_sub(left.len())..][..from_right.len()]);
    }
}

/// Moves the first `count` items behind the others. Neither group keeps its order, unless there are no others.
pub(super) fn exchange<T: Send>(items: &mut [T], count: usize) {
    let len = items.len();
    let pairs = count.min(len - count);
    let (front, back) = items.split_at_mut(pairs);
    let back_len = back.len();
    swap(front, &mut back[back_len - pairs..]);
}

fn swap<T: Send>(a: &mut [T], b: &mut [T]) {
    if a.len() <= LEAF {
        return a.swap_with_slice(b);
    }
    let middle = a.len() / 2;
    let (a, upper_a) = a.split_at_mut(middle);
    let (b, upper_b) = b.split_at_mut(middle);
    join_both(&mut || swap(a, b), &mut || swap(upper_a, upper_b));
}
