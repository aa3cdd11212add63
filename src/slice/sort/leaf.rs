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
    let compare = |a: &T, b: &T| blame.watch(|| compare(a, b));
    blame.tolerate(|| match indirect::suits_stable::<T>(items.len()) {
        true => indirect::sort(items, compare),
        false => items.sort_by(compare),
    });
}

/// Does the same, and may change the order of equal items.
pub(super) fn sort_unstable<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    let compare = |a: &T, b: &T| blame.watch(|| compare(a, b));
    blame.tolerate(|| match indirect::suits_unstable::<T>(items.len()) {
        true => indirect::sort_unstable(items, compare),
        // A stable sort puts what it moves into other memory, which is faster than to exchange bytes in place.
        false if size_of::<T>() == 1 && items.len() >= FEWEST_BYTES => items.sort_by(compare),
        false => items.sort_unstable_by(compare),
    });
}

/// Tells a panic of the comparison's from one of std's.
#[derive(Default)]
struct Blame {
    comparison_panicked: Cell<bool>,
}

impl Blame {
    /// Runs a comparison.
    #[inline]
    fn watch(&self, compare: impl FnOnce() -> Ordering) -> Ordering {
        struct Witness<'a>(&'a Cell<bool>);

        impl Drop for Witness<'_> {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }

        let witness = Witness(&self.comparison_panicked);
        let order = compare();
        mem::forget(witness);
        order
    }

    /// Runs one of std's sorts, and ends a panic with it that is not a comparison's.
    fn tolerate(&self, sort: impl FnOnce()) {
        // The items are all there after a panic, and whoever called for them to be sorted may see them in any order.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(sort)) {
            if self.comparison_panicked.get() {
                resume_unwind(payload);
            }
        }
    }
}
