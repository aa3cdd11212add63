//! Layer 4: parallel iterators over ranges of integers.

use std::ops::Range;

use crate::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer, UnindexedProducer, bridge,
    bridge_producer_consumer, bridge_unindexed,
};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelIterator};

/// A parallel iterator over a range of integers.
///
/// It is indexed where the number of items always fits a `usize`: over `u8` to `u32` and `usize`, and over
/// `i8` to `i32` and `isize`.
///
/// ```
/// use paceline::prelude::*;
///
/// let squares: u64 = (1..=3_u64).map(|n| n * n).sum();
/// assert_eq!((1..4_u64).into_par_iter().map(|n| n * n).sum::<u64>(), squares);
/// ```
#[derive(Clone, Debug)]
pub struct Iter<T> {
    pub(super) range: Range<T>,
}

impl<T> IntoParallelIterator for Range<T>
where
    Iter<T>: ParallelIterator,
{
    type Item = <Iter<T> as ParallelIterator>::Item;
    type Iter = Iter<T>;

    fn into_par_iter(self) -> Iter<T> {
        Iter { range: self }
    }
}

/// The integers.
///
/// One implementation of `ParallelIterator` for all of them lets `(0..9).into_par_iter()` be inferred.
pub trait RangeInteger: Sized + Send {
    /// Runs a range against a consumer.
    fn drive_unindexed<C: UnindexedConsumer<Self>>(range: Range<Self>, consumer: C) -> C::Result;

    /// Tells whether the number of items always fits a `usize`.
    const KNOWS_LEN: KnowsLen;

    /// The number of items, if it fits.
    fn opt_len(range: &Range<Self>) -> Option<usize>;
}

/// The integer types with at most `usize::MAX` values in a range.
#[diagnostic::on_unimplemented(
    message = "a range of `{Self}` can have more items than a `usize` counts, so their positions are not known",
    label = "not an indexed parallel iterator",
    note = "use a range of `usize`, and convert the items"
)]
pub trait IndexedRangeInteger: RangeInteger {
    /// The number of items.
    fn len(range: &Range<Self>) -> usize;

    /// Makes the producer of a range.
    fn with_producer<CB: ProducerCallback<Self>>(range: Range<Self>, callback: CB) -> CB::Output;
}

impl<T: RangeInteger> ParallelIterator for Iter<T> {
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        T::drive_unindexed(self.range, consumer)
    }

    const __KNOWS_LEN: KnowsLen = T::KNOWS_LEN;

    fn opt_len(&self) -> Option<usize> {
        T::opt_len(&self.range)
    }
}

impl<T: IndexedRangeInteger> IndexedParallelIterator for Iter<T> {
    fn len(&self) -> usize {
        T::len(&self.range)
    }

    #[inline]
    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        T::with_producer(self.range, callback)
    }
}

/// A part of a range.
struct RangePart<T> {
    range: Range<T>,
}

macro_rules! indexed_ranges {
    ($($int:ty),*) => { $(
        impl RangeInteger for $int {
            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<$int>>(range: Range<$int>, consumer: C) -> C::Result {
                bridge(Iter { range }, consumer)
            }

            const KNOWS_LEN: KnowsLen = KnowsLen::Always;

            #[inline]
            fn opt_len(range: &Range<$int>) -> Option<usize> {
                Some(ExactSizeIterator::len(range))
            }
        }

        impl IndexedRangeInteger for $int {
            #[inline]
            fn len(range: &Range<$int>) -> usize {
                ExactSizeIterator::len(range)
            }

            #[inline]
            fn with_producer<CB: ProducerCallback<$int>>(range: Range<$int>, callback: CB) -> CB::Output {
                callback.callback(RangePart { range })
            }
        }

        impl Producer for RangePart<$int> {
            type Item = $int;
            type IntoIter = Range<$int>;

            #[inline]
            fn into_iter(self) -> Range<$int> {
                self.range
            }

            #[inline]
            fn split_at(self, index: usize) -> (Self, Self) {
                let Range { start, end } = self.range;
                // An index may exceed the largest signed integer; the sum is right modulo two to the type's width.
                let middle = start.wrapping_add(index as $int);
                (Self { range: start..middle }, Self { range: middle..end })
            }
        }
    )* };
}

indexed_ranges! { u8, u16, u32, usize, i8, i16, i32, isize }

/// A part of at most `usize::MAX` items, and its iterator, over an integer type with larger ranges, too.
struct Countable<T>(Range<T>);

macro_rules! unindexed_ranges {
    ($($int:ty, $distance:ty);*) => { $(
        impl RangePart<$int> {
            #[inline]
            fn distance(range: &Range<$int>) -> $distance {
                if range.is_empty() {
                    0
                } else {
                    range.end.wrapping_sub(range.start) as $distance
                }
            }
        }

        impl RangeInteger for $int {
            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<$int>>(range: Range<$int>, consumer: C) -> C::Result {
                match Self::opt_len(&range) {
                    // Consumers of a known length must be split by position.
                    Some(len) => bridge_producer_consumer(len, Countable(range), consumer),
                    None => bridge_unindexed(RangePart { range }, consumer),
                }
            }

            const KNOWS_LEN: KnowsLen = KnowsLen::of_integers(size_of::<$int>());

            #[inline]
            fn opt_len(range: &Range<$int>) -> Option<usize> {
                usize::try_from(RangePart::<$int>::distance(range)).ok()
            }
        }

        impl Producer for Countable<$int> {
            type Item = $int;
            type IntoIter = Self;

            #[inline]
            fn into_iter(self) -> Self {
                self
            }

            #[inline]
            fn split_at(self, index: usize) -> (Self, Self) {
                let Range { start, end } = self.0;
                let middle = start.wrapping_add(index as $int);
                (Self(start..middle), Self(middle..end))
            }
        }

        impl Iterator for Countable<$int> {
            type Item = $int;

            #[inline]
            fn next(&mut self) -> Option<$int> {
                self.0.next()
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }

            #[inline]
            fn nth(&mut self, n: usize) -> Option<$int> {
                self.0.nth(n)
            }

            #[inline]
            fn fold<B, F: FnMut(B, $int) -> B>(self, init: B, f: F) -> B {
                self.0.fold(init, f)
            }
        }

        impl DoubleEndedIterator for Countable<$int> {
            #[inline]
            fn next_back(&mut self) -> Option<$int> {
                self.0.next_back()
            }

            #[inline]
            fn nth_back(&mut self, n: usize) -> Option<$int> {
                self.0.nth_back(n)
            }
        }

        impl ExactSizeIterator for Countable<$int> {}

        impl UnindexedProducer for RangePart<$int> {
            type Item = $int;

            #[inline]
            fn split(self) -> (Self, Option<Self>) {
                let half = Self::distance(&self.range) / 2;
                if half == 0 {
                    return (self, None);
                }
                let Range { start, end } = self.range;
                let middle = start.wrapping_add(half as $int);
                (Self { range: start..middle }, Some(Self { range: middle..end }))
            }

            #[inline]
            fn fold_with<F: Folder<$int>>(self, folder: F) -> F {
                folder.consume_iter(self.range)
            }

            #[inline]
            fn fold_some<F: Folder<$int>>(self, len: usize, folder: F) -> (F, Option<Self>) {
                let Range { start, end } = self.range;
                let len = Self::distance(&(start..end)).min(len as $distance);
                let middle = start.wrapping_add(len as $int);
                (folder.consume_iter(start..middle), (middle < end).then_some(Self { range: middle..end }))
            }
        }
    )* };
}

unindexed_ranges! { u64, u64; i64, u64; u128, u128; i128, u128 }
