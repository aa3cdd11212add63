//! Layer 4: `FilterMap`, which applies a closure and keeps only some results.

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;

/// Applies a closure and keeps the results that are `Some`; made by [`filter_map`](ParallelIterator::filter_map).
///
/// ```
/// use paceline::iter::FilterMap;
/// use paceline::prelude::*;
///
/// let digits: FilterMap<_, _> = "7 of 9".par_chars().filter_map(|char| char.to_digit(10));
/// assert_eq!(digits.sum::<u32>(), 16);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FilterMap<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) filter_op: P,
}

debug_base! { FilterMap { base } <I, P> }

staged! {
    impl[I, P, R] FilterMap<I, P> { base, filter_op }
    where [I: ParallelIterator, P: Fn(I::Item) -> Option<R> + Sync + Send, R: Send]
    item: R,
    length: at_most,
    seed: Same(FilterMapping(&filter_op)),
}

#[derive(Clone)]
struct FilterMapping<P>(P);

impl<T, P: Fn(T) -> Option<R> + Clone, R> Stage<T> for FilterMapping<P> {
    type Item = R;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = R> {
        iter.filter_map(self.0.clone())
    }
}
