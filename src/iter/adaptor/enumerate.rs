//! Layer 4: `Enumerate`, which pairs each item with its position.

use std::ops::Range;

use crate::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Pairs each item with its position: what [`enumerate`](IndexedParallelIterator::enumerate) makes.
///
/// ```
/// use paceline::iter::Enumerate;
/// use paceline::prelude::*;
///
/// let numbered: Enumerate<_> = ["to", "be", "or"].into_par_iter().enumerate();
/// assert_eq!(numbered.find_any(|&(_, word)| word == "be"), Some((1, "be")));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Enumerate<I> {
    pub(in crate::iter) base: I,
}

impl<I: IndexedParallelIterator> ParallelIterator for Enumerate<I> {
    type Item = (usize, I::Item);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    const KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Enumerate<I> {
    fn len(&self) -> usize {
        self.base.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        self.base.with_producer(EnumerateCallback { callback })
    }
}

struct EnumerateCallback<CB> {
    callback: CB,
}

impl<T, CB: ProducerCallback<(usize, T)>> ProducerCallback<T> for EnumerateCallback<CB> {
    type Output = CB::Output;

    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.callback.callback(EnumerateProducer { base, first: 0 })
    }
}

/// A part whose first item has the position `first`.
struct EnumerateProducer<P> {
    base: P,
    first: usize,
}

impl<P: Producer> Producer for EnumerateProducer<P> {
    type Item = (usize, P::Item);
    // A range knows its end, so the pairs can be taken from the back too.
    type IntoIter = std::iter::Zip<Range<usize>, P::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        let items = self.base.into_iter();
        (self.first..self.first + items.len()).zip(items)
    }

    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        let left = Self { base: left, first: self.first };
        let right = Self { base: right, first: self.first + index };
        (left, right)
    }

    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}
