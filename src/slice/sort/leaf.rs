//! Layer 5: std's sorts, which sort what one thread has to itself.
//!
//! They may panic where a comparison is no total order. The parallel sorts promise not to, so such a panic is caught
//! here; what comes from the comparison itself goes through. Either way std leaves every item in the slice once.

use std::cell::Cell;
use std::cmp::Ordering;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Sorts `items`, and keeps equal ones in order. If `compare` is no total order, they come to lie in some order.
pub(super) fn sort<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    blame.tolerate(|| items.sort_by(|a, b| blame.watch(|| compare(a, b))));
}

/// Does the same in place, and may change the order of equal items.
pub(super) fn sort_unstable<T, C>(items: &mut [T], compare: &C)
where
    C: Fn(&T, &T) -> Ordering,
{
    let blame = Blame::default();
    blame.tolerate(|| items.sort_unstable_by(|a, b| blame.watch(|| compare(a, b))));
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
