//! Layer 4: how an adaptor of two iterators gets the producers of both.

use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// A function of two producers, generic over the types of both.
pub(crate) trait PairCallback<T, U> {
    /// The return type of [`callback`](Self::callback).
    type Output;

    /// Uses up both producers.
    fn callback<A, B>(self, a: A, b: B) -> Self::Output
    where
        A: Producer<Item = T>,
        B: Producer<Item = U>;
}

/// Makes the producers of `a` and `b`, and calls `callback` with them.
pub(crate) fn with_producers<A, B, CB>(a: A, b: B, callback: CB) -> CB::Output
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator,
    CB: PairCallback<A::Item, B::Item>,
{
    a.with_producer(FirstCallback { callback, b })
}

/// Holds the second iterator while the producer of the first is made.
struct FirstCallback<CB, B> {
    callback: CB,
    b: B,
}

impl<T, CB, B> ProducerCallback<T> for FirstCallback<CB, B>
where
    B: IndexedParallelIterator,
    CB: PairCallback<T, B::Item>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<A: Producer<Item = T>>(self, a: A) -> CB::Output {
        let callback = self.callback;
        self.b.with_producer(Second { callback, a })
    }
}

/// Holds the first producer while the second is made.
struct Second<CB, A> {
    callback: CB,
    a: A,
}

impl<U, CB, A> ProducerCallback<U> for Second<CB, A>
where
    A: Producer,
    CB: PairCallback<A::Item, U>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<B: Producer<Item = U>>(self, b: B) -> CB::Output {
        self.callback.callback(self.a, b)
    }
}
