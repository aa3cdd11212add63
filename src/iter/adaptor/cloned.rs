//! Layer 4: `Cloned` and `Copied`, which clone or copy the items behind references.

use super::stage::{ExactStage, Same, Stage};
use crate::iter::ParallelIterator;

/// Clones the items behind references; made by [`cloned`](ParallelIterator::cloned).
///
/// ```
/// use paceline::iter::Cloned;
/// use paceline::prelude::*;
///
/// let names = ["Ann".to_string(), "Bob".to_string()];
/// let copies: Cloned<_> = names.par_iter().cloned();
/// assert_eq!(copies.map(String::into_bytes).flatten().count(), 6);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Cloned<I> {
    pub(in crate::iter) base: I,
}

staged! {
    impl['a, T, I] Cloned<I> { base }
    where [T: Clone + Send + Sync + 'a, I: ParallelIterator<Item = &'a T>]
    item: T,
    length: kept,
    seed: Same(Cloning),
}

/// Copies the items behind references; made by [`copied`](ParallelIterator::copied).
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
    // For a `Copy` type, `clone` copies.
    seed: Same(Cloning),
}

#[derive(Clone)]
struct Cloning;

impl<'a, T: Clone + 'a> Stage<&'a T> for Cloning {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = &'a T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.cloned()
    }
}

impl<'a, T: Clone + 'a> ExactStage<&'a T> for Cloning {
    type Exact<I>
        = std::iter::Cloned<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
    {
        iter.cloned()
    }
}
