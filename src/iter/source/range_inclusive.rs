//! Layer 4: parallel iterators over ranges that include their end.

use std::ops::RangeInclusive;

use super::char_range::{rank, unrank};
use super::single::once;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelIterator};

/// A parallel iterator over a range that includes its end, of integers or characters.
///
/// It is indexed over `u8`, `u16`, `i8`, `i16` and `char`, where the number of items always fits a `usize`.
///
/// ```
/// use paceline::prelude::*;
///
/// assert_eq!((1..=100).into_par_iter().sum::<i32>(), 5050);
/// assert_eq!(('a'..='c').into_par_iter().collect::<Vec<_>>(), ['a', 'b', 'c']);
/// ```
#[derive(Clone, Debug)]
pub struct Iter<T> {
    range: RangeInclusive<T>,
}

impl<T> IntoParallelIterator for RangeInclusive<T>
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
/// One implementation of `ParallelIterator` for all of them lets `(0..=9).into_par_iter()` be inferred.
pub trait RangeInteger: Sized + Send {
    /// Runs a range against a consumer.
    fn drive_unindexed<C>(range: RangeInclusive<Self>, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<Self>;

    /// Tells whether the number of items always fits a `usize`.
    const KNOWS_LEN: KnowsLen;

    /// The number of items, if it fits.
    fn opt_len(range: &RangeInclusive<Self>) -> Option<usize>;
}

/// The integer types with at most `usize::MAX` values in a range.
#[diagnostic::on_unimplemented(
    message = "a range of `{Self}` can have more items than a `usize` counts, so their positions are not known",
    label = "not an indexed parallel iterator",
    note = "use a range of `usize`, and convert the items"
)]
pub trait IndexedRangeInteger: RangeInteger {
    /// The number of items.
    fn len(range: &RangeInclusive<Self>) -> usize;

    /// Runs a range against a consumer, by position.
    fn drive<C: Consumer<Self>>(range: RangeInclusive<Self>, consumer: C) -> C::Result;

    /// Makes the producer of a range.
    fn with_producer<CB>(range: RangeInclusive<Self>, callback: CB) -> CB::Output
    where
        CB: ProducerCallback<Self>;
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
        T::drive(self.range, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        T::with_producer(self.range, callback)
    }
}

/// Runs `$call` on the parallel iterator over `$range`, which has one of two types.
macro_rules! as_exclusive {
    ($range:expr, $iter:ident => $call:expr) => {{
        let range = $range;
        let (start, end) = (*range.start(), *range.end());
        if range.is_empty() {
            let $iter = (start..start).into_par_iter();
            $call
        } else if let Some(after_end) = end.checked_add(1) {
            let $iter = (start..after_end).into_par_iter();
            $call
        } else {
            let $iter = (start..end).into_par_iter().chain(once(end));
            $call
        }
    }};
}

macro_rules! inclusive_ranges {
    ($($int:ty),*) => { $(
        impl RangeInteger for $int {
            #[inline]
            fn drive_unindexed<C>(range: RangeInclusive<$int>, consumer: C) -> C::Result
            where
                C: UnindexedConsumer<$int>,
            {
                as_exclusive!(range, iter => iter.drive_unindexed(consumer))
            }

            const KNOWS_LEN: KnowsLen = KnowsLen::of_integers(size_of::<$int>() + 1);

            #[inline]
            fn opt_len(range: &RangeInclusive<$int>) -> Option<usize> {
                as_exclusive!(range, iter => iter.opt_len())
            }
        }
    )* };
}

inclusive_ranges! { u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize }

macro_rules! indexed_inclusive_ranges {
    ($($int:ty),*) => { $(
        impl IndexedRangeInteger for $int {
            #[inline]
            fn len(range: &RangeInclusive<$int>) -> usize {
                ExactSizeIterator::len(range)
            }

            #[inline]
            fn drive<C: Consumer<$int>>(range: RangeInclusive<$int>, consumer: C) -> C::Result {
                as_exclusive!(range, iter => iter.drive(consumer))
            }

            #[inline]
            fn with_producer<CB>(range: RangeInclusive<$int>, callback: CB) -> CB::Output
            where
                CB: ProducerCallback<$int>,
            {
                as_exclusive!(range, iter => iter.with_producer(callback))
            }
        }
    )* };
}

indexed_inclusive_ranges! { u8, u16, i8, i16 }

fn chars(range: &RangeInclusive<char>) -> impl IndexedParallelIterator<Item = char> {
    let start = rank(*range.start());
    let end = if range.is_empty() { start } else { rank(*range.end()) + 1 };
    (start..end).into_par_iter().map(unrank)
}

impl ParallelIterator for Iter<char> {
    type Item = char;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<char>>(self, consumer: C) -> C::Result {
        self.drive(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl IndexedParallelIterator for Iter<char> {
    fn len(&self) -> usize {
        chars(&self.range).len()
    }

    #[inline]
    fn drive<C: Consumer<char>>(self, consumer: C) -> C::Result {
        chars(&self.range).drive(consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<char>>(self, callback: CB) -> CB::Output {
        chars(&self.range).with_producer(callback)
    }
}
