//! Iterates over the items of a [`BinaryHeap`] in parallel, in no particular order.
//!
//! ```
//! use std::collections::BinaryHeap;
//!
//! use paceline::prelude::*;
//!
//! let heap: BinaryHeap<u32> = [3, 1, 2].into_par_iter().collect();
//! assert_eq!(heap.par_iter().max(), heap.peek());
//! ```

use std::collections::BinaryHeap;
use std::mem;

use super::named::CopiedItems;
use crate::iter::adaptor::bridged::bridged;
use crate::iter::source::slice;
use crate::iter::{ParallelDrainFull, ParallelDrainRange};

named! {
    /// A parallel iterator over the items of a heap, by value. Nothing is copied to make it.
    ///
    /// ```
    /// use std::collections::BinaryHeap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let heap = BinaryHeap::from([3, 1, 2]);
    /// assert_eq!(heap.into_par_iter().sum::<i32>(), 6);
    /// ```
    #[derive(Clone)]
    pub struct IntoIter<T> = CopiedItems<T>
    where [T: Send]
    item: T,
    from: impl[T] BinaryHeap<T>, |heap| heap.into_vec().into_par_iter(),
}

named! {
    /// A parallel iterator over the items of a heap, by shared reference. Nothing is copied to make it.
    ///
    /// ```
    /// use std::collections::BinaryHeap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let heap = BinaryHeap::from([3, 1, 2]);
    /// assert_eq!(heap.par_iter().filter(|&&n| n > 1).count(), 2);
    /// ```
    pub struct Iter<'a, T> = slice::Iter<'a, T>
    where [T: Sync]
    item: &'a T,
    from: impl['a, T] &'a BinaryHeap<T>, |heap| heap.as_slice().into_par_iter(),
}

clone_shared! { Iter<'a, T> }

/// A parallel iterator that takes all items out of a heap.
///
/// The heap keeps its memory. When the iterator is dropped, items that it has not given are dropped too.
///
/// ```
/// use std::collections::BinaryHeap;
///
/// use paceline::prelude::*;
///
/// let mut heap = BinaryHeap::from([3, 1, 2]);
/// assert_eq!(heap.par_drain().max(), Some(3));
/// assert!(heap.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    heap: &'a mut BinaryHeap<T>,
}

impl<'a, T: Ord + Send> ParallelDrainFull for &'a mut BinaryHeap<T> {
    type Iter = Drain<'a, T>;
    type Item = T;

    fn par_drain(self) -> Drain<'a, T> {
        Drain { heap: self }
    }
}

bridged! {
    impl['a, T] Drain<'a, T>
    where [T: Ord + Send]
    item: T,
    len: |this| this.heap.len(),
    producer: |this, callback| {
        let drain = this;
        let vec = mem::take(drain.heap).into_vec();
        let mut guard = HeapGuard { vec, heap: drain.heap };
        guard.vec.par_drain(..).with_producer(callback)
    },
}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        self.heap.clear();
    }
}

/// The memory of a heap, which gets it back, even if a closure panics.
struct HeapGuard<'h, T: Ord> {
    vec: Vec<T>,
    heap: &'h mut BinaryHeap<T>,
}

impl<T: Ord> Drop for HeapGuard<'_, T> {
    fn drop(&mut self) {
        *self.heap = mem::take(&mut self.vec).into();
    }
}
