//! Layer 4: `Update`, which changes each item in passing.

use super::each::Each;
use super::stage::Same;
use crate::iter::ParallelIterator;

/// Changes each item in passing; made by [`update`](ParallelIterator::update).
///
/// ```
/// use paceline::iter::Update;
/// use paceline::prelude::*;
///
/// let lists: Update<_, _> = vec![vec![2, 1], vec![4, 3]].into_par_iter().update(|list| list.sort());
/// assert_eq!(lists.collect::<Vec<_>>(), [[1, 2], [3, 4]]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Update<I, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) update_op: F,
}

debug_base! { Update { base } <I, F> }

staged! {
    impl[I, F] Update<I, F> { base, update_op }
    where [I: ParallelIterator, F: Fn(&mut I::Item) + Sync + Send]
    item: I::Item,
    length: kept,
    seed: Same(Updating(&update_op)),
}

#[derive(Clone)]
struct Updating<F>(F);

impl<T, F: Fn(&mut T)> Each<T> for Updating<F> {
    type Item = T;

    fn each(&mut self, mut item: T) -> T {
        (self.0)(&mut item);
        item
    }
}

each_stage! { impl[T, F] Updating<F> where [F: Fn(&mut T) + Clone] T => T }
