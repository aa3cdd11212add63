//! Layer 4: `MapWith` and `MapInit`, which apply a closure that has a value of its own in each leaf.

use std::fmt;

use super::each::Each;
use super::stage::Seed;
use crate::iter::ParallelIterator;

/// Applies a closure to a cloned value and each item; made by [`map_with`](ParallelIterator::map_with).
///
/// ```
/// use paceline::iter::MapWith;
/// use paceline::prelude::*;
///
/// let medians: MapWith<_, Vec<u8>, _> = ["cab", "toe"].into_par_iter().map_with(Vec::new(), |scratch, word| {
///     scratch.clear();
///     scratch.extend(word.bytes());
///     scratch.sort();
///     char::from(scratch[scratch.len() / 2])
/// });
/// assert_eq!(medians.collect::<String>(), "bo");
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct MapWith<I, T, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) init: T,
    pub(in crate::iter) map_op: F,
}

impl<I: fmt::Debug, T: fmt::Debug, F> fmt::Debug for MapWith<I, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapWith").field("base", &self.base).field("init", &self.init).finish_non_exhaustive()
    }
}

/// Applies a closure to a new value and each item; made by [`map_init`](ParallelIterator::map_init).
///
/// ```
/// use paceline::iter::MapInit;
/// use paceline::prelude::*;
///
/// let lengths: MapInit<_, _, _> = (8..12).into_par_iter().map_init(String::new, |buffer, n| {
///     buffer.clear();
///     buffer.push_str(&n.to_string());
///     buffer.len()
/// });
/// assert_eq!(lengths.collect::<Vec<_>>(), [1, 1, 2, 2]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct MapInit<I, INIT, F> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) init: INIT,
    pub(in crate::iter) map_op: F,
}

debug_base! { MapInit { base } <I, INIT, F> }

staged! {
    impl[I, T, F, R] MapWith<I, T, F> { base, init, map_op }
    where [
        I: ParallelIterator,
        T: Send + Clone,
        F: Fn(&mut T, I::Item) -> R + Sync + Send,
        R: Send,
    ]
    item: R,
    length: kept,
    seed: WithClone(init, &map_op),
}

staged! {
    impl[I, INIT, T, F, R] MapInit<I, INIT, F> { base, init, map_op }
    where [
        I: ParallelIterator,
        INIT: Fn() -> T + Sync + Send,
        F: Fn(&mut T, I::Item) -> R + Sync + Send,
        R: Send,
    ]
    item: R,
    length: kept,
    seed: WithInit(&init, &map_op),
}

/// A value that is cloned for each part.
#[derive(Clone)]
struct WithClone<V, F>(V, F);

impl<T, V, F, R> Seed<T> for WithClone<V, F>
where
    V: Clone + Send,
    F: Fn(&mut V, T) -> R + Clone + Send,
{
    type Stage = With<V, F>;
    const HAS_STATE: bool = true;

    #[inline]
    fn into_stage(self) -> With<V, F> {
        With(self.0, self.1)
    }
}

/// A closure that makes a value for each leaf.
#[derive(Clone)]
struct WithInit<N, F>(N, F);

impl<T, N, V, F, R> Seed<T> for WithInit<N, F>
where
    N: Fn() -> V + Clone + Send,
    F: Fn(&mut V, T) -> R + Clone + Send,
{
    type Stage = With<V, F>;
    const HAS_STATE: bool = true;

    #[inline]
    fn into_stage(self) -> With<V, F> {
        With((self.0)(), self.1)
    }
}

/// A leaf's value, and the closure that gets a reference to it.
struct With<V, F>(V, F);

impl<T, V, F: Fn(&mut V, T) -> R, R> Each<T> for With<V, F> {
    type Item = R;

    fn each(&mut self, item: T) -> R {
        (self.1)(&mut self.0, item)
    }
}

each_stage! { impl[T, V, F, R] With<V, F> where [F: Fn(&mut V, T) -> R] T => R }
