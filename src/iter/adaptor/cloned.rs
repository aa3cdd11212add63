//! Layer 4: `Cloned`, which clones the items behind references.

use super::stage::{ExactStage, Same, Stage};
use crate::iter::ParallelIterator;

/// Makes owned items of references: what [`cloned`](ParallelIterator::cloned) makes.
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

#[derive(Clone)]
struct Cloning;

impl<'a, T: Clone + 'a> Stage<&'a T> for Cloning {
    type Item = T;

    fn over<I: Iterator<Item = &'a T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.cloned()
    }
}

impl<'a, T: Clone + 'a> ExactStage<&'a T> for Cloning {
    type Exact<I>
        = std::iter::Cloned<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator;

    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
    {
        iter.cloned()
    }
}
