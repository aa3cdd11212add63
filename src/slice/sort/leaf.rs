//! Layer 5: std's sorts, which sort what one thread has to itself, or the indices of it if the items are wide.
//!
//! They may panic where a comparison is no total order. The parallel sorts promise not to, so such a panic is caught
//! here; what comes from the comparison itself goes through. Either way std leaves every item in the slice once.

use std::cell::Cell;
use std::cmp::Ordering;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::indirect;

/// The fewest items of one byte that are worth memory beside them.
const FEWEST_BYTES: usize = 4 * 1024;

/// Sorts `items`, and keeps equal ones in order. If `compare` is no total order, they come to lie in some order.
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

/// Does the same, and may change the order of equal items.
pub(super) fn sort_unstable<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    let compare = blame.watch(compare);
    // A choice that is constant keeps the other sort from being compiled.
    blame.tolerate(&mut || {
        if const { indirect::is_wide_unstable::<T>() } && indirect::suits_unstable::<T>(items.len()) {
            return indirect::sort_unstable(items, compare);
        }
        // A stable sort puts what it moves into other memory, which is faster than to exchange bytes in place.
        if const { size_of::<T>() == 1 } && items.len() >= FEWEST_BYTES {
            return items.sort_by(compare);
        }
        items.sort_unstable_by(compare);
    });
}

/// Tells a panic of the comparison's from one of std's.
#[derive(Default)]
struct Blame {
    comparison_panicked: Cell<bool>,
}

/// A comparison that runs; if it panics, this is dropped.
struct Witness<'b>(&'b Blame);

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        self.0.comparison_panicked.set(true);
    }
}

impl Blame {
    /// The comparison, whose panics are noted.
    fn watch<'a, T>(&'a self, compare: &'a impl Fn(&T, &T) -> Ordering) -> impl Fn(&T, &T) -> Ordering + Copy + 'a {
        move |a, b| {
            let witness = Witness(self);
            let order = compare(a, b);
            mem::forget(witness);
            order
        }
    }

    /// Runs one of std's sorts, and ends a panic with it that is not a comparison's.
    fn tolerate(&self, sort: &mut dyn FnMut()) {
        // The items are all there after a panic, and whoever called for them to be sorted may see them in any order.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(sort)) {
            if self.comparison_panicked.get() {
                resume_unwind(payload);
            }
        }
    }
}
