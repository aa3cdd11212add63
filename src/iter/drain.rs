//! Layer 4: the traits for taking items out of collections in parallel.

use std::ops::RangeBounds;

use super::ParallelIterator;

/// Collections that give out all their items in parallel, and keep their memory.
///
/// It is implemented for unique references to collections.
///
/// ```
/// use std::collections::{BinaryHeap, HashSet};
///
/// use paceline::prelude::*;
///
/// /// Empties a collection of numbers, and gives the largest.
/// fn last_of_all<C: ParallelDrainFull<Item = u32>>(numbers: C) -> Option<u32> {
///     numbers.par_drain().max()
/// }
///
/// assert_eq!(last_of_all(&mut HashSet::from([3, 1])), Some(3));
/// assert_eq!(last_of_all(&mut BinaryHeap::new()), None);
/// ```
pub trait ParallelDrainFull {
    /// The parallel iterator over the items, by value.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items.
    type Item: Send;

    /// Makes a parallel iterator that takes out all items; items that it does not give are dropped with it.
    ///
    /// ```
    /// use std::collections::HashSet;
    ///
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = HashSet::from([1, 2, 3]);
    /// assert_eq!(numbers.par_drain().sum::<i32>(), 6);
    /// assert!(numbers.is_empty());
    /// ```
    fn par_drain(self) -> Self::Iter;
}

/// Collections that give out a range of their items in parallel.
///
/// It is implemented for unique references to collections.
///
/// ```
/// use std::collections::VecDeque;
///
/// use paceline::prelude::*;
///
/// /// Takes two items out, and gives the sum.
/// fn first_two<C: ParallelDrainRange<Item = u32>>(numbers: C) -> u32 {
///     numbers.par_drain(..2).sum()
/// }
///
/// assert_eq!(first_two(&mut vec![1, 2, 3]), 3);
/// assert_eq!(first_two(&mut VecDeque::from([4, 5])), 9);
/// ```
pub trait ParallelDrainRange<Idx = usize> {
    /// The parallel iterator over the items, by value.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items.
    type Item: Send;

    /// Makes a parallel iterator that takes out the items of a range; items that it does not give are dropped with it.
    /// If the iterator is leaked, the collection may have lost items.
    ///
    /// # Panics
    ///
    /// If the range begins after its end, or ends after the collection's end.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = vec![0, 1, 2, 3, 4];
    /// let taken: Vec<i32> = numbers.par_drain(1..3).collect();
    /// assert_eq!((taken, numbers), (vec![1, 2], vec![0, 3, 4]));
    /// ```
    fn par_drain<R: RangeBounds<Idx>>(self, range: R) -> Self::Iter;
}
