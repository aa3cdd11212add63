//! Layer 4: `Zip`, which pairs the items of two iterators.

use crate::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// Pairs the items of two iterators: what [`zip`](IndexedParallelIterator::zip) makes.
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Zip<A, B> {
    pub(in crate::iter) a: A,
    pub(in crate::iter) b: B,
}

impl<A, B> ParallelIterator for Zip<A, B>
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator,
{
    type Item = (A::Item, B::Item);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<A, B> IndexedParallelIterator for Zip<A, B>
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator,
{
    fn len(&self) -> usize {
        self.a.len().min(self.b.len())
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        let Self { a, b } = self;
        a.with_producer(FirstCallback { callback, b })
    }
}

/// Holds the second iterator while the producer of the first is made.
struct FirstCallback<CB, B> {
    callback: CB,
    b: B,
}

impl<T, CB, B> ProducerCallback<T> for FirstCallback<CB, B>
where
    B: IndexedParallelIterator,
    CB: ProducerCallback<(T, B::Item)>,
{
    type Output = CB::Output;

    fn callback<P: Producer<Item = T>>(self, a: P) -> CB::Output {
        let callback = self.callback;
        self.b.with_producer(SecondCallback { callback, a })
    }
}

/// Holds the first producer while the second is made.
struct SecondCallback<CB, A> {
    callback: CB,
    a: A,
}

impl<T, CB, A> ProducerCallback<T> for SecondCallback<CB, A>
where
    A: Producer,
    CB: ProducerCallback<(A::Item, T)>,
{
    type Output = CB::Output;

    fn callback<P: Producer<Item = T>>(self, b: P) -> CB::Output {
        self.callback.callback(ZipProducer { a: self.a, b })
    }
}

struct ZipProducer<A, B> {
    a: A,
    b: B,
}

impl<A: Producer, B: Producer> Producer for ZipProducer<A, B> {
    type Item = (A::Item, B::Item);
    type IntoIter = std::iter::Zip<A::IntoIter, B::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        self.a.into_iter().zip(self.b.into_iter())
    }

    fn min_len(&self) -> usize {
        self.a.min_len().max(self.b.min_len())
    }

    fn max_len(&self) -> usize {
        self.a.max_len().min(self.b.max_len())
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (a, a_rest) = self.a.split_at(index);
        let (b, b_rest) = self.b.split_at(index);
        (Self { a, b }, Self { a: a_rest, b: b_rest })
    }
}
