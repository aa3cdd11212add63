//! Iterates over the items of a [`VecDeque`] in parallel, in order.
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use paceline::prelude::*;
//!
//! let mut queue = VecDeque::from([3, 1, 2]);
//! queue.par_iter_mut().for_each(|n| *n *= 10);
//! assert_eq!(queue.par_drain(..2).collect::<Vec<_>>(), [30, 10]);
//! assert_eq!(queue, [20]);
//! ```

use std::collections::{VecDeque, vec_deque};
use std::mem;
use std::ops::{Range, RangeBounds};

use super::named::{CopiedItems, gather};
use crate::iter::adaptor::bridged::bridged;
use crate::iter::source::slice;
use crate::iter::source::vec_drain::resolve;
use crate::iter::{Chain, ParallelDrainRange, ParallelIterator};

named! {
    /// A parallel iterator over the items of a deque, by value.
    ///
    /// ```
    /// use std::collections::VecDeque;
    ///
    /// use paceline::prelude::*;
    ///
    /// let queue = VecDeque::from([3, 1, 2]);
    /// let doubled: Vec<i32> = queue.into_par_iter().map(|n| 2 * n).collect();
    /// assert_eq!(doubled, [6, 2, 4]);
    /// ```
    #[derive(Clone)]
    pub struct IntoIter<T> = CopiedItems<T>
    where [T: Send]
    item: T,
    from: impl[T] VecDeque<T>, |deque| Vec::from(deque).into_par_iter(),
}

named! {
    /// A parallel iterator over the items of a deque, by shared reference. Nothing is copied to make it.
    ///
    /// ```
    /// use std::collections::VecDeque;
    ///
    /// use paceline::prelude::*;
    ///
    /// let queue = VecDeque::from([3, 1, 2]);
    /// assert_eq!(queue.par_iter().position_any(|&n| n == 1), Some(1));
    /// ```
    pub struct Iter<'a, T> = Chain<slice::Iter<'a, T>, slice::Iter<'a, T>>
    where [T: Sync]
    item: &'a T,
    from: impl['a, T] &'a VecDeque<T>, |deque| {
        let (front, back) = deque.as_slices();
        front.into_par_iter().chain(back)
    },
}

clone_shared! { Iter<'a, T> }

named! {
    /// A parallel iterator over the items of a deque, by unique reference. Nothing is copied to make it.
    ///
    /// ```
    /// use std::collections::VecDeque;
    ///
    /// use paceline::prelude::*;
    ///
    /// let mut queue = VecDeque::from([3, 1, 2]);
    /// queue.par_iter_mut().enumerate().for_each(|(i, n)| *n += i);
    /// assert_eq!(queue, [3, 2, 4]);
    /// ```
    pub struct IterMut<'a, T> = Chain<slice::IterMut<'a, T>, slice::IterMut<'a, T>>
    where [T: Send]
    item: &'a mut T,
    from: impl['a, T] &'a mut VecDeque<T>, |deque| {
        let (front, back) = deque.as_mut_slices();
        front.into_par_iter().chain(back)
    },
}

/// A parallel iterator that takes a range of items out of a deque.
///
/// When it is dropped, the whole range is removed, also items that it has not given; if it is leaked, nothing is
/// removed. The deque keeps its memory. Besides the removed items, only those before the range or those after it are
/// moved, whichever are fewer. So batches can be taken cheaply from the front of a long queue.
///
/// ```
/// use std::collections::VecDeque;
///
/// use paceline::prelude::*;
///
/// let mut queue = VecDeque::from_iter(0..5);
/// assert_eq!(queue.par_drain(..3).sum::<i32>(), 3);
/// assert_eq!(queue, [3, 4]);
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    deque: &'a mut VecDeque<T>,
    /// The range that is still to be removed from the deque.
    range: Range<usize>,
}

impl<T> Drain<'_, T> {
    /// Removes the range from the deque, unless that has been done.
    fn take_out(&mut self) -> vec_deque::Drain<'_, T> {
        self.deque.drain(mem::take(&mut self.range))
    }
}

impl<'a, T: Send> ParallelDrainRange<usize> for &'a mut VecDeque<T> {
    type Iter = Drain<'a, T>;
    type Item = T;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'a, T> {
        let range = resolve(&range, self.len());
        Drain { deque: self, range }
    }
}

bridged! {
    impl['a, T] Drain<'a, T>
    where [T: Send]
    item: T,
    len: |this| this.range.len(),
    producer: |this, callback| {
        let mut drain = this;
        gather(drain.take_out()).with_producer(callback)
    },
}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        drop(self.take_out());
    }
}
