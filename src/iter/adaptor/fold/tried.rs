//! Layer 4: `TryFold` and `TryFoldWith`, which fold the items of each leaf into one unless that fails.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use super::{FoldConsumer, FoldStep, FromClone, FromIdentity};
use crate::iter::ParallelIterator;
use crate::iter::fallible::Try;
use crate::iter::plumbing::UnindexedConsumer;

/// Folds the items of each part into one unless that fails; made by [`try_fold`](ParallelIterator::try_fold).
///
/// ```
/// use paceline::iter::TryFold;
/// use paceline::prelude::*;
///
/// let add = |sum: u8, n: u8| sum.checked_add(n);
/// let sums: TryFold<_, Option<u8>, _, _> = vec![100, 200].into_par_iter().try_fold(|| 0, add);
/// assert_eq!(sums.try_reduce(|| 0, add), None);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct TryFold<I, R, ID, F> {
    base: I,
    identity: ID,
    fold_op: F,
    output: PhantomData<R>,
}

impl<I, R, ID, F> TryFold<I, R, ID, F> {
    pub(in crate::iter) fn new(base: I, identity: ID, fold_op: F) -> Self {
        Self { base, identity, fold_op, output: PhantomData }
    }
}

impl<I: fmt::Debug, R, ID, F> fmt::Debug for TryFold<I, R, ID, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFold").field("base", &self.base).finish_non_exhaustive()
    }
}

impl<I, R, ID, F> ParallelIterator for TryFold<I, R, ID, F>
where
    I: ParallelIterator,
    F: Fn(R::Output, I::Item) -> R + Sync + Send,
    ID: Fn() -> R::Output + Sync + Send,
    R: Try + Send,
{
    type Item = R;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<R>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(FoldConsumer {
            base: consumer,
            start: FromIdentity(&self.identity),
            step: TryFolding::new(&self.fold_op),
        })
    }
}

/// Folds the items of each part into one, from a clone, unless that fails; made by
/// [`try_fold_with`](ParallelIterator::try_fold_with).
///
/// ```
/// use paceline::iter::TryFoldWith;
/// use paceline::prelude::*;
///
/// let add = |sum: u8, n: u8| sum.checked_add(n);
/// let sums: TryFoldWith<_, Option<u8>, _> = vec![100, 50].into_par_iter().try_fold_with(0, add);
/// assert_eq!(sums.try_reduce(|| 0, add), Some(150));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct TryFoldWith<I, R: Try, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) init: R::Output,
    pub(in crate::iter) fold_op: F,
}

impl<I, R, F> fmt::Debug for TryFoldWith<I, R, F>
where
    I: fmt::Debug,
    R: Try<Output: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFoldWith").field("base", &self.base).field("init", &self.init).finish_non_exhaustive()
    }
}

impl<I, R, F> ParallelIterator for TryFoldWith<I, R, F>
where
    I: ParallelIterator,
    F: Fn(R::Output, I::Item) -> R + Sync + Send,
    R: Try<Output: Clone + Send> + Send,
{
    type Item = R;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<R>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(FoldConsumer {
            base: consumer,
            start: FromClone(self.init),
            step: TryFolding::new(&self.fold_op),
        })
    }
}

/// Folds by a closure that returns an `R`.
struct TryFolding<F, R> {
    fold_op: F,
    output: PhantomData<fn() -> R>,
}

impl<F, R> TryFolding<F, R> {
    fn new(fold_op: F) -> Self {
        Self { fold_op, output: PhantomData }
    }
}

impl<F: Clone, R> Clone for TryFolding<F, R> {
    fn clone(&self) -> Self {
        Self::new(self.fold_op.clone())
    }
}

impl<T, R, F> FoldStep<R::Output, T> for TryFolding<F, R>
where
    R: Try,
    F: Fn(R::Output, T) -> R + Clone + Send,
{
    type Accumulator = ControlFlow<R::Residual, R::Output>;
    type Output = R;

    fn begin(&self, value: R::Output) -> Self::Accumulator {
        ControlFlow::Continue(value)
    }

    fn step(&self, state: Self::Accumulator, item: T) -> Self::Accumulator {
        match state {
            ControlFlow::Continue(value) => (self.fold_op)(value, item).branch(),
            failed @ ControlFlow::Break(_) => failed,
        }
    }

    fn end(&self, state: Self::Accumulator) -> R {
        match state {
            ControlFlow::Continue(value) => R::from_output(value),
            ControlFlow::Break(residual) => R::from_residual(residual),
        }
    }

    fn is_done(state: &Self::Accumulator) -> bool {
        state.is_break()
    }
}
