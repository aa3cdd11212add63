//! Layer 5: the stable sort.

use std::cmp::Ordering;

use super::halves::run_inside;
use super::kernels::{ByComparison, Kernels};
use super::{by_runs, leaf, segments};

/// The fewest items that several threads sort faster than one, and the fewest to search for runs.
const FEWEST: usize = 8 * 1024;

/// Sorts `items`, and keeps the order of equal ones.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    sort_by(items, &ByComparison::new(compare, leaf::sort));
}

fn sort_by<T: Send>(items: &mut [T], kernels: &dyn Kernels<T>) {
    if items.len() < FEWEST || size_of::<T>() == 0 {
        return kernels.sort(items);
    }
    run_inside(&mut || {
        let segments = segments::find(items, kernels);
        by_runs::sort(items, &segments, kernels);
    });
}
