//! Layer 5: a stretch of a slice that is being sorted, with its scratch memory.
//!
//! Merging moves the items of a run back and forth between the slice, their *home*, and the scratch memory. After any
//! panic the items are at home: the drop of the run moves them there.
//!
//! Invariants:
//!
//! 1. `home` and `scratch` have the same length, and only this run accesses them while it is alive.
//! 2. The slots of the place named by `place` hold the items, each once. The bits in the other place do not count as
//!    items.
//! 3. A run is dropped, and then the items are at home; or it is forgotten, and another run owns its items.

use std::mem::MaybeUninit;
use std::ptr;

use super::halves::join_both;
use super::kernels::{Front, Kernels};
use super::merge::merge;

/// The fewest items for a copy to be worth a task.
const LEAF: usize = 32 * 1024;

/// Where the items of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunPlace {
    Home,
    Scratch,
}

/// Some items that are being sorted.
#[derive(Debug)]
pub(super) struct SortRun<'a, T: Send> {
    home: &'a mut [MaybeUninit<T>],
    scratch: &'a mut [MaybeUninit<T>],
    place: RunPlace,
}

impl<'a, T: Send> SortRun<'a, T> {
    /// Takes over `items`, and moves them back home when dropped.
    pub(super) fn new(items: &'a mut [T], scratch: &'a mut [MaybeUninit<T>]) -> Self {
        assert_eq!(items.len(), scratch.len());
        let slots = ptr::from_mut(items) as *mut [MaybeUninit<T>];
        // SAFETY: a `MaybeUninit<T>` is laid out as a `T`, the reference was unique, and invariant 3 says that the
        // slots are initialised when the borrow ends.
        let home = unsafe { &mut *slots };
        Self { home, scratch, place: RunPlace::Home }
    }

    /// The items, wherever they are.
    pub(super) fn items(&mut self) -> &mut [T] {
        let slots = match self.place {
            RunPlace::Home => &mut *self.home,
            RunPlace::Scratch => &mut *self.scratch,
        };
        let items = ptr::from_mut(slots) as *mut [T];
        // SAFETY: by invariants 1 and 2 these slots are initialised and this run's alone.
        unsafe { &mut *items }
    }

    /// Calls `sort` with the part before `middle` and the rest, each as a run of its own.
    ///
    /// The items must be at home.
    pub(super) fn each_part(&mut self, middle: usize, sort: impl FnOnce(&mut SortRun<'_, T>, &mut SortRun<'_, T>)) {
        assert_eq!(self.place, RunPlace::Home);
        let (left_home, right_home) = self.home.split_at_mut(middle);
        let (left_scratch, right_scratch) = self.scratch.split_at_mut(middle);
        let mut left = SortRun { home: left_home, scratch: left_scratch, place: RunPlace::Home };
        let mut right = SortRun { home: right_home, scratch: right_scratch, place: RunPlace::Home };
        sort(&mut left, &mut right);
        let longer = if left.home.len() < right.home.len() { right.place } else { left.place };
        left.move_to(longer);
        right.move_to(longer);
        // From here on this run owns the items of both.
        self.place = longer;
        std::mem::forget((left, right));
    }

    fn move_to(&mut self, place: RunPlace) {
        if self.place == place {
            return;
        }
        match place {
            RunPlace::Home => copy(self.scratch, self.home),
            RunPlace::Scratch => copy(self.home, self.scratch),
        }
        self.place = place;
    }

    /// Merges the part before `middle` with the rest; both are sorted.
    pub(super) fn merge_parts(&mut self, middle: usize, kernels: &dyn Kernels<T>) {
        let len = self.home.len();
        let (start, end) = self.overlap(middle, kernels);
        if start == end {
            return;
        }
        let (from, to, place) = match self.place {
            RunPlace::Home => (&mut *self.home, &mut *self.scratch, RunPlace::Scratch),
            RunPlace::Scratch => (&mut *self.scratch, &mut *self.home, RunPlace::Home),
        };
        let items = ptr::from_mut(&mut from[start..end]) as *mut [T];
        // SAFETY: by invariants 1 and 2 these slots are initialised and this run's alone.
        let items = unsafe { &mut *items };
        let (left, right) = items.split_at_mut(middle - start);
        // If a comparison panics, the items are still where they were. Otherwise every item has been copied once.
        merge(left, right, &mut to[start..end], kernels);
        if end - start < len / 2 {
            return copy(&mut to[start..end], &mut from[start..end]);
        }
        copy(&mut from[..start], &mut to[..start]);
        copy(&mut from[end..], &mut to[end..]);
        self.place = place;
    }

    /// The range of indices in which the two parts overlap; the items outside need not be moved.
    fn overlap(&mut self, middle: usize, kernels: &dyn Kernels<T>) -> (usize, usize) {
        let (left, right) = self.items().split_at(middle);
        let ([.., last], [first, ..]) = (left, right) else { return (middle, middle) };
        if !kernels.is_less(first, last) {
            return (middle, middle);
        }
        let start = kernels.bound(left, first, Front::NotGreater);
        (start, middle + kernels.bound(right, last, Front::Less))
    }
}

/// Copies the bits of all slots, in parallel.
fn copy<T: Send>(from: &mut [MaybeUninit<T>], to: &mut [MaybeUninit<T>]) {
    assert_eq!(from.len(), to.len());
    if from.len() > LEAF {
        let middle = from.len() / 2;
        let (from, upper_from) = from.split_at_mut(middle);
        let (to, upper_to) = to.split_at_mut(middle);
        return join_both(&mut || copy(from, to), &mut || copy(upper_from, upper_to));
    }
    let (from, to, len) = (from.as_ptr(), to.as_mut_ptr(), to.len());
    // SAFETY: both have that length, and unique references do not overlap.
    unsafe { ptr::copy_nonoverlapping(from, to, len) };
}

impl<T: Send> Drop for SortRun<'_, T> {
    fn drop(&mut self) {
        self.move_to(RunPlace::Home);
    }
}
