//! Layer 4: `Fold` and `FoldWith`, which fold the items of each leaf into one.

use std::fmt;

use super::{FoldConsumer, FoldStep, FromClone, FromIdentity};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// Folds the items of each part into one; made by [`fold`](ParallelIterator::fold).
///
/// ```
/// use paceline::iter::Fold;
/// use paceline::prelude::*;
///
/// let sums: Fold<_, _, _> = (1..=10).into_par_iter().fold(|| 0, |sum, n| sum + n);
/// assert_eq!(sums.sum::<i32>(), 55);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Fold<I, ID, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) identity: ID,
    pub(in crate::iter) fold_op: F,
}

debug_base! { Fold { base } <I, ID, F> }

impl<I, ID, T, F> ParallelIterator for Fold<I, ID, F>
where
    I: ParallelIterator,
    F: Fn(T, I::Item) -> T + Sync + Send,
    ID: Fn() -> T + Sync + Send,
    T: Send,
{
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(FoldConsumer {
            base: consumer,
            start: FromIdentity(&self.identity),
            step: Folding(&self.fold_op),
        })
    }
}

/// Folds the items of each part into one, from a clone; made by [`fold_with`](ParallelIterator::fold_with).
///
/// ```
/// use paceline::iter::FoldWith;
/// use paceline::prelude::*;
///
/// let sums: FoldWith<_, i32, _> = (1..=10).into_par_iter().fold_with(0, |sum, n| sum + n);
/// assert_eq!(sums.sum::<i32>(), 55);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FoldWith<I, T, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) init: T,
    pub(in crate::iter) fold_op: F,
}

impl<I: fmt::Debug, T: fmt::Debug, F> fmt::Debug for FoldWith<I, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldWith").field("base", &self.base).field("init", &self.init).finish_non_exhaustive()
    }
}

impl<I, T, F> ParallelIterator for FoldWith<I, T, F>
where
    I: ParallelIterator,
    F: Fn(T, I::Item) -> T + Sync + Send,
    T: Send + Clone,
{
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(FoldConsumer {
            base: consumer,
            start: FromClone(self.init),
            step: Folding(&self.fold_op),
        })
    }
}

#[derive(Clone)]
struct Folding<F>(F);

impl<U, T, F: Fn(U, T) -> U + Clone + Send> FoldStep<U, T> for Folding<F> {
    type Accumulator = U;
    type Output = U;

    fn begin(&self, value: U) -> U {
        value
    }

    fn step(&self, state: U, item: T) -> U {
        (self.0)(state, item)
    }

    fn end(&self, state: U) -> U {
        state
    }
}
