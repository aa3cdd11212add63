//! Layer 4: a producer that owns the items in a stretch of memory that it does not own.
//!
//! Invariant 1: every slot of an [`OwnedProducer`], and every slot that an [`OwnedIter`] has not passed, is
//! initialised, and its item belongs to that value alone: it is moved out or dropped there, once, or leaked.

use std::mem::{self, MaybeUninit};
use std::ptr;
use std::slice;

use crate::iter::plumbing::Producer;

/// A part of some owned items; drops the items that are not taken.
pub(super) struct OwnedProducer<'buffer, T> {
    slots: &'buffer mut [MaybeUninit<T>],
}

impl<'buffer, T> OwnedProducer<'buffer, T> {
    /// Takes over the items in `slots`.
    ///
    /// # Safety
    ///
    /// All slots are initialised, and no other code will read or drop their items.
    pub(super) unsafe fn new(slots: &'buffer mut [MaybeUninit<T>]) -> Self {
        Self { slots }
    }

    /// Gives the slots up, and with them the duty to drop their items.
    fn take(&mut self) -> &'buffer mut [MaybeUninit<T>] {
        mem::take(&mut self.slots)
    }
}

impl<'buffer, T: Send> Producer for OwnedProducer<'buffer, T> {
    type Item = T;
    type IntoIter = OwnedIter<'buffer, T>;

    #[inline]
    fn into_iter(mut self) -> OwnedIter<'buffer, T> {
        OwnedIter { slots: self.take().iter_mut() }
    }

    #[inline]
    fn split_at(mut self, index: usize) -> (Self, Self) {
        // If this panics, `self` still owns the items, and drops them.
        assert!(index <= self.slots.len(), "cannot split {} items at {index}", self.slots.len());
        let (left, right) = self.take().split_at_mut(index);
        (Self { slots: left }, Self { slots: right })
    }
}

impl<T> Drop for OwnedProducer<'_, T> {
    fn drop(&mut self) {
        let slots = self.take();
        // SAFETY: by invariant 1 the slots hold items of this value, and they cannot be reached after `take`.
        unsafe { drop_items(slots) }
    }
}

/// The items of a part, one by one; drops those that are left.
pub(super) struct OwnedIter<'buffer, T> {
    slots: slice::IterMut<'buffer, MaybeUninit<T>>,
}

/// Moves an item out of its slot.
///
/// # Safety
///
/// The slot is initialised, and its item is not used again.
unsafe fn take_item<T>(slot: &mut MaybeUninit<T>) -> T {
    // SAFETY: the caller's duty.
    unsafe { slot.assume_init_read() }
}

/// Drops the items in some slots, all of them even if one panics.
///
/// # Safety
///
/// The slots are initialised, and their items are not used again.
unsafe fn drop_items<T>(slots: &mut [MaybeUninit<T>]) {
    let items = ptr::from_mut(slots) as *mut [T];
    // SAFETY: the pointer comes from a unique reference; the rest is the caller's duty.
    unsafe { ptr::drop_in_place(items) }
}

impl<T> Iterator for OwnedIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let slot = self.slots.next()?;
        // SAFETY: invariant 1; the iterator has just passed the slot for good.
        Some(unsafe { take_item(slot) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.slots.size_hint()
    }
}

impl<T> DoubleEndedIterator for OwnedIter<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        let slot = self.slots.next_back()?;
        // SAFETY: invariant 1; the iterator has just passed the slot for good.
        Some(unsafe { take_item(slot) })
    }
}

impl<T> ExactSizeIterator for OwnedIter<'_, T> {}

impl<T> Drop for OwnedIter<'_, T> {
    fn drop(&mut self) {
        let slots = mem::take(&mut self.slots).into_slice();
        // SAFETY: by invariant 1 the slots that were not passed hold items of this value, which is dropped here.
        unsafe { drop_items(slots) }
    }
}
