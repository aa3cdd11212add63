//! Layer 4: `WithProgress`, which reports how many items are done.

use super::stage::{ExactStage, Same, Stage};
use crate::fork::Progress;
use crate::iter::ParallelIterator;
use crate::iter::progress::{BlockCount, LoopProgress};

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
    seed: Same(Counting(&LoopProgress::begin(&progress, length))),
}

#[derive(Clone)]
struct Counting<'r>(&'r LoopProgress<'r>);

impl<T> Stage<T> for Counting<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        CountedIter { iter, block: BlockCount::begin(self.0) }
    }
}

impl<'r, T> ExactStage<T> for Counting<'r> {
    type Exact<I>
        = CountedIter<'r, I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        CountedIter { iter, block: BlockCount::begin(self.0) }
    }
}

/// Counts the items of `iter` as it gives them.
///
/// When the clock is read, all items that were counted have ended: the next one is being asked for.
pub(crate) struct CountedIter<'r, I> {
    iter: I,
    block: BlockCount<'r>,
}

impl<I: Iterator> Iterator for CountedIter<'_, I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        _ = self.block.left();
        let item = self.iter.next()?;
        self.block.count += 1;
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }

    /// A block that takes less time than passes from one reading of the clock to the next is one plain loop.
    #[inline]
    fn fold<A, F: FnMut(A, I::Item) -> A>(self, init: A, mut f: F) -> A {
        let Self { mut iter, mut block } = self;
        if iter.size_hint().1.is_some_and(|len| len <= block.stride()) {
            return iter.fold(init, |so_far, item| {
                block.count += 1;
                f(so_far, item)
            });
        }
        let mut so_far = init;
        loop {
            let left = block.left();
            let before = block.count;
            so_far = iter.by_ref().take(left).fold(so_far, |so_far, item| {
                block.count += 1;
                f(so_far, item)
            });
            if block.count - before < left {
                return so_far;
            }
        }
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for CountedIter<'_, I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        _ = self.block.left();
        let item = self.iter.next_back()?;
        self.block.count += 1;
        Some(item)
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for CountedIter<'_, I> {}
