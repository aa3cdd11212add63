//! Layer 4: `Rev`, which reverses the order.

use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// Reverses the order; made by [`rev`](IndexedParallelIterator::rev).
///
/// ```
/// use paceline::iter::Rev;
/// use paceline::prelude::*;
///
/// let countdown: Rev<_> = (1..4_u32).into_par_iter().rev();
/// assert_eq!(countdown.collect::<Vec<_>>(), [3, 2, 1]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Rev<I> {
    pub(in crate::iter) base: I,
}

bridged! {
    impl[I] Rev<I>
    where [I: IndexedParallelIterator]
    item: I::Item,
    len: |this| this.base.len(),
    producer: |this, callback| {
        let len = this.base.len();
        this.base.with_producer(RevCallback { callback, len })
    },
}

struct RevCallback<CB> {
    callback: CB,
    len: usize,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for RevCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let len = self.len;
        self.callback.callback(RevProducer { base, len })
    }
}

struct RevProducer<P> {
    base: P,
    len: usize,
}

impl<P: Producer> Producer for RevProducer<P> {
    type Item = P::Item;
    type IntoIter = std::iter::Rev<P::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.base.into_iter().rev()
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
        let rest = self.len - index;
        let (right, left) = self.base.split_at(rest);
        let left = Self { base: left, len: index };
        let right = Self { base: right, len: rest };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}
