//! Layer 5: whether a slice is sorted.

use super::kernels::run_length;
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The fewest items that several threads look through faster than one.
const FEWEST: usize = 64 * 1024;

/// How many pairs of neighbours are looked at between two looks at whether it is over.
const STRETCH: usize = 8 * 1024;

/// Whether `in_order` returns true for each item and the next. It ends soon after the first false.
pub(in crate::slice) fn is_sorted<T, P>(items: &[T], in_order: P) -> bool
where
    T: Sync,
    P: Fn(&T, &T) -> bool + Sync,
{
    if items.len() < FEWEST {
        return items.is_sorted_by(in_order);
    }
    // Stretches share the items at their ends, so that no pair is left out.
    let stretch = |number: usize| {
        let start = number * STRETCH;
        &items[start..items.len().min(start + STRETCH + 1)]
    };
    let stretches = (0..items.len().div_ceil(STRETCH)).into_par_iter();
    stretches.all(|number| run_length(stretch(number), &in_order) == stretch(number).len())
}
