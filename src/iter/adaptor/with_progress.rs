//! Layer 4: `WithProgress`, which reports how many items are done.

use super::stage::{ExactStage, Seed, Stage};
use crate::fork::Progress;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::Folder;
use crate::iter::progress::{ItemCount, LoopProgress};
use std::borrow::BorrowMut;

/// Reports how many items are done; made by [`with_progress`](crate::extra::ParallelIteratorExt::with_progress).
///
/// ```
/// use paceline::ProgressCounter;
/// use paceline::extra::prelude::*;
/// use paceline::iter::WithProgress;
/// use paceline::prelude::*;
///
/// let counter = ProgressCounter::new();
/// let numbers: WithProgress<_, _> = (0..10_u32).into_par_iter().with_progress(&counter);
/// assert_eq!(numbers.sum::<u32>(), 45);
/// assert_eq!(counter.done(), 10);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct WithProgress<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) progress: P,
    pub(in crate::iter) length: Option<usize>,
}

debug_base! { WithProgress { base } <I, P> }

staged! {
    impl[I, P] WithProgress<I, P> { base, progress, length }
    where [I: ParallelIterator, P: Progress]
    item: I::Item,
    length: kept,
    seed: Counting(&LoopProgress::begin(&progress, length)),
}

/// It does not set `HAS_STATE`: where producers make the items each block has a count of its own, and parts stay in blocks.
#[derive(Clone)]
struct Counting<'r>(&'r LoopProgress<'r>);

impl<'r, T> Seed<T> for Counting<'r> {
    type Stage = ItemCount<'r>;

    #[inline]
    fn into_stage(self) -> ItemCount<'r> {
        ItemCount::begin(self.0)
    }
}

impl<T> Stage<T> for ItemCount<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        CountedIter { iter, items: self }
    }

    #[inline]
    fn feed<I, F>(&mut self, iter: I, folder: F) -> F
    where
        I: Iterator<Item = T>,
        F: Folder<T>,
    {
        let folder = folder.consume_iter(Stage::<T>::over(self, iter));
        self.look_if_due();
        folder
    }
}

impl<'r, T> ExactStage<T> for ItemCount<'r> {
    type Exact<I>
        = CountedIter<I, Self>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        CountedIter { iter, items: self }
    }
}

/// Counts the items of `iter` as it gives them.
///
/// When the clock is read, all items that were counted have ended: the next one is being asked for.
pub(crate) struct CountedIter<I, C> {
    iter: I,
    items: C,
}

impl<'r, I: Iterator, C: BorrowMut<ItemCount<'r>>> CountedIter<I, C> {
    #[inline]
    fn count(&mut self, next: impl FnOnce(&mut I) -> Option<I::Item>) -> Option<I::Item> {
        self.items.borrow_mut().look_if_due();
        let item = next(&mut self.iter)?;
        self.items.borrow_mut().count += 1;
        Some(item)
    }
}

impl<'r, I: Iterator, C: BorrowMut<ItemCount<'r>>> Iterator for CountedIter<I, C> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.count(I::next)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }

    /// A run of items that takes less time than passes from one reading of the clock to the next is one plain loop.
    #[inline]
    fn fold<A, F: FnMut(A, I::Item) -> A>(self, init: A, mut f: F) -> A {
        let Self { mut iter, mut items } = self;
        let items = items.borrow_mut();
        if iter.size_hint().1.is_some_and(|len| len <= items.stride()) {
            return iter.fold(init, |so_far, item| {
                items.count += 1;
                f(so_far, item)
            });
        }
        let mut so_far = init;
        loop {
            items.look_if_due();
            let (left, before) = (items.left(), items.count);
            so_far = iter.by_ref().take(left).fold(so_far, |so_far, item| {
                items.count += 1;
                f(so_far, item)
            });
            if items.count - before < left {
                return so_far;
            }
        }
    }
}

impl<'r, I: DoubleEndedIterator, C: BorrowMut<ItemCount<'r>>> DoubleEndedIterator for CountedIter<I, C> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        self.count(I::next_back)
    }
}

impl<'r, I: ExactSizeIterator, C: BorrowMut<ItemCount<'r>>> ExactSizeIterator for CountedIter<I, C> {}
