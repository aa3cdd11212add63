//! Layer 4: `MinLen` and `MaxLen`, which bound the length of the parts that are run.

use crate::iter::plumbing::{Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// Keeps parts from becoming too short; made by [`with_min_len`](IndexedParallelIterator::with_min_len).
///
/// ```
/// use paceline::iter::MinLen;
/// use paceline::prelude::*;
///
/// let long: MinLen<_> = (0..1000_u32).into_par_iter().with_min_len(100);
/// assert!(long.fold(|| 0, |len, _| len + 1).all(|len| len >= 100));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct MinLen<I> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) min: usize,
}

/// Keeps parts from becoming too long; made by [`with_max_len`](IndexedParallelIterator::with_max_len).
///
/// ```
/// use paceline::iter::MaxLen;
/// use paceline::prelude::*;
///
/// let short: MaxLen<_> = (0..1000_u32).into_par_iter().with_max_len(100);
/// assert!(short.fold(|| 0, |len, _| len + 1).all(|len| len <= 100));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct MaxLen<I> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) max: usize,
}

/// The bounds for the lengths of parts.
#[derive(Clone, Copy)]
struct LenBounds {
    min: usize,
    max: usize,
}

macro_rules! bounded {
    ($adaptor:ident, $this:ident => $bounds:expr) => {
        impl<I: IndexedParallelIterator> ParallelIterator for $adaptor<I> {
            type Item = I::Item;

            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
                bridge(self, consumer)
            }

            const __KNOWS_LEN: $crate::iter::KnowsLen = $crate::iter::KnowsLen::Always;

            fn opt_len(&self) -> Option<usize> {
                Some(self.len())
            }
        }

        impl<I: IndexedParallelIterator> IndexedParallelIterator for $adaptor<I> {
            fn len(&self) -> usize {
                self.base.len()
            }

            #[inline]
            fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
                bridge(self, consumer)
            }

            #[inline]
            fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
                let $this = &self;
                let bounds = $bounds;
                self.base.with_producer(BoundedCallback { callback, bounds })
            }
        }
    };
}

bounded! { MinLen, this => LenBounds { min: this.min, max: usize::MAX } }
bounded! { MaxLen, this => LenBounds { min: 1, max: this.max } }

struct BoundedCallback<CB> {
    callback: CB,
    bounds: LenBounds,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for BoundedCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let bounds = self.bounds;
        self.callback.callback(BoundedProducer { base, bounds })
    }
}

struct BoundedProducer<P> {
    base: P,
    bounds: LenBounds,
}

impl<P: Producer> Producer for BoundedProducer<P> {
    type Item = P::Item;
    type IntoIter = P::IntoIter;

    #[inline]
    fn into_iter(self) -> P::IntoIter {
        self.base.into_iter()
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len().max(self.bounds.min)
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len().min(self.bounds.max)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let bounds = self.bounds;
        let (left, right) = self.base.split_at(index);
        let with = |base| Self { base, bounds };
        (with(left), with(right))
    }

    #[inline]
    fn fold_with<F: Folder<P::Item>>(self, folder: F) -> F {
        self.base.fold_with(folder)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}
