//! Layer 4: `FlatMap` and `Flatten`, which put parallel iterators one after another.

use super::map::Mapping;
use super::stage::{Same, StageConsumer};
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// Makes a parallel iterator of each item; made by [`flat_map`](ParallelIterator::flat_map).
///
/// ```
/// use paceline::iter::FlatMap;
/// use paceline::prelude::*;
///
/// let pairs: FlatMap<_, _> = (0..4).into_par_iter().flat_map(|a| (0..a).into_par_iter().map(move |b| (a, b)));
/// assert_eq!(pairs.count(), 6);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FlatMap<I, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) map_op: F,
}

debug_base! { FlatMap { base } <I, F> }

impl<I, F, PI> ParallelIterator for FlatMap<I, F>
where
    I: ParallelIterator,
    F: Fn(I::Item) -> PI + Sync + Send,
    PI: IntoParallelIterator,
{
    type Item = PI::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<PI::Item>>(self, consumer: C) -> C::Result {
        let Self { base, map_op } = self;
        // Not `map`: the closure's results stay in their leaf, and so need not be `Send`.
        let flatten = FlattenConsumer { base: consumer };
        base.drive_unindexed(StageConsumer::new(flatten, Same(Mapping(&map_op))))
    }
}

/// Iterates over each item in parallel; made by [`flatten`](ParallelIterator::flatten).
///
/// ```
/// use paceline::iter::Flatten;
/// use paceline::prelude::*;
///
/// let items: Flatten<_> = vec![vec!['a'], vec!['b', 'c']].into_par_iter().flatten();
/// assert_eq!(items.collect::<String>(), "abc");
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Flatten<I> {
    pub(in crate::iter) base: I,
}

impl<I> ParallelIterator for Flatten<I>
where
    I: ParallelIterator<Item: IntoParallelIterator>,
{
    type Item = <I::Item as IntoParallelIterator>::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(FlattenConsumer { base: consumer })
    }
}

/// Runs each item, itself a parallel iterator, against a part of another consumer.
struct FlattenConsumer<C> {
    base: C,
}

impl<T, C> Consumer<T> for FlattenConsumer<C>
where
    T: IntoParallelIterator,
    C: UnindexedConsumer<T::Item>,
{
    type Folder = FlattenFolder<C, C::Result>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, C::Reducer) {
        // The position of an item is not the position of the items within it.
        let left = Self { base: self.base.split_off_left() };
        let reducer = self.base.to_reducer();
        (left, self, reducer)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self { base: self.base.split_off_left() }
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        FlattenFolder { base: self.base, so_far: None }
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C> UnindexedConsumer<T> for FlattenConsumer<C>
where
    T: IntoParallelIterator,
    C: UnindexedConsumer<T::Item>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self { base: self.base.split_off_left() }
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

struct FlattenFolder<C, R> {
    base: C,
    so_far: Option<R>,
}

impl<T, C> Folder<T> for FlattenFolder<C, C::Result>
where
    T: IntoParallelIterator,
    C: UnindexedConsumer<T::Item>,
{
    type Result = C::Result;

    #[inline]
    fn consume(self, item: T) -> Self {
        let Self { base, so_far } = self;
        let consumer = base.split_off_left();
        let result = item.into_par_iter().drive_unindexed(consumer);
        let so_far = match so_far {
            Some(before) => base.to_reducer().reduce(before, result),
            None => result,
        };
        Self { base, so_far: Some(so_far) }
    }

    #[inline]
    fn complete(self) -> C::Result {
        match self.so_far {
            Some(result) => result,
            None => self.base.into_folder().complete(),
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full()
    }
}
