//! Layer 4: `FlatMapIter` and `FlattenIter`, which put sequential iterators one after another.

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;

/// Makes a sequential iterator of each item; made by [`flat_map_iter`](ParallelIterator::flat_map_iter).
///
/// ```
/// use paceline::iter::FlatMapIter;
/// use paceline::prelude::*;
///
/// let letters: FlatMapIter<_, _> = ["to", "be"].into_par_iter().flat_map_iter(str::chars);
/// assert_eq!(letters.max(), Some('t'));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FlatMapIter<I, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) map_op: F,
}

debug_base! { FlatMapIter { base } <I, F> }

staged! {
    impl[I, F, S] FlatMapIter<I, F> { base, map_op }
    where [
        I: ParallelIterator,
        F: Fn(I::Item) -> S + Sync + Send,
        S: IntoIterator<Item: Send>,
    ]
    item: S::Item,
    length: lost,
    seed: Same(FlatMapping(&map_op)),
}

#[derive(Clone)]
struct FlatMapping<F>(F);

impl<T, F: Fn(T) -> S + Clone, S: IntoIterator> Stage<T> for FlatMapping<F> {
    type Item = S::Item;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = S::Item> {
        iter.flat_map(self.0.clone())
    }
}

/// Iterates over each item sequentially; made by [`flatten_iter`](ParallelIterator::flatten_iter).
///
/// ```
/// use paceline::iter::FlattenIter;
/// use paceline::prelude::*;
///
/// let numbers: FlattenIter<_> = [Some(1), None, Some(3)].into_par_iter().flatten_iter();
/// assert_eq!(numbers.sum::<u32>(), 4);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct FlattenIter<I> {
    pub(in crate::iter) base: I,
}

staged! {
    impl[I] FlattenIter<I> { base }
    where [I: ParallelIterator<Item: IntoIterator<Item: Send>>]
    item: <I::Item as IntoIterator>::Item,
    length: lost,
    seed: Same(Flattening),
}

#[derive(Clone)]
struct Flattening;

impl<T: IntoIterator> Stage<T> for Flattening {
    type Item = T::Item;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T::Item> {
        iter.flatten()
    }
}
