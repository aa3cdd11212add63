//! Layer 4: `MapWorkerInit`, which applies a closure that has a value of its own on each worker.

use super::each::Each;
use super::stage::Same;
use crate::fork::SlotValues;
use crate::iter::ParallelIterator;

/// Applies a closure to the worker's value and each item; made by
/// [`map_worker_init`](crate::extra::ParallelIteratorExt::map_worker_init).
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::iter::MapWorkerInit;
/// use paceline::prelude::*;
///
/// let lengths: MapWorkerInit<_, _, _> = (8..12).into_par_iter().map_worker_init(String::new, |buffer, n| {
///     buffer.clear();
///     buffer.push_str(&n.to_string());
///     buffer.len()
/// });
/// assert_eq!(lengths.collect::<Vec<_>>(), [1, 1, 2, 2]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct MapWorkerInit<I, INIT, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) init: INIT,
    pub(in crate::iter) map_op: F,
}

debug_base! { MapWorkerInit { base } <I, INIT, F> }

staged! {
    impl[I, INIT, T, F, R] MapWorkerInit<I, INIT, F> { base, init, map_op }
    where [
        I: ParallelIterator,
        INIT: Fn() -> T + Sync + Send,
        F: Fn(&mut T, I::Item) -> R + Sync + Send,
        T: Send,
        R: Send,
    ]
    item: R,
    length: kept,
    seed: Same(AtSlot { values: &SlotValues::new(), init: &init, map_op: &map_op }),
}

/// The values of a run, and the closure that gets a reference to the calling worker's value for one item at a time.
///
/// Not for a whole part: between two items the worker may wait for another worker, and run another part meanwhile.
struct AtSlot<'r, T, N, F> {
    values: &'r SlotValues<T>,
    init: &'r N,
    map_op: &'r F,
}

impl<T, N, F> Clone for AtSlot<'_, T, N, F> {
    fn clone(&self) -> Self {
        AtSlot { ..*self }
    }
}

impl<T, V, N, F, R> Each<T> for AtSlot<'_, V, N, F>
where
    V: Send,
    N: Fn() -> V,
    F: Fn(&mut V, T) -> R,
{
    type Item = R;

    fn each(&mut self, item: T) -> R {
        self.values.with_own_or_spare(self.init, |value| (self.map_op)(value, item))
    }
}

each_stage! {
    impl[T, V, N, F, R] AtSlot<'_, V, N, F> where [V: Send, N: Fn() -> V, F: Fn(&mut V, T) -> R] T => R
}
