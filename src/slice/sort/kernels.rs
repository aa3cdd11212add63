//! Layer 5: the inner loops of the sorts, compiled for each comparison.
//!
//! All other sorting code knows the items' type, but not the comparison: it calls these loops through a vtable, once
//! for thousands of items. So a further comparison adds only these loops and one of std's sorts to a program.

use std::cmp::Ordering;
use std::mem::MaybeUninit;

use super::merge::{TakenEnds, merge_ends};
use super::partition;

/// The items that belong in front of a pivot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// Items that are less.
    Less,
    /// Items that are less or equal.
    NotGreater,
}

/// The direction of a run: ascending, each item at least as great as the one before; or strictly descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// The loops that every sort needs.
///
/// # Safety
///
/// `merge_ends` works as documented for every result of the comparison, unless it panics: of each run it copies as many
/// items at each end as it returns, each once, to the slots at the ends of `to`.
pub(super) unsafe trait Kernels<T>: Sync {
    fn is_less(&self, a: &T, b: &T) -> bool;

    /// The length and the direction of the run at the beginning of `items`.
    fn run(&self, items: &[T]) -> (usize, Direction);

    /// Sorts `items` on this thread.
    fn sort(&self, items: &mut [T]);

    /// The number of `items`, which are sorted, that belong in front of `pivot`: at most their length.
    fn bound(&self, items: &[T], pivot: &T, front: Front) -> usize;

    /// Merges two sorted runs from both ends: copies `steps` items at each end, in order, to the ends of `to`, which is
    /// as long as both runs. Each run must have at least twice as many items.
    fn merge_ends(&self, left: &[T], right: &[T], to: &mut [MaybeUninit<T>], steps: usize) -> TakenEnds;
}

/// The loops that divide a slice, too.
pub(super) trait Dividing<T>: Kernels<T> {
    /// Moves the items that belong in front of `pivot` to the front of `left` and `right`, taken as one sequence, and
    /// returns their number.
    fn partition(&self, left: &mut [T], right: &mut [T], pivot: &T, front: Front) -> usize;

    fn kernels(&self) -> &dyn Kernels<T>;
}

/// The loops for one comparison, with one of std's sorts.
pub(super) struct ByComparison<'c, T, C> {
    compare: &'c C,
    sort: fn(&mut [T], &C),
}

impl<'c, T, C: Fn(&T, &T) -> Ordering + Sync> ByComparison<'c, T, C> {
    /// `sort` must sort on one thread.
    pub(super) fn new(compare: &'c C, sort: fn(&mut [T], &C)) -> Self {
        Self { compare, sort }
    }
}

// SAFETY: `merge_ends` calls the function of that name, which guarantees it.
unsafe impl<T, C: Fn(&T, &T) -> Ordering + Sync> Kernels<T> for ByComparison<'_, T, C> {
    fn is_less(&self, a: &T, b: &T) -> bool {
        (self.compare)(a, b) == Ordering::Less
    }

    fn run(&self, items: &[T]) -> (usize, Direction) {
        match items {
            [first, second, ..] if self.is_less(second, first) => {
                (run_length(items, |a, b| self.is_less(b, a)), Direction::Descending)
            }
            _ => (run_length(items, |a, b| !self.is_less(b, a)), Direction::Ascending),
        }
    }

    fn sort(&self, items: &mut [T]) {
        (self.sort)(items, self.compare);
    }

    fn bound(&self, items: &[T], pivot: &T, front: Front) -> usize {
        let (mut start, mut end) = (0, items.len());
        while start < end {
            let middle = start + (end - start) / 2;
            let belongs = match front {
                Front::Less => (self.compare)(&items[middle], pivot) == Ordering::Less,
                Front::NotGreater => (self.compare)(pivot, &items[middle]) != Ordering::Less,
            };
            if belongs {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }

    fn merge_ends(&self, left: &[T], right: &[T], to: &mut [MaybeUninit<T>], steps: usize) -> TakenEnds {
        merge_ends(left, right, to, steps, |a, b| self.is_less(a, b))
    }
}

impl<T, C: Fn(&T, &T) -> Ordering + Sync> Dividing<T> for ByComparison<'_, T, C> {
    fn partition(&self, left: &mut [T], right: &mut [T], pivot: &T, front: Front) -> usize {
        let compare = self.compare;
        match front {
            Front::Less => partition::partition(left, right, &|item: &T| compare(item, pivot) == Ordering::Less),
            Front::NotGreater => partition::partition(left, right, &|item: &T| compare(pivot, item) != Ordering::Less),
        }
    }

    fn kernels(&self) -> &dyn Kernels<T> {
        self
    }
}

/// The number of items up to the first pair for which `goes_on` returns false.
pub(super) fn run_length<T>(items: &[T], goes_on: impl Fn(&T, &T) -> bool) -> usize {
    let mut last = 0;
    // Several pairs at a time take half as long.
    while let Some([a, b, c, d, e]) = items[last..].first_chunk() {
        if !(goes_on(a, b) && goes_on(b, c) && goes_on(c, d) && goes_on(d, e)) {
            break;
        }
        last += 4;
    }
    while last + 1 < items.len() && goes_on(&items[last], &items[last + 1]) {
        last += 1;
    }
    items.len().min(last + 1)
}
