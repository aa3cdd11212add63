//! Layer 4: `Zip`, which pairs the items of two iterators.

use super::pair::{PairCallback, with_producers};
use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// Pairs the items of two iterators; made by [`zip`](IndexedParallelIterator::zip).
///
/// ```
/// use paceline::iter::Zip;
/// use paceline::prelude::*;
///
/// let products: Zip<_, _> = [1, 2, 3].into_par_iter().zip([4, 5, 6]);
/// assert_eq!(products.map(|(a, b)| a * b).sum::<i32>(), 32);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Zip<A, B> {
    pub(in crate::iter) a: A,
    pub(in crate::iter) b: B,
}

bridged! {
    impl[A, B] Zip<A, B>
    where [A: IndexedParallelIterator, B: IndexedParallelIterator]
    item: (A::Item, B::Item),
    len: |this| this.a.len().min(this.b.len()),
    producer: |this, callback| with_producers(this.a, this.b, ZipCallback { callback }),
}

struct ZipCallback<CB> {
    callback: CB,
}

impl<T, U, CB: ProducerCallback<(T, U)>> PairCallback<T, U> for ZipCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<A, B>(self, a: A, b: B) -> CB::Output
    where
        A: Producer<Item = T>,
        B: Producer<Item = U>,
    {
        self.callback.callback(ZipProducer { a, b })
    }
}

struct ZipProducer<A, B> {
    a: A,
    b: B,
}

impl<A: Producer, B: Producer> Producer for ZipProducer<A, B> {
    type Item = (A::Item, B::Item);
    type IntoIter = std::iter::Zip<A::IntoIter, B::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.a.into_iter().zip(self.b.into_iter())
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
        let (a, a_rest) = self.a.split_at(index);
        let (b, b_rest) = self.b.split_at(index);
        (Self { a, b }, Self { a: a_rest, b: b_rest })
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.a.can_run_in_blocks() && self.b.can_run_in_blocks()
    }
}
