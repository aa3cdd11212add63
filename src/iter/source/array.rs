//! Layer 4: the parallel iterator over the items of an array, by value.

use std::mem::MaybeUninit;

use super::owned::OwnedProducer;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelIterator};

/// A parallel iterator over the items of an array, by value.
///
/// ```
/// use paceline::prelude::*;
///
/// let words = ["to".to_string(), "be".to_string()];
/// assert_eq!(words.into_par_iter().map(|word| word.len()).sum::<usize>(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct IntoIter<T, const N: usize> {
    array: [T; N],
}

impl<T: Send, const N: usize> IntoParallelIterator for [T; N] {
    type Item = T;
    type Iter = IntoIter<T, N>;

    fn into_par_iter(self) -> IntoIter<T, N> {
        IntoIter { array: self }
    }
}

impl<T: Send, const N: usize> ParallelIterator for IntoIter<T, N> {
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(N)
    }
}

impl<T: Send, const N: usize> IndexedParallelIterator for IntoIter<T, N> {
    fn len(&self) -> usize {
        N
    }

    #[inline]
    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        let mut slots = self.array.map(MaybeUninit::new);
        // SAFETY: all slots have just been filled, and a `MaybeUninit` does not drop its item.
        let producer = unsafe { OwnedProducer::new(&mut slots) };
        callback.callback(producer)
    }
}
