//! Layer 4: `Map`, which applies a closure to each item.

use super::stage::{ExactStage, Same, Stage};
use crate::iter::ParallelIterator;

/// Applies a closure to each item; made by [`map`](ParallelIterator::map).
///
/// ```
/// use paceline::iter::Map;
/// use paceline::prelude::*;
///
/// let lengths: Map<_, _> = ["one", "three"].into_par_iter().map(str::len);
/// assert_eq!(lengths.sum::<usize>(), 8);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Map<I, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) map_op: F,
}

debug_base! { Map { base } <I, F> }

staged! {
    impl[I, F, R] Map<I, F> { base, map_op }
    where [I: ParallelIterator, F: Fn(I::Item) -> R + Sync + Send, R: Send]
    item: R,
    length: kept,
    seed: Same(Mapping(&map_op)),
}

/// Applies a function to each item.
#[derive(Clone)]
pub(crate) struct Mapping<F>(pub(crate) F);

impl<T, F: Fn(T) -> R + Clone, R> Stage<T> for Mapping<F> {
    type Item = R;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = R> {
        iter.map(self.0.clone())
    }
}

impl<T, F: Fn(T) -> R + Clone, R> ExactStage<T> for Mapping<F> {
    type Exact<I>
        = std::iter::Map<I, F>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        iter.map(self.0)
    }
}
