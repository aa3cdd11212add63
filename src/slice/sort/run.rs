//! Layer 5: a stretch of a slice that is being sorted, and the scratch memory beside it.
//!
//! Merging moves the items of a run back and forth between the slice, their home, and the scratch memory. Whatever
//! panics, they come home: a run that is dropped sees to that.
//!
//! Invariants:
//!
//! 1. `home` and `scratch` have the same length, and are nobody else's while the run is alive.
//! 2. The slots of the place named by `place` hold the items, each once. What the other place holds does not count
//!    as items, whatever its bits are.
//! 3. A run is dropped, and then the items are at home; or it is forgotten, and another run answers for its items.

use std::cmp::Ordering;
use std::mem::MaybeUninit;
use std::ptr;

use super::merge;
use crate::fork::join_context;

/// Where the items of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Home,
    Scratch,
}

/// Some items that are being sorted.
#[derive(Debug)]
pub(super) struct Run<'a, T: Send> {
    home: &'a mut [MaybeUninit<T>],
    scratch: &'a mut [MaybeUninit<T>],
    place: Place,
}

impl<'a, T: Send> Run<'a, T> {
    /// Takes over `items`, and brings them back when dropped.
    pub(super) fn new(items: &'a mut [T], scratch: &'a mut [MaybeUninit<T>]) -> Self {
        assert_eq!(items.len(), scratch.len());
        let slots = ptr::from_mut(items) as *mut [MaybeUninit<T>];
        // SAFETY: a `MaybeUninit<T>` is laid out as a `T`, the reference was unique, and invariant 3 says that the
        // slots are initialised when the borrow ends.
        let home = unsafe { &mut *slots };
        Self { home, scratch, place: Place::Home }
    }

    /// The items, wherever they are.
    pub(super) fn items(&mut self) -> &mut [T] {
        let slots = match self.place {
            Place::Home => &mut *self.home,
            Place::Scratch => &mut *self.scratch,
        };
        let items = ptr::from_mut(slots) as *mut [T];
        // SAFETY: by invariants 1 and 2 these slots are initialised and this run's alone.
        unsafe { &mut *items }
    }

    /// Sorts each half by `sort`, in parallel. If `sort` leaves them in different places, they come to `place`.
    ///
    /// The items must be at home.
    pub(super) fn sort_halves(&mut self, place: Place, sort: impl Fn(&mut Run<'_, T>) + Sync) {
        assert_eq!(self.place, Place::Home);
        let middle = self.home.len() / 2;
        let (left_home, right_home) = self.home.split_at_mut(middle);
        let (left_scratch, right_scratch) = self.scratch.split_at_mut(middle);
        let mut left = Run { home: left_home, scratch: left_scratch, place: Place::Home };
        let mut right = Run { home: right_home, scratch: right_scratch, place: Place::Home };
        join_context(|_| sort(&mut left), |_| sort(&mut right));
        if left.place != right.place {
            left.move_to(place);
            right.move_to(place);
        }
        // From here on this run answers for the items of both.
        self.place = left.place;
        std::mem::forget((left, right));
    }

    fn move_to(&mut self, place: Place) {
        if self.place == place {
            return;
        }
        let (from, to) = match place {
            Place::Home => (&*self.scratch, &mut *self.home),
            Place::Scratch => (&*self.home, &mut *self.scratch),
        };
        let (from, to, len) = (from.as_ptr(), to.as_mut_ptr(), to.len());
        // SAFETY: by invariant 1 both places have that length and do not overlap.
        unsafe { ptr::copy_nonoverlapping(from, to, len) };
        self.place = place;
    }

    /// Merges the two halves, each of which is sorted.
    pub(super) fn merge_halves<C>(&mut self, compare: &C)
    where
        C: Fn(&T, &T) -> Ordering + Sync,
    {
        let middle = self.home.len() / 2;
        let items = self.items();
        let in_order = match (&items[..middle], &items[middle..]) {
            ([.., last], [first, ..]) => compare(first, last) != Ordering::Less,
            _ => true,
        };
        if in_order {
            return;
        }
        let (from, to, place) = match self.place {
            Place::Home => (&mut *self.home, &mut *self.scratch, Place::Scratch),
            Place::Scratch => (&mut *self.scratch, &mut *self.home, Place::Home),
        };
        let items = ptr::from_mut(from) as *mut [T];
        // SAFETY: by invariants 1 and 2 these slots are initialised and this run's alone.
        let items = unsafe { &mut *items };
        let (left, right) = items.split_at_mut(middle);
        // Should a comparison panic, what counts is still where it was. Else every item has been copied once.
        merge::merge(left, right, to, compare);
        self.place = place;
    }
}

impl<T: Send> Drop for Run<'_, T> {
    fn drop(&mut self) {
        self.move_to(Place::Home);
    }
}
