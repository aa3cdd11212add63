//! Layer 4: the parallel iterator that takes a range of items out of a vector.

use std::ops::{Bound, Range, RangeBounds};
use std::ptr;

use super::owned::OwnedProducer;
use crate::iter::ParallelDrainRange;

/// A parallel iterator that takes a range of items out of a vector.
///
/// When it is dropped, items that it has not given are dropped too, and the items after the range move up.
///
/// Invariant: the vector has its original length, and nothing is taken out; or its length is where the range
/// starts, and the items after the range, and they alone, are still in their places beyond it.
///
/// ```
/// use paceline::prelude::*;
/// use paceline::vec::Drain;
///
/// let mut queue = vec![3, 1, 4, 1, 5];
/// let batch: Drain<'_, i32> = queue.par_drain(..2);
/// assert_eq!(batch.sum::<i32>(), 4);
/// assert_eq!(queue, [4, 1, 5]);
/// ```
#[derive(Debug)]
pub struct Drain<'data, T: Send> {
    vec: &'data mut Vec<T>,
    range: Range<usize>,
    /// The vector's original length.
    len: usize,
}

impl<'data, T: Send> ParallelDrainRange<usize> for &'data mut Vec<T> {
    type Iter = Drain<'data, T>;
    type Item = T;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'data, T> {
        let len = self.len();
        let range = resolve(&range, len);
        Drain { vec: self, range, len }
    }
}

/// Finds the start and end of a range within a length.
#[track_caller]
pub(crate) fn resolve(range: &impl RangeBounds<usize>, len: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&start) => Some(start),
        Bound::Excluded(&before) => before.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.checked_add(1),
        Bound::Excluded(&end) => Some(end),
        Bound::Unbounded => Some(len),
    };
    match (start, end) {
        (Some(start), Some(end)) => {
            assert!(start <= end && end <= len, "the range {start}..{end} does not lie within a length of {len}");
            start..end
        }
        _ => panic!("a bound of the range exceeds the largest usize"),
    }
}

bridged! {
    impl['data, T] Drain<'data, T>
    where [T: Send]
    item: T,
    len: |this| this.range.len(),
    producer: |this, callback| {
        let drain = this;
        // SAFETY: the items before the start are initialised. Until `Drain` is dropped, the producer owns the items of
        // the range, and the items after it cannot be reached.
        unsafe { drain.vec.set_len(drain.range.start) };
        let slots = &mut drain.vec.spare_capacity_mut()[..drain.range.len()];
        // SAFETY: these were the vector's items, and it has just forgotten them.
        let producer = unsafe { OwnedProducer::new(slots) };
        callback.callback(producer)
    },
}

impl<T: Send> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        let Range { start, end } = self.range;
        if self.vec.len() == self.len {
            self.vec.drain(start..end);
            return;
        }
        let rest = self.len - end;
        let items = self.vec.as_mut_ptr();
        // SAFETY: the start is at most the original length, which is within the allocation.
        let to = unsafe { items.add(start) };
        // SAFETY: the end is at most the original length, which is within the allocation.
        let from = unsafe { items.add(end) };
        // SAFETY: by the invariant there are `rest` items from the end on, and the vector owns no item from the start
        // up to there.
        unsafe { ptr::copy(from, to, rest) };
        // SAFETY: the items up to the start never moved, and the others have just moved behind them.
        unsafe { self.vec.set_len(start + rest) };
    }
}
