//! Layer 4: collecting each part into a collection of its own.

use std::cell::Cell;

use super::segments::ItemSegments;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// Runs `par_iter`, and collects each part; returns the collections in order.
///
/// A collection takes in whole runs of items at a time, so it is filled as fast as std can.
pub(crate) fn parts<C, I>(par_iter: I) -> Vec<C>
where
    C: Default + Extend<I::Item> + Send,
    I: ParallelIterator,
{
    parts_from(C::default(), par_iter)
}

/// As [`parts`], but the first part goes into `first`, which is empty but may have memory.
pub(crate) fn parts_from<C, I>(first: C, par_iter: I) -> Vec<C>
where
    C: Default + Extend<I::Item> + Send,
    I: ParallelIterator,
{
    par_iter.drive_unindexed(Parts(Cell::new(first)))
}

/// Appends the items of all parts to `vec`, in parallel if they are many.
pub(crate) fn append<T: Send>(vec: &mut Vec<T>, parts: impl Iterator<Item = Vec<T>>) {
    ItemSegments::from_iter(parts).append_to(vec);
}

/// Collects the items of each part; the first part takes the existing collection.
struct Parts<C>(Cell<C>);

impl<C: Default> Parts<C> {
    fn front(&self) -> Self {
        Self(Cell::new(self.0.take()))
    }
}

impl<T, C: Default + Extend<T> + Send> Consumer<T> for Parts<C> {
    type Folder = PartFolder<C>;
    type Reducer = SideBySide;
    type Result = Vec<C>;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, SideBySide) {
        (self.front(), self, SideBySide)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        self.front()
    }

    #[inline]
    fn into_folder(self) -> PartFolder<C> {
        PartFolder(self.0.into_inner())
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

impl<T, C: Default + Extend<T> + Send> UnindexedConsumer<T> for Parts<C> {
    #[inline]
    fn split_off_left(&self) -> Self {
        self.front()
    }

    #[inline]
    fn to_reducer(&self) -> SideBySide {
        SideBySide
    }
}

/// Concatenates the lists of collections of neighbouring parts.
struct SideBySide;

impl<C> Reducer<Vec<C>> for SideBySide {
    #[inline]
    fn reduce(self, mut left: Vec<C>, mut right: Vec<C>) -> Vec<C> {
        left.append(&mut right);
        left
    }
}

/// Collects the items of one part.
struct PartFolder<C>(C);

impl<T, C: Extend<T>> Folder<T> for PartFolder<C> {
    type Result = Vec<C>;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter([item])
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        self.0.extend(iter);
        self
    }

    #[inline]
    fn complete(self) -> Vec<C> {
        vec![self.0]
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}
