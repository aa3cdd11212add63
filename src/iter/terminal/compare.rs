//! Layer 4: compares two iterators item by item, as std compares iterators and slices.

use std::cmp::Ordering;

use super::find::anywhere::FindAny;
use super::find::ordered::{First, find};
use super::reduction::reduce;
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// Finds the first pair of items that decides; if there is none, the lengths decide.
///
/// `order` compares a pair. (`decides` is a closure and not a value: the loop would load a value for each pair.)
#[inline]
pub(in crate::iter) fn lexicographic<A, B, R>(
    a: A,
    b: B,
    order: impl Fn((A::Item, B::Item)) -> R + Sync + Send,
    decides: impl Fn(&R) -> bool + Sync,
    by_length: impl FnOnce(Ordering) -> R,
) -> R
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator,
    R: Send,
{
    let lengths = a.len().cmp(&b.len());
    find::<First, _, _>(a.zip(b).map(order), decides).unwrap_or_else(|| by_length(lengths))
}

/// True if both iterators have the same length, and `eq` is true for all pairs of items.
#[inline]
pub(in crate::iter) fn all_equal<A, B>(a: A, b: B, eq: impl Fn((A::Item, B::Item)) -> bool + Sync + Send) -> bool
where
    A: IndexedParallelIterator,
    B: IndexedParallelIterator,
{
    let same_length = a.len() == b.len();
    let pairs = || a.zip(b).map(eq);
    same_length && reduce(pairs(), FindAny::new(|equal: &bool| !equal)).is_none()
}
