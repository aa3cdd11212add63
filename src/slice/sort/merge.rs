//! Layer 5: merging two sorted runs, in parallel.
//!
//! The longer run is split in the middle, the other where that middle item belongs; the lower parts and the upper parts
//! are merged in parallel. Short runs are merged from both ends at once: neither end waits for the other's comparisons.
//! While all items come from one run, they are copied in blocks, with one comparison for each block.

use std::mem::{self, MaybeUninit};
use std::ptr;

use super::halves::{join_both, run_both};
use super::kernels::{Front, Kernels};

/// The fewest items for a merge to be worth a task.
const LEAF: usize = 8192;

/// The fewest items for a merge to be worth waking a thread.
const LONG: usize = 64 * 1024;

/// The number of steps at each end between two checks whether all items came from one run: at first, and at most.
const STRETCH: (usize, usize) = (32, 256);

/// The number of items of one run that are copied together if no item of the other belongs between them.
const BLOCK: usize = 16;

/// Copies the items of two sorted runs, in order, to `to`, which is as long as both. If items are equal, those of
/// `left` come first.
///
/// The copies are bitwise: when this returns, the caller must treat either the copies or the originals as the items.
/// Each item is copied once, for every result of the comparison. The runs are borrowed uniquely only so that other
/// threads may look at their items.
pub(super) fn merge<T: Send>(left: &mut [T], right: &mut [T], to: &mut [MaybeUninit<T>], kernels: &dyn Kernels<T>) {
    assert_eq!(left.len() + right.len(), to.len());
    if to.len() <= LEAF {
        return Merge { left, right, to }.finish(kernels);
    }
    let wakes = to.len() >= LONG && alternate(left, right, kernels);
    let (in_left, in_right) = cut(left, right, kernels);
    let (left, upper_left) = left.split_at_mut(in_left);
    let (right, upper_right) = right.split_at_mut(in_right);
    let (to, upper_to) = to.split_at_mut(in_left + in_right);
    let mut lower = || merge(left, right, to, kernels);
    let mut upper = || merge(upper_left, upper_right, upper_to, kernels);
    if wakes { run_both(&mut lower, &mut upper) } else { join_both(&mut lower, &mut upper) }
}

/// True if the runs seem to alternate, judging by their ends: false if the right run comes entirely before the left
/// one, or if either is empty.
fn alternate<T>(left: &[T], right: &[T], kernels: &dyn Kernels<T>) -> bool {
    match (left, right) {
        ([first, ..], [.., last]) => !kernels.is_less(last, first),
        _ => false,
    }
}

/// Where to split each of two runs, so that no item of the lower parts belongs after one of the upper parts.
fn cut<T>(left: &[T], right: &[T], kernels: &dyn Kernels<T>) -> (usize, usize) {
    if left.len() >= right.len() {
        let middle = left.len() / 2;
        (middle, kernels.bound(right, &left[middle], Front::Less))
    } else {
        let middle = right.len() / 2;
        (kernels.bound(left, &right[middle], Front::NotGreater), middle)
    }
}

/// A merge on one thread: the rests of the runs, and the rest of the target. All three shrink from both ends.
struct Merge<'m, T> {
    left: &'m [T],
    right: &'m [T],
    /// As long as both.
    to: &'m mut [MaybeUninit<T>],
}

impl<T> Merge<'_, T> {
    fn finish(mut self, kernels: &dyn Kernels<T>) {
        self.copy_blocks_in_front(kernels);
        self.copy_blocks_at_back(kernels);
        let mut stretch = STRETCH.0;
        loop {
            // Neither run can end within this number of steps from each end.
            let steps = stretch.min(self.left.len().min(self.right.len()) / 2);
            if steps == 0 {
                break;
            }
            let taken = kernels.merge_ends(self.left, self.right, self.to, steps);
            self.pass(taken, steps);
            stretch = (2 * stretch).min(STRETCH.1);
            if taken.front % steps == 0 {
                self.copy_blocks_in_front(kernels);
                stretch = STRETCH.0;
            }
            if taken.back % steps == 0 {
                self.copy_blocks_at_back(kernels);
                stretch = STRETCH.0;
            }
        }
        match (self.left, self.right) {
            ([item], right) => self.copy_front(0, kernels.bound(right, item, Front::Less)),
            (left, [item]) => self.copy_front(kernels.bound(left, item, Front::NotGreater), 1),
            // Only one run has any items left.
            _ => {}
        }
        self.copy_front(self.left.len(), self.right.len());
    }

    /// Copies whole blocks of one run that come before all remaining items of the other.
    fn copy_blocks_in_front(&mut self, kernels: &dyn Kernels<T>) {
        let (left, right) = (self.left, self.right);
        if let [first, ..] = right {
            self.copy_front(blocks(left.len(), |count| !kernels.is_less(first, &left[count - 1])), 0);
        }
        if let [first, ..] = self.left {
            self.copy_front(0, blocks(right.len(), |count| kernels.is_less(&right[count - 1], first)));
        }
    }

    /// Copies whole blocks of one run that come after all remaining items of the other.
    fn copy_blocks_at_back(&mut self, kernels: &dyn Kernels<T>) {
        let (left, right) = (self.left, self.right);
        if let [.., last] = right {
            self.copy_back(blocks(left.len(), |count| kernels.is_less(last, &left[left.len() - count])), 0);
        }
        if let [.., last] = self.left {
            self.copy_back(0, blocks(right.len(), |count| !kernels.is_less(&right[right.len() - count], last)));
        }
    }

    /// Copies `from_left` items at the front of the left run, then `from_right` of the right one.
    fn copy_front(&mut self, from_left: usize, from_right: usize) {
        let (to_left, rest) = mem::take(&mut self.to).split_at_mut(from_left);
        let (to_right, rest) = rest.split_at_mut(from_right);
        copy_items(&self.left[..from_left], to_left);
        copy_items(&self.right[..from_right], to_right);
        *self = Self { left: &self.left[from_left..], right: &self.right[from_right..], to: rest };
    }

    /// Copies `from_left` items at the back of the left run, and after them `from_right` of the right one.
    fn copy_back(&mut self, from_left: usize, from_right: usize) {
        let (left, last_left) = self.left.split_at(self.left.len() - from_left);
        let (right, last_right) = self.right.split_at(self.right.len() - from_right);
        let (to, to_last) = mem::take(&mut self.to).split_at_mut(left.len() + right.len());
        let (to_left, to_right) = to_last.split_at_mut(from_left);
        copy_items(last_left, to_left);
        copy_items(last_right, to_right);
        *self = Self { left, right, to };
    }

    /// Skips the items that were merged in `steps` steps at each end.
    fn pass(&mut self, taken: TakenEnds, steps: usize) {
        let left = &self.left[taken.front..self.left.len() - taken.back];
        let right = &self.right[steps - taken.front..self.right.len() - (steps - taken.back)];
        let end = self.to.len() - steps;
        *self = Self { left, right, to: &mut mem::take(&mut self.to)[steps..end] };
    }
}

/// The total length of the blocks before the first for which `comes`, called with the end of the block, returns false.
fn blocks(len: usize, comes: impl Fn(usize) -> bool) -> usize {
    let mut count = 0;
    while count + BLOCK <= len && comes(count + BLOCK) {
        count += BLOCK;
    }
    count
}

/// The number of items of the left run that were taken at each end.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakenEnds {
    front: usize,
    back: usize,
}

/// Merges `steps` items at each end; both runs must have at least twice as many.
pub(super) fn merge_ends<T>(
    left: &[T],
    right: &[T],
    to: &mut [MaybeUninit<T>],
    steps: usize,
    is_less: impl Fn(&T, &T) -> bool,
) -> TakenEnds {
    assert!(steps <= left.len() / 2 && steps <= right.len() / 2 && left.len() + right.len() == to.len());
    let (left_len, right_len, len) = (left.len(), right.len(), to.len());
    let mut taken = TakenEnds { front: 0, back: 0 };
    // Neither count grows by more than 1 in a step, so both, and `step` less either, are at most `step`, which is less
    // than `steps`: all indices lie within the runs, and those of the front before those of the back.
    for step in 0..steps {
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let a = unsafe { left.get_unchecked(taken.front) };
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let b = unsafe { right.get_unchecked(step - taken.front) };
        let from_left = !is_less(b, a);
        // SAFETY: `step` is less than the length of `to`.
        let slot = unsafe { to.get_unchecked_mut(step) };
        copy_item(if from_left { a } else { b }, slot);
        taken.front += usize::from(from_left);

        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let a = unsafe { left.get_unchecked(left_len - 1 - taken.back) };
        // SAFETY: the index is at most `step` from its end of the run, which has more items than that.
        let b = unsafe { right.get_unchecked(right_len - 1 - (step - taken.back)) };
        let from_left = is_less(b, a);
        // SAFETY: `step` is less than the length of `to`.
        let slot = unsafe { to.get_unchecked_mut(len - 1 - step) };
        copy_item(if from_left { a } else { b }, slot);
        taken.back += usize::from(from_left);
    }
    taken
}

fn copy_items<T>(from: &[T], to: &mut [MaybeUninit<T>]) {
    assert_eq!(from.len(), to.len());
    if from.is_empty() {
        return;
    }
    let (from, to, len) = (from.as_ptr().cast(), to.as_mut_ptr(), to.len());
    // SAFETY: both have that length; `to` is a unique reference, so the two do not overlap.
    unsafe { ptr::copy_nonoverlapping(from, to, len) };
}

#[inline]
fn copy_item<T>(from: &T, to: &mut MaybeUninit<T>) {
    let from = ptr::from_ref(from).cast::<MaybeUninit<T>>();
    // SAFETY: a reference is valid for reading, and any bits make a `MaybeUninit<T>`.
    *to = unsafe { from.read() };
}
