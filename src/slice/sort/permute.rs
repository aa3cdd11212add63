//! Layer 5: bringing items into an order that is known.

use std::mem::MaybeUninit;
use std::ptr;

use crate::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// Items whose bits several threads may copy, and of which nobody gets a reference.
struct Bits<'a, T>(&'a [MaybeUninit<T>]);

// SAFETY: reading bits that nobody writes meanwhile is no use of the items, so they need not be `Sync`; the copies
// are made of items that are given by unique reference, and may be sent.
unsafe impl<T: Send> Sync for Bits<'_, T> {}

impl<T> Bits<'_, T> {
    fn copy(&self, index: usize, to: &mut MaybeUninit<T>) {
        let from = ptr::from_ref(&self.0[index]);
        // SAFETY: a reference is valid for reading, and any bits make a `MaybeUninit<T>`.
        *to = unsafe { from.read() };
    }
}

/// Puts at each place the item that is at the index which `order` has there.
///
/// # Safety
///
/// `order` has the index of every item once.
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
    // No code of others runs from here on, so all copies or none come to count as the items.
    items.par_iter_mut().zip(copies).for_each(|(item, copy)| {
        let copy = copy.as_ptr();
        // SAFETY: every slot of `copies` has been filled. By the caller's promise each item is written back once, over
        // bits of which there is a copy.
        unsafe { ptr::copy_nonoverlapping(copy, item, 1) };
    });
}
