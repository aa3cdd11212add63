//! Layer 5: merging two sorted runs, in parallel.
//!
//! The longer run is cut in the middle, the other where that middle item belongs, and the lower parts are merged
//! beside the upper ones. Short runs are merged from both ends at once: neither end waits for the other's
//! comparisons.

use std::cmp::Ordering;
use std::mem::MaybeUninit;
use std::ptr;

use crate::fork::join_context;

/// The fewest items whose merging is worth a task.
const LEAF: usize = 8192;

/// Copies the items of two sorted runs, in order, to `to`, which is as long as both. Of equal items those of `left`
/// come first.
///
/// The copies are bit by bit: when this returns, the caller lets either these or the originals count. Each item is
/// copied once, however `compare` answers. The runs are borrowed uniquely only so that other threads may look at
/// their items.
pub(super) fn merge<T, C>(left: &mut [T], right: &mut [T], to: &mut [MaybeUninit<T>], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    assert_eq!(left.len() + right.len(), to.len());
    if to.len() <= LEAF {
        return merge_here(left, right, to, compare);
    }
    let (in_left, in_right) = cut(left, right, compare);
    let (left, upper_left) = left.split_at_mut(in_left);
    let (right, upper_right) = right.split_at_mut(in_right);
    let (to, upper_to) = to.split_at_mut(in_left + in_right);
    join_context(|_| merge(left, right, to, compare), |_| merge(upper_left, upper_right, upper_to, compare));
}

/// Where to cut each of two runs, so that no item of the lower parts belongs after one of the upper parts.
fn cut<T, C>(left: &[T], right: &[T], compare: &C) -> (usize, usize)
where
    C: Fn(&T, &T) -> Ordering,
{
    if left.len() >= right.len() {
        let middle = left.len() / 2;
        let pivot = &left[middle];
        (middle, right.partition_point(|item| compare(item, pivot) == Ordering::Less))
    } else {
        let middle = right.len() / 2;
        let pivot = &right[middle];
        (left.partition_point(|item| compare(pivot, item) != Ordering::Less), middle)
    }
}

/// Merges on this thread alone.
fn merge_here<T, C>(mut left: &[T], mut right: &[T], mut to: &mut [MaybeUninit<T>], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    // Runs that do not overlap need no merging.
    if let (Some(first), Some(last)) = (right.first(), left.last()) {
        if compare(first, last) != Ordering::Less {
            return concatenate(left, right, to);
        }
    }
    if let (Some(first), Some(last)) = (left.first(), right.last()) {
        if compare(last, first) == Ordering::Less {
            return concatenate(right, left, to);
        }
    }
    loop {
        // Neither run can come to its end in so many steps from each end.
        let steps = left.len().min(right.len()) / 2;
        if steps == 0 {
            break;
        }
        let taken = merge_ends(left, right, to, steps, compare);
        left = &left[taken.front..left.len() - taken.back];
        right = &right[steps - taken.front..right.len() - (steps - taken.back)];
        let rest = to.len() - steps;
        to = &mut to[steps..rest];
    }
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        let [slot, to_rest @ ..] = to else { unreachable!("there is a slot for each item") };
        if compare(b, a) == Ordering::Less {
            copy_item(b, slot);
            right = right_rest;
        } else {
            copy_item(a, slot);
            left = left_rest;
        }
        to = to_rest;
    }
    concatenate(left, right, to);
}

/// How many items of the left run were taken at each end.
struct Taken {
    front: usize,
    back: usize,
}

/// Merges `steps` items at each end; both runs have at least twice as many.
#[inline]
fn merge_ends<T, C>(left: &[T], right: &[T], to: &mut [MaybeUninit<T>], steps: usize, compare: &C) -> Taken
where
    C: Fn(&T, &T) -> Ordering,
{
    assert!(steps <= left.len() / 2 && steps <= right.len() / 2 && left.len() + right.len() == to.len());
    let (left_len, right_len, len) = (left.len(), right.len(), to.len());
    let mut taken = Taken { front: 0, back: 0 };
    // Neither count grows by more than 1 in a step, so both, and `step` less either, are at most `step`, which is less
    // than `steps`: all indices lie within the runs, and those of the front before those of the back.
    for step in 0..steps {
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let a = unsafe { left.get_unchecked(taken.front) };
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let b = unsafe { right.get_unchecked(step - taken.front) };
        let from_left = compare(b, a) != Ordering::Less;
        // SAFETY: `step` is less than the length of `to`.
        let slot = unsafe { to.get_unchecked_mut(step) };
        copy_item(if from_left { a } else { b }, slot);
        taken.front += usize::from(from_left);

        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let a = unsafe { left.get_unchecked(left_len - 1 - taken.back) };
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let b = unsafe { right.get_unchecked(right_len - 1 - (step - taken.back)) };
        let from_left = compare(b, a) == Ordering::Less;
        // SAFETY: `step` is less than the length of `to`.
        let slot = unsafe { to.get_unchecked_mut(len - 1 - step) };
        copy_item(if from_left { a } else { b }, slot);
        taken.back += usize::from(from_left);
    }
    taken
}

/// Copies both runs, one after the other.
fn concatenate<T>(first: &[T], second: &[T], to: &mut [MaybeUninit<T>]) {
    let (to_first, to_second) = to.split_at_mut(first.len());
    copy_items(first, to_first);
    copy_items(second, to_second);
}

fn copy_items<T>(from: &[T], to: &mut [MaybeUninit<T>]) {
    assert_eq!(from.len(), to.len());
    let (from, to, len) = (from.as_ptr().cast(), to.as_mut_ptr(), to.len());
    // SAFETY: both have that length; a unique reference does not overlap another one.
    unsafe { ptr::copy_nonoverlapping(from, to, len) };
}

#[inline]
fn copy_item<T>(from: &T, to: &mut MaybeUninit<T>) {
    let from = ptr::from_ref(from).cast::<MaybeUninit<T>>();
    // SAFETY: a reference is valid for reading, and any bits make a `MaybeUninit<T>`.
    *to = unsafe { from.read() };
}
