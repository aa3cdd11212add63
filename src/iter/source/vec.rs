//! Layer 4: the parallel iterator over the items of a vector, by value.

use super::owned::OwnedProducer;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelIterator};

/// A parallel iterator over the items of a vector, by value.
///
/// Every item is moved out once or dropped, also if a closure panics; the vector's memory is freed at the end.
///
/// ```
/// use paceline::prelude::*;
///
/// let words = vec!["to".to_string(), "be".to_string()];
/// let bytes: Vec<Vec<u8>> = words.into_par_iter().map(String::into_bytes).collect();
/// assert_eq!(bytes, [b"to", b"be"]);
/// ```
#[derive(Clone, Debug)]
pub struct IntoIter<T> {
    vec: Vec<T>,
}

impl<T: Send> IntoParallelIterator for Vec<T> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter { vec: self }
    }
}

impl<T: Send> IntoParallelIterator for Box<[T]> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        self.into_vec().into_par_iter()
    }
}

impl<T: Send> ParallelIterator for IntoIter<T> {
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Send> IndexedParallelIterator for IntoIter<T> {
    fn len(&self) -> usize {
        self.vec.len()
    }

    #[inline]
    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        let mut vec = self.vec;
        let len = vec.len();
        // SAFETY: a length of 0 requires no initialised items.
        unsafe { vec.set_len(0) };
        let slots = &mut vec.spare_capacity_mut()[..len];
        // SAFETY: these were the vector's items, and it has just forgotten them. The producer's type holds the borrow,
        // so the vector outlives it; then the vector has only memory to free.
        let producer = unsafe { OwnedProducer::new(slots) };
        callback.callback(producer)
    }
}
