//! Layer 5: moves items into a given order, in parallel.

use std::mem::MaybeUninit;
use std::ptr;

use crate::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// The bits of items; several threads may copy them, and no thread gets a reference to an item.
struct Bits<'a, T>(&'a [MaybeUninit<T>]);

// SAFETY: reading bits that no thread writes meanwhile is no use of the items, so they need not be `Sync`; the items
// come by unique reference, and are `Send`.
unsafe impl<T: Send> Sync for Bits<'_, T> {}

impl<T> Bits<'_, T> {
    fn copy(&self, index: usize, to: &mut MaybeUninit<T>) {
        let from = ptr::from_ref(&self.0[index]);
        // SAFETY: a reference is valid for reading, and any bits make a `MaybeUninit<T>`.
        *to = unsafe { from.read() };
    }
}

/// Moves to each place the item at the index that `order` has for that place.
///
/// # Safety
///
/// `order` contains the index of each item exactly once.
pub(super) unsafe fn permute<T, K>(items: &mut [T], order: &mut [(K, usize)])
where
    T: Send,
    K: Send,
{
    assert_eq!(items.len(), order.len());
    let mut copies = Vec::with_capacity(items.len());
    let copies = &mut copies.spare_capacity_mut()[..items.len()];
    let slots = ptr::from_mut(items) as *const [MaybeUninit<T>];
    // SAFETY: a `MaybeUninit<T>` is laid out as a `T`, and the reference is unique.
    let bits = Bits(unsafe { &*slots });
    let pairs = copies.par_iter_mut().zip(order.par_iter_mut());
    pairs.for_each(|(copy, (_, index))| bits.copy(*index, copy));
    // No user code runs from here on, so either all copies replace the items or none.
    items.par_iter_mut().zip(copies).for_each(|(item, copy)| {
        let copy = copy.as_ptr();
        // SAFETY: every slot of `copies` has been filled. By the caller's duty each item is written back exactly once;
        // the bits it overwrites have been copied.
        unsafe { ptr::copy_nonoverlapping(copy, item, 1) };
    });
}
