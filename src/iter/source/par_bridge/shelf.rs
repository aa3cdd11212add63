//! Layer 4: where a taker puts the items that it has taken and not begun, within the reach of all others.
//!
//! Queues without `unsafe` were tried in its place. Both were slower over light items, several of which a plain loop has
//! under way at once: crossbeam's deque, where each item costs a fence on its way out, and a deque behind a lock, where
//! each costs a lock and an unlock on its way in. `cargo bench --bench waste` measures such a loop.

use std::fmt;
use std::iter;
use std::mem::MaybeUninit;

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::cell::UnsafeCell;
use crate::sync::lock::Mutex;

/// The most items that lie on a shelf.
pub(super) const ROOM: usize = if cfg!(loom) { 2 } else { 256 };

/// A queue of at most [`ROOM`] items with one owner, who fills it anew when it is empty. Anybody takes from it.
///
/// Invariants:
///
/// 1. Of the slots, those from the number of items taken up to the number of items put hold an item each, for whoever
///    takes it. Neither number is above [`ROOM`].
/// 2. There is one [`Owner`] at most, since `is_owned` is set once and never cleared. It alone puts: it writes the slot
///    after the last one put, which is nobody else's, and then counts it.
/// 3. Who raises the number of items taken has the slots between the old number and the new one to itself, and moves the
///    items out at once: the owner on its own behalf, anybody else while holding `thieves`.
/// 4. Only the owner lowers the numbers: to naught, with `thieves` locked, when both are the same. So by 3 no slot is in
///    use then, and what thieves did to the slots happened before what the owner will do.
///
/// Orderings: counting an item as put releases what is in the slot, and a thief's look at that number acquires it.
/// Everything else is relaxed. Of raising the number of items taken, that it is one operation is all that counts.
pub(super) struct Shelf<T> {
    taken: AtomicUsize,
    put: AtomicUsize,
    slots: Box<[Slot<T>]>,
    thieves: Mutex<()>,
    is_owned: AtomicUsize,
}

type Slot<T> = UnsafeCell<MaybeUninit<T>>;

// SAFETY: a shelf hands items from thread to thread, and no references to them: by invariants 1 to 4 each slot has one
// user at a time, and by the orderings each sees what the one before it did.
unsafe impl<T: Send> Sync for Shelf<T> {}

impl<T> Shelf<T> {
    pub(super) fn new() -> Self {
        let slots = (0..ROOM).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect();
        let [taken, put, is_owned] = [(); 3].map(|()| AtomicUsize::new(0));
        Shelf { taken, put, slots, thieves: Mutex::new(()), is_owned }
    }

    /// Makes the caller the owner, unless there ever was one.
    pub(super) fn own(&self) -> Option<Owner<'_, T>> {
        (self.is_owned.swap(1, Ordering::Relaxed) == 0).then_some(Owner { shelf: self, put: 0 })
    }

    /// Takes an item, as anybody may.
    pub(super) fn steal(&self) -> Option<T> {
        // Before the lock, since it is empty as a rule.
        if self.taken.load(Ordering::Relaxed) >= self.put.load(Ordering::Relaxed) {
            return None;
        }
        let _thieves = self.thieves.lock();
        let put = self.put.load(Ordering::Acquire);
        let place = self.claim(put, 1)?;
        // SAFETY: `claim` has just raised the number of items taken over this slot, `thieves` is locked, and what is in
        // the slot was acquired.
        Some(unsafe { move_out(&self.slots[place]) })
    }

    /// Raises the number of items taken by `most`, or to `put`, and returns what it was before; none if it was there
    /// already.
    #[inline]
    fn claim(&self, put: usize, most: usize) -> Option<usize> {
        let more = |taken| (taken < put).then(|| put.min(taken + most));
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()
    }
}

/// The right to put items on a shelf, and to take many at a time.
pub(super) struct Owner<'s, T> {
    shelf: &'s Shelf<T>,
    /// What the shelf has for this number.
    put: usize,
}

impl<T> Owner<'_, T> {
    /// Makes all the room free again, on a shelf whose items are all taken.
    pub(super) fn clear(&mut self) {
        let shelf = self.shelf;
        let _thieves = shelf.thieves.lock();
        let is_empty = shelf.taken.load(Ordering::Relaxed) == self.put;
        assert!(is_empty, "a shelf is cleared when it is empty");
        shelf.put.store(0, Ordering::Relaxed);
        shelf.taken.store(0, Ordering::Relaxed);
        self.put = 0;
    }

    /// Puts an item behind the others. There must be room.
    #[inline]
    pub(super) fn put(&mut self, item: T) {
        self.shelf.slots[self.put].with_mut(|slot| {
            // SAFETY: by invariant 2 the slot is the owner's until the item is counted, and by 4 all that was done to it
            // before happened before.
            unsafe { slot.write(MaybeUninit::new(item)) }
        });
        self.put += 1;
        self.shelf.put.store(self.put, Ordering::Release);
    }

    /// Moves up to `most` items to the end of `to`.
    pub(super) fn take(&mut self, most: usize, to: &mut Vec<T>) {
        to.reserve(most);
        let Some(first) = self.shelf.claim(self.put, most) else { return };
        for slot in &self.shelf.slots[first..self.put.min(first + most)] {
            // SAFETY: `claim` has just raised the number of items taken over this slot, on behalf of the owner, who has
            // itself put what is in it.
            to.push(unsafe { move_out(slot) });
        }
    }
}

/// Moves an item out of its slot.
///
/// # Safety
///
/// The caller has just raised the number of items taken over this slot, as invariant 3 has it, and what was written to
/// the slot happened before.
#[inline]
unsafe fn move_out<T>(slot: &Slot<T>) -> T {
    slot.with_mut(|slot| {
        let slot = slot.cast::<T>();
        // SAFETY: by invariant 1 it holds an item, which by 3 nobody else moves out.
        unsafe { slot.read() }
    })
}

impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {
        // A vector drops all of its items, even if the destructor of one panics.
        drop(iter::from_fn(|| self.steal()).collect::<Vec<_>>());
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, put) = (self.taken.load(Ordering::Relaxed), self.put.load(Ordering::Relaxed));
        f.debug_struct("Shelf").field("taken", &taken).field("put", &put).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Shelf;
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    struct Bomb<'d>(&'d Cell<usize>);

    impl Drop for Bomb<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            if self.0.get() == 1 {
                resume_unwind(Box::new("the first to be dropped"));
            }
        }
    }

    #[test]
    fn what_nobody_took_is_dropped_though_a_destructor_panics() {
        let dropped = Cell::new(0);
        let shelf = Shelf::new();
        let mut owner = shelf.own().unwrap();
        (0..3).for_each(|_| owner.put(Bomb(&dropped)));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(shelf))).is_err());
        assert_eq!(dropped.get(), 3);
    }
}
