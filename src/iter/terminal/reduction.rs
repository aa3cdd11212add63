//! Layer 4: reductions and the consumer that they share. Most terminals are reductions.
//!
//! A terminal such as `sum` or `reduce` is a [`Reduction`]: it folds a whole sequential iterator, and combines two
//! results. The consumption of parts is implemented here, once.

use std::marker::PhantomData;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer, UnindexedConsumer, bridge_producer_consumer};

/// A reduction of items to one result.
pub(in crate::iter) trait Reduction<T>: Sync {
    /// The type of the result.
    type Output: Send;

    /// The identity of the reduction.
    fn identity(&self) -> Self::Output;

    /// Folds the items of `iter` into `so_far`, the result of the items before them.
    fn fold<I>(&self, so_far: Self::Output, iter: I) -> Self::Output
    where
        I: Iterator<Item = T>;

    /// Combines the results of two neighbouring parts.
    fn combine(&self, left: Self::Output, right: Self::Output) -> Self::Output;

    /// True if further items would not change the result; then [`fold`](Self::fold) may stop.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
}

/// Runs a parallel iterator, and returns the result of the reduction.
#[inline]
pub(in crate::iter) fn reduce<I, D>(par_iter: I, reduction: D) -> D::Output
where
    I: ParallelIterator,
    D: Reduction<I::Item>,
{
    par_iter.drive_unindexed(ReductionConsumer { reduction: &reduction })
}

/// Runs a producer of `len` items, and returns the result of the reduction.
#[inline]
pub(in crate::iter) fn reduce_producer<P, D>(len: usize, producer: P, reduction: D) -> D::Output
where
    P: Producer,
    D: Reduction<P::Item>,
{
    bridge_producer_consumer(len, producer, ReductionConsumer { reduction: &reduction })
}

/// Reduces a part by a reduction that all parts share.
struct ReductionConsumer<'d, D> {
    reduction: &'d D,
}

impl<D> Clone for ReductionConsumer<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for ReductionConsumer<'_, D> {}

impl<'d, T, D: Reduction<T>> Consumer<T> for ReductionConsumer<'d, D> {
    type Folder = ReductionFolder<'d, D, D::Output>;
    type Reducer = ReductionReducer<'d, D, T>;
    type Result = D::Output;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, Self::Reducer) {
        (self, self, self.to_reducer())
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        *self
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        ReductionFolder { reduction: self.reduction, so_far: self.reduction.identity() }
    }

    #[inline]
    fn full(&self) -> bool {
        self.reduction.is_full()
    }
}

impl<T, D: Reduction<T>> UnindexedConsumer<T> for ReductionConsumer<'_, D> {
    #[inline]
    fn split_off_left(&self) -> Self {
        *self
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        ReductionReducer { reduction: self.reduction, items: PhantomData }
    }
}

/// Combines by a reduction of items of type `T`.
struct ReductionReducer<'d, D, T> {
    reduction: &'d D,
    items: PhantomData<fn(T)>,
}

impl<T, D: Reduction<T>> Reducer<D::Output> for ReductionReducer<'_, D, T> {
    #[inline]
    fn reduce(self, left: D::Output, right: D::Output) -> D::Output {
        self.reduction.combine(left, right)
    }
}

struct ReductionFolder<'d, D, O> {
    reduction: &'d D,
    so_far: O,
}

impl<T, D: Reduction<T>> Folder<T> for ReductionFolder<'_, D, D::Output> {
    type Result = D::Output;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter(std::iter::once(item))
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        Self { reduction: self.reduction, so_far: self.reduction.fold(self.so_far, iter.into_iter()) }
    }

    #[inline]
    fn complete(self) -> D::Output {
        self.so_far
    }

    #[inline]
    fn full(&self) -> bool {
        self.reduction.is_full()
    }
}
