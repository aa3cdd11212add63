//! Layer 4: `Chain`, which puts one iterator after another.

use std::iter;

use super::pair::{PairCallback, with_producers};
use crate::iter::plumbing::{Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer};
use crate::iter::schedule::{both_loops, is_in_order};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Puts one iterator after another; made by [`chain`](ParallelIterator::chain).
///
/// ```
/// use paceline::iter::{Chain, Once, once};
/// use paceline::prelude::*;
///
/// let numbers: Chain<_, Once<u32>> = (1..4_u32).into_par_iter().chain(once(9));
/// assert_eq!(numbers.rev().collect::<Vec<_>>(), [9, 3, 2, 1]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Chain<A, B> {
    pub(in crate::iter) a: A,
    pub(in crate::iter) b: B,
}

impl<A, B> ParallelIterator for Chain<A, B>
where
    A: ParallelIterator,
    B: ParallelIterator<Item = A::Item>,
{
    type Item = A::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<A::Item>>(self, consumer: C) -> C::Result {
        let Self { a, b } = self;
        let a_len = a.opt_len();
        let len = a_len.and_then(|a_len| a_len.checked_add(b.opt_len()?));
        let (left, right, reducer) = match a_len {
            Some(len) => consumer.split_at(len),
            None => {
                let (left, reducer) = (consumer.split_off_left(), consumer.to_reducer());
                (left, consumer, reducer)
            }
        };
        let (left, right) =
            both_loops(len, is_in_order::<A::Item, C>(), || a.drive_unindexed(left), || b.drive_unindexed(right));
        reducer.reduce(left, right)
    }

    const __KNOWS_LEN: KnowsLen = A::__KNOWS_LEN.and(B::__KNOWS_LEN).unless_too_large();

    fn opt_len(&self) -> Option<usize> {
        self.a.opt_len()?.checked_add(self.b.opt_len()?)
    }
}

impl<A, B> IndexedParallelIterator for Chain<A, B>
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator<Item = A::Item>,
{
    fn len(&self) -> usize {
        let len = self.a.len().checked_add(self.b.len());
        len.expect("two chained iterators have more items than a usize can count")
    }

    #[inline]
    fn drive<C: Consumer<A::Item>>(self, consumer: C) -> C::Result {
        let Self { a, b } = self;
        let a_len = a.len();
        let len = a_len.checked_add(b.len());
        let (left, right, reducer) = consumer.split_at(a_len);
        let (left, right) = both_loops(len, is_in_order::<A::Item, C>(), || a.drive(left), || b.drive(right));
        reducer.reduce(left, right)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<A::Item>>(self, callback: CB) -> CB::Output {
        let a_len = self.a.len();
        with_producers(self.a, self.b, ChainCallback { callback, a_len })
    }
}

struct ChainCallback<CB> {
    callback: CB,
    a_len: usize,
}

impl<T, CB: ProducerCallback<T>> PairCallback<T, T> for ChainCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<A, B>(self, a: A, b: B) -> CB::Output
    where
        A: Producer<Item = T>,
        B: Producer<Item = T>,
    {
        let a_len = self.a_len;
        self.callback.callback(ChainProducer { a, b, a_len })
    }
}

struct ChainProducer<A, B> {
    a: A,
    b: B,
    a_len: usize,
}

impl<A: Producer, B: Producer<Item = A::Item>> Producer for ChainProducer<A, B> {
    type Item = A::Item;
    type IntoIter = ChainIter<A::IntoIter, B::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        let (a, b) = (self.a.into_iter(), self.b.into_iter());
        ChainIter { len: a.len() + b.len(), chain: a.chain(b) }
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.a.min_len().max(self.b.min_len())
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.a.max_len().min(self.b.max_len())
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let a_index = index.min(self.a_len);
        let (a, a_rest) = self.a.split_at(a_index);
        let (b, b_rest) = self.b.split_at(index - a_index);
        let left = Self { a, b, a_len: a_index };
        let right = Self { a: a_rest, b: b_rest, a_len: self.a_len - a_index };
        (left, right)
    }

    #[inline]
    fn fold_with<F: Folder<A::Item>>(self, folder: F) -> F {
        let folder = self.a.fold_with(folder);
        if folder.full() {
            return folder;
        }
        self.b.fold_with(folder)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.a.can_run_in_blocks() && self.b.can_run_in_blocks()
    }
}

/// std's `Chain`, with its length, which std's type does not know.
struct ChainIter<A, B> {
    chain: iter::Chain<A, B>,
    len: usize,
}

impl<A: Iterator, B: Iterator<Item = A::Item>> Iterator for ChainIter<A, B> {
    type Item = A::Item;

    #[inline]
    fn next(&mut self) -> Option<A::Item> {
        let item = self.chain.next()?;
        self.len -= 1;
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }

    #[inline]
    fn fold<T, F: FnMut(T, A::Item) -> T>(self, init: T, f: F) -> T {
        self.chain.fold(init, f)
    }
}

impl<A, B> DoubleEndedIterator for ChainIter<A, B>
where
    A: DoubleEndedIterator,
    B: DoubleEndedIterator<Item = A::Item>,
{
    #[inline]
    fn next_back(&mut self) -> Option<A::Item> {
        let item = self.chain.next_back()?;
        self.len -= 1;
        Some(item)
    }
}

impl<A: Iterator, B: Iterator<Item = A::Item>> ExactSizeIterator for ChainIter<A, B> {}
