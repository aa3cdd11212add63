//! Layer 4: parallel iterators over slices, by shared and by unique reference.

use crate::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// A parallel iterator over the items of a slice, by shared reference.
///
/// ```
/// use paceline::prelude::*;
///
/// let words = ["a", "parallel", "loop"];
/// let longest = words.par_iter().max_by_key(|word| word.len());
/// assert_eq!(longest, Some(&"parallel"));
/// ```
#[derive(Debug)]
pub struct Iter<'data, T> {
    slice: &'data [T],
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self { slice: self.slice }
    }
}

/// A parallel iterator over the items of a slice, by unique reference.
///
/// ```
/// use paceline::prelude::*;
///
/// let mut numbers = [1, 2, 3];
/// numbers.par_iter_mut().for_each(|number| *number *= 10);
/// assert_eq!(numbers, [10, 20, 30]);
/// ```
#[derive(Debug)]
pub struct IterMut<'data, T> {
    slice: &'data mut [T],
}

macro_rules! slice_source {
    ($iter:ident, $bound:ident, $reference:ty, $slice:ty, $part:ident, $seq:ty, $split:ident, $seq_of:ident) => {
        impl<'data, T: $bound> IntoParallelIterator for $slice {
            type Item = $reference;
            type Iter = $iter<'data, T>;

            fn into_par_iter(self) -> Self::Iter {
                $iter { slice: self }
            }
        }

        impl<'data, T: $bound> ParallelIterator for $iter<'data, T> {
            type Item = $reference;

            #[inline]
            fn drive_unindexed<C: UnindexedConsumer<$reference>>(self, consumer: C) -> C::Result {
                bridge(self, consumer)
            }

            const __KNOWS_LEN: $crate::iter::KnowsLen = $crate::iter::KnowsLen::Always;

            fn opt_len(&self) -> Option<usize> {
                Some(self.len())
            }
        }

        impl<'data, T: $bound> IndexedParallelIterator for $iter<'data, T> {
            fn len(&self) -> usize {
                self.slice.len()
            }

            #[inline]
            fn drive<C: Consumer<$reference>>(self, consumer: C) -> C::Result {
                bridge(self, consumer)
            }

            #[inline]
            fn with_producer<CB: ProducerCallback<$reference>>(self, callback: CB) -> CB::Output {
                callback.callback($part { slice: self.slice })
            }
        }

        struct $part<'data, T> {
            slice: $slice,
        }

        impl<'data, T: $bound> Producer for $part<'data, T> {
            type Item = $reference;
            type IntoIter = $seq;

            #[inline]
            fn into_iter(self) -> Self::IntoIter {
                self.slice.$seq_of()
            }

            #[inline]
            fn split_at(self, index: usize) -> (Self, Self) {
                let (left, right) = self.slice.$split(index);
                (Self { slice: left }, Self { slice: right })
            }
        }
    };
}

slice_source! {
    Iter, Sync, &'data T, &'data [T], Part, std::slice::Iter<'data, T>, split_at, iter
}
slice_source! {
    IterMut, Send, &'data mut T, &'data mut [T], PartMut, std::slice::IterMut<'data, T>, split_at_mut, iter_mut
}

macro_rules! slice_owner {
    ([$($length:tt)*] $owner:ty) => {
        impl<'data, T: Sync $($length)*> IntoParallelIterator for &'data $owner {
            type Item = &'data T;
            type Iter = Iter<'data, T>;

            fn into_par_iter(self) -> Self::Iter {
                Iter { slice: self }
            }
        }

        impl<'data, T: Send $($length)*> IntoParallelIterator for &'data mut $owner {
            type Item = &'data mut T;
            type Iter = IterMut<'data, T>;

            fn into_par_iter(self) -> Self::Iter {
                IterMut { slice: self }
            }
        }
    };
}

slice_owner! { [] Vec<T> }
slice_owner! { [] Box<[T]> }
slice_owner! { [, const N: usize] [T; N] }
