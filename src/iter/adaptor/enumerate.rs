//! Layer 4: `Enumerate`, which pairs each item with its position.

use crate::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Pairs each item with its position; made by [`enumerate`](IndexedParallelIterator::enumerate).
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

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Enumerate<I> {
    fn len(&self) -> usize {
        self.base.len()
    }

    #[inline]
    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        self.base.with_producer(EnumerateCallback { callback })
    }
}

struct EnumerateCallback<CB> {
    callback: CB,
}

impl<T, CB: ProducerCallback<(usize, T)>> ProducerCallback<T> for EnumerateCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.callback.callback(EnumerateProducer { base, first: 0 })
    }
}

/// A part; its first item has the position `first`.
struct EnumerateProducer<P> {
    base: P,
    first: usize,
}

impl<P: Producer> Producer for EnumerateProducer<P> {
    type Item = (usize, P::Item);
    type IntoIter = Positioned<P::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        Positioned { items: self.base.into_iter(), next: self.first }
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        let left = Self { base: left, first: self.first };
        let right = Self { base: right, first: self.first + index };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}

/// The items of a part, and their positions. The next one from the front has the position `next`.
///
/// `fold` counts in one variable, as in std's `Enumerate`. That type cannot begin with another position than 0.
struct Positioned<I> {
    items: I,
    next: usize,
}

impl<I: Iterator> Iterator for Positioned<I> {
    type Item = (usize, I::Item);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let item = self.items.next()?;
        let position = self.next;
        self.next += 1;
        Some((position, item))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        let item = self.items.nth(n)?;
        let position = self.next + n;
        self.next = position + 1;
        Some((position, item))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        let mut position = self.next;
        self.items.fold(init, move |so_far, item| {
            let so_far = f(so_far, (position, item));
            position += 1;
            so_far
        })
    }
}

impl<I: DoubleEndedIterator + ExactSizeIterator> DoubleEndedIterator for Positioned<I> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let item = self.items.next_back()?;
        // The items that are left come before this one.
        Some((self.next + self.items.len(), item))
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        let item = self.items.nth_back(n)?;
        Some((self.next + self.items.len(), item))
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Positioned<I> {}
