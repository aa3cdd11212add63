//! Layer 4: `min_by`, `max`, `max_by` and the variants with keys.
//!
//! As in std, `min` returns the first of equal items, and `max` the last.

use std::cmp::Ordering;

use super::reduce::ReduceWith;
use super::reduction::reduce;
use crate::iter::ParallelIterator;

/// The least item by an ordering, the first of equal ones.
#[inline]
pub(in crate::iter) fn min_by<I, F>(par_iter: I, order: F) -> Option<I::Item>
where
    I: ParallelIterator,
    F: Fn(&I::Item, &I::Item) -> Ordering + Sync,
{
    let lesser = |a, b| match order(&a, &b) {
        Ordering::Greater => b,
        Ordering::Less | Ordering::Equal => a,
    };
    reduce(par_iter, ReduceWith(lesser))
}

/// The greatest item by an ordering, the last of equal ones.
#[inline]
pub(in crate::iter) fn max_by<I, F>(par_iter: I, order: F) -> Option<I::Item>
where
    I: ParallelIterator,
    F: Fn(&I::Item, &I::Item) -> Ordering + Sync,
{
    let greater = |a, b| match order(&a, &b) {
        Ordering::Greater => a,
        Ordering::Less | Ordering::Equal => b,
    };
    reduce(par_iter, ReduceWith(greater))
}

/// Pairs each item with its key, which is computed once.
#[inline]
pub(in crate::iter) fn keyed<T, K>(key: impl Fn(&T) -> K) -> impl Fn(T) -> (K, T) {
    move |item| (key(&item), item)
}

/// Orders items by their keys.
#[inline]
pub(in crate::iter) fn by_key<T, K: Ord>(a: &(K, T), b: &(K, T)) -> Ordering {
    a.0.cmp(&b.0)
}
