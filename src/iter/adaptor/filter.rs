//! Layer 4: `Filter`, which keeps only some items.

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::Folder;

/// Keeps only some items; made by [`filter`](ParallelIterator::filter).
///
/// ```
/// use paceline::iter::Filter;
/// use paceline::prelude::*;
///
/// let odd: Filter<_, _> = (0..9_u32).into_par_iter().filter(|n| n % 2 == 1);
/// assert_eq!(odd.collect::<Vec<_>>(), [1, 3, 5, 7]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Filter<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) filter_op: P,
}

debug_base! { Filter { base } <I, P> }

staged! {
    impl[I, P] Filter<I, P> { base, filter_op }
    where [I: ParallelIterator, P: Fn(&I::Item) -> bool + Sync + Send]
    item: I::Item,
    length: at_most,
    seed: Same(Filtering(&filter_op)),
}

#[derive(Clone)]
struct Filtering<P>(P);

impl<T, P: Fn(&T) -> bool + Clone> Stage<T> for Filtering<P> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.filter(self.0.clone())
    }

    #[inline]
    fn feed<I: Iterator<Item = T>, F: Folder<T>>(&mut self, iter: I, folder: F) -> F {
        folder.consume_filtered(iter, self.0.clone())
    }
}
