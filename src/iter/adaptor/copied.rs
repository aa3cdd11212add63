//! Layer 4: `Copied`, which copies the items behind references.

use super::stage::{ExactStage, Same, Stage};
use crate::iter::ParallelIterator;

/// Makes owned items of references: what [`copied`](ParallelIterator::copied) makes.
///
/// ```
/// use paceline::iter::Copied;
/// use paceline::prelude::*;
///
/// let ages = [31, 28];
/// let copies: Copied<_> = ages.par_iter().copied();
/// assert_eq!(copies.max(), Some(31));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Copied<I> {
    pub(in crate::iter) base: I,
}

staged! {
    impl['a, T, I] Copied<I> { base }
    where [T: Copy + Send + Sync + 'a, I: ParallelIterator<Item = &'a T>]
    item: T,
    length: kept,
    seed: Same(Copying),
}

#[derive(Clone)]
struct Copying;

impl<'a, T: Copy + 'a> Stage<&'a T> for Copying {
    type Item = T;

    fn over<I: Iterator<Item = &'a T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.copied()
    }
}

impl<'a, T: Copy + 'a> ExactStage<&'a T> for Copying {
    type Exact<I>
        = std::iter::Copied<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator;

    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
    {
        iter.copied()
    }
}
