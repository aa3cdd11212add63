//! Layer 5: the iterators over the parts between separators.

use super::pieces::{Rule, piece_clone, piece_iterator};

/// Splits at each item for which the closure returns true, and takes that item away.
pub(super) struct At<'p, P>(pub(super) &'p P);

/// Splits after each item for which the closure returns true.
pub(super) struct After<'p, P>(pub(super) &'p P);

macro_rules! copy {
    ($($rule:ident)*) => {
        $(
            impl<P> Clone for $rule<'_, P> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<P> Copy for $rule<'_, P> {}
        )*
    };
}

copy! { At After }

impl<T, P: Fn(&T) -> bool + Sync> Rule<T> for At<'_, P> {
    const TAKEN: usize = 1;

    fn first_cut(self, items: &[T]) -> Option<usize> {
        items.iter().position(self.0)
    }

    fn last_cut(self, items: &[T]) -> Option<usize> {
        items.iter().rposition(self.0)
    }
}

impl<T, P: Fn(&T) -> bool + Sync> Rule<T> for After<'_, P> {
    const TAKEN: usize = 0;

    fn first_cut(self, items: &[T]) -> Option<usize> {
        let (_, followed) = items.split_last()?;
        At(self.0).first_cut(followed).map(|index| index + 1)
    }

    fn last_cut(self, items: &[T]) -> Option<usize> {
        let (_, followed) = items.split_last()?;
        At(self.0).last_cut(followed).map(|index| index + 1)
    }
}

/// A parallel iterator over the parts of a slice between separators; made by
/// [`par_split`](super::ParallelSlice::par_split).
///
/// ```
/// use paceline::prelude::*;
///
/// let parts = [3, 1, 0, 4, 0, 0].par_split(|&n| n == 0);
/// assert_eq!(parts.map(|part| part.len()).collect::<Vec<_>>(), [2, 1, 0, 0]);
/// ```
pub struct Split<'data, T, P> {
    pub(super) slice: &'data [T],
    pub(super) closure: P,
}

/// A parallel iterator over the parts of a slice that end with a separator; made by
/// [`par_split_inclusive`](super::ParallelSlice::par_split_inclusive).
///
/// ```
/// use paceline::prelude::*;
///
/// let parts = [3, 1, 0, 4, 0, 0].par_split_inclusive(|&n| n == 0);
/// assert_eq!(parts.map(|part| part.len()).collect::<Vec<_>>(), [3, 2, 1]);
/// ```
pub struct SplitInclusive<'data, T, P> {
    pub(super) slice: &'data [T],
    pub(super) closure: P,
}

/// A parallel iterator over the parts of a slice between separators, by unique reference; made by
/// [`par_split_mut`](super::ParallelSliceMut::par_split_mut).
///
/// ```
/// use paceline::prelude::*;
///
/// let mut numbers = [3, 1, 0, 4, 5];
/// numbers.par_split_mut(|&n| n == 0).for_each(|part| part.reverse());
/// assert_eq!(numbers, [1, 3, 0, 5, 4]);
/// ```
pub struct SplitMut<'data, T, P> {
    pub(super) slice: &'data mut [T],
    pub(super) closure: P,
}

/// A parallel iterator over the parts of a slice that end with a separator, by unique reference; made by
/// [`par_split_inclusive_mut`](super::ParallelSliceMut::par_split_inclusive_mut).
///
/// ```
/// use paceline::prelude::*;
///
/// let mut numbers = [3, 1, 0, 4, 5];
/// numbers.par_split_inclusive_mut(|&n| n == 0).for_each(|part| part.reverse());
/// assert_eq!(numbers, [0, 1, 3, 5, 4]);
/// ```
pub struct SplitInclusiveMut<'data, T, P> {
    pub(super) slice: &'data mut [T],
    pub(super) closure: P,
}

piece_iterator! { Split: Sync &'data [T], At, Fn(&T) }
piece_iterator! { SplitInclusive: Sync &'data [T], After, Fn(&T) }
piece_iterator! { SplitMut: Send &'data mut [T], At, Fn(&T) }
piece_iterator! { SplitInclusiveMut: Send &'data mut [T], After, Fn(&T) }

piece_clone! { Split }
piece_clone! { SplitInclusive }
