//! Layer 5: whether a slice is sorted.

use super::kernels::run_length;
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The fewest items that several threads check faster than one.
const FEWEST: usize = 64 * 1024;

/// The number of pairs of neighbours between two checks whether another thread has found an answer.
const STRETCH: usize = 8 * 1024;

/// True if `in_order` returns true for each item and the next. Ends soon after the first false.
pub(in crate::slice) fn is_sorted<T, P>(items: &[T], in_order: P) -> bool
where
    T: Sync,
    P: Fn(&T, &T) -> bool + Sync,
{
    if items.len() < FEWEST {
        return items.is_sorted_by(in_order);
    }
    // Neighbouring stretches share an item, so that no pair is left out.
    let stretch = |number: usize| {
        let start = number * STRETCH;
        &items[start..items.len().min(start + STRETCH + 1)]
    };
    let stretches = (0..items.len().div_ceil(STRETCH)).into_par_iter();
    stretches.all(|number| run_length(stretch(number), &in_order) == stretch(number).len())
}
