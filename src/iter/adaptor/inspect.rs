//! Layer 4: `Inspect`, which calls a closure with a reference to each item.

use super::stage::{ExactStage, Same, Stage};
use crate::iter::ParallelIterator;

/// Calls a closure with a reference to each item; made by [`inspect`](ParallelIterator::inspect).
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use paceline::iter::Inspect;
/// use paceline::prelude::*;
///
/// let seen = AtomicUsize::new(0);
/// let items: Inspect<_, _> = (0..5_u32).into_par_iter().inspect(|_| _ = seen.fetch_add(1, Ordering::Relaxed));
/// assert_eq!(items.sum::<u32>(), 10);
/// assert_eq!(seen.into_inner(), 5);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Inspect<I, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) inspect_op: F,
}

debug_base! { Inspect { base } <I, F> }

staged! {
    impl[I, F] Inspect<I, F> { base, inspect_op }
    where [I: ParallelIterator, F: Fn(&I::Item) + Sync + Send]
    item: I::Item,
    length: kept,
    seed: Same(Inspecting(&inspect_op)),
}

#[derive(Clone)]
struct Inspecting<F>(F);

impl<T, F: Fn(&T) + Clone> Stage<T> for Inspecting<F> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.inspect(self.0.clone())
    }
}

impl<T, F: Fn(&T) + Clone> ExactStage<T> for Inspecting<F> {
    type Exact<I>
        = std::iter::Inspect<I, F>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        iter.inspect(self.0)
    }
}
