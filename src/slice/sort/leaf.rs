//! Layer 5: std's sorts, for the items that one thread sorts; for their indices if the items are wide.
//!
//! They may panic if a comparison is not a total order. The parallel sorts guarantee not to, so such a panic is caught
//! here; a panic of the comparison itself is resumed. In both cases std leaves every item in the slice once.

use std::cell::Cell;
use std::cmp::Ordering;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::indirect;

/// The fewest items of one byte that are worth extra memory.
const FEWEST_BYTES: usize = 4 * 1024;

/// Sorts `items`, and keeps the order of equal ones. If `compare` is not a total order, they end up in some order.
pub(super) fn sort<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    let compare = blame.watch(compare);
    blame.tolerate(&mut || {
        if const { indirect::is_wide_stable::<T>() } && indirect::suits_stable::<T>(items.len()) {
            return indirect::sort(items, compare);
        }
        items.sort_by(compare);
    });
}

/// As [`sort`], but may change the order of equal items.
pub(super) fn sort_unstable<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    let compare = blame.watch(compare);
    // The constant condition keeps the unused sort from being compiled.
    blame.tolerate(&mut || {
        if const { indirect::is_wide_unstable::<T>() } && indirect::suits_unstable::<T>(items.len()) {
            return indirect::sort_unstable(items, compare);
        }
        // A stable sort moves items through other memory, which is faster than swapping bytes in place.
        if const { size_of::<T>() == 1 } && items.len() >= FEWEST_BYTES {
            return items.sort_by(compare);
        }
        items.sort_unstable_by(compare);
    });
}

/// Distinguishes a panic of the comparison from one of std's sort.
#[derive(Default)]
struct Blame {
    comparison_panicked: Cell<bool>,
}

/// A running comparison; dropped only if it panics.
struct Witness<'b>(&'b Blame);

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        self.0.comparison_panicked.set(true);
    }
}

impl Blame {
    /// Wraps the comparison, and records its panics.
    fn watch<'a, T>(&'a self, compare: &'a impl Fn(&T, &T) -> Ordering) -> impl Fn(&T, &T) -> Ordering + Copy + 'a {
        move |a, b| {
            let witness = Witness(self);
            let order = compare(a, b);
            mem::forget(witness);
            order
        }
    }

    /// Runs one of std's sorts, and swallows a panic that is not the comparison's.
    fn tolerate(&self, sort: &mut dyn FnMut()) {
        // Unwind safe: all items are there after a panic, and the caller may see them in any order.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(sort)) {
            if self.comparison_panicked.get() {
                resume_unwind(payload);
            }
        }
    }
}
