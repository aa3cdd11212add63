//! Layer 4: collecting each part into a collection of its own.

use std::marker::PhantomData;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// Runs `par_iter`, and collects each part; the collections come in order.
///
/// A collection takes in whole runs of items at a time, so it is filled as fast as std can.
pub(crate) fn parts<C, I>(par_iter: I) -> Vec<C>
where
    C: Default + Extend<I::Item> + Send,
    I: ParallelIterator,
{
    par_iter.drive_unindexed(Parts(PhantomData))
}

/// Collects the items of each part.
struct Parts<C>(PhantomData<fn() -> C>);

impl<T, C: Default + Extend<T> + Send> Consumer<T> for Parts<C> {
    type Folder = Part<C>;
    type Reducer = Self;
    type Result = Vec<C>;

    fn split_at(self, _index: usize) -> (Self, Self, Self) {
        (self.split_off_left(), self.to_reducer(), self)
    }

    unsafe fn split_off_front(&self) -> Option<Self> {
        Some(Self(PhantomData))
    }

    fn into_folder(self) -> Part<C> {
        Part(C::default())
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T, C: Default + Extend<T> + Send> UnindexedConsumer<T> for Parts<C> {
    fn split_off_left(&self) -> Self {
        Self(PhantomData)
    }

    fn to_reducer(&self) -> Self {
        Self(PhantomData)
    }
}

impl<C> Reducer<Vec<C>> for Parts<C> {
    fn reduce(self, mut left: Vec<C>, mut right: Vec<C>) -> Vec<C> {
        left.append(&mut right);
        left
    }
}

/// Collects the items of one part.
struct Part<C>(C);

impl<T, C: Extend<T>> Folder<T> for Part<C> {
    type Result = Vec<C>;

    fn consume(self, item: T) -> Self {
        self.consume_iter([item])
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        self.0.extend(iter);
        self
    }

    fn complete(self) -> Vec<C> {
        vec![self.0]
    }

    fn full(&self) -> bool {
        false
    }
}
