//! Layer 4: where a taker puts the items that it has taken and not begun, within the reach of all others.

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::Mutex;

/// The most items that lie on a shelf.
pub(super) const ROOM: usize = 256;

/// A queue of at most [`ROOM`] items that is filled anew when it is empty.
///
/// Invariants:
///
/// 1. Of the slots, those from the number of items taken up to the number of items put hold an item for whoever takes
///    it. Neither number is above [`ROOM`].
/// 2. The owner alone puts: it writes the slot after the last one put, and then counts it.
/// 3. Who raises the number of items taken has those slots to itself, and moves the items out at once: the owner on its
///    own thread, anybody else while holding `thieves`.
/// 4. The numbers go back to naught only by the owner, with `thieves` locked, and when all items are taken. So by 3 no
///    slot is in use then.
///
/// Orderings: counting an item as put releases it to whoever takes it. Putting, and the look of a thief, are
/// sequentially consistent besides, for what `par_bridge` makes of it.
pub(super) struct Shelf<T> {
    taken: AtomicUsize,
    put: AtomicUsize,
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
    thieves: Mutex<()>,
}

// SAFETY: a shelf hands items from thread to thread, and no references to them: by invariants 1 to 4 each slot has one
// user at a time.
unsafe impl<T: Send> Sync for Shelf<T> {}

impl<T> Shelf<T> {
    pub(super) fn new() -> Self {
        let slots = (0..ROOM).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect();
        Shelf { taken: AtomicUsize::new(0), put: AtomicUsize::new(0), slots, thieves: Mutex::new(()) }
    }

    /// Makes all the room free again, on a shelf whose items are all taken.
    ///
    /// # Safety
    ///
    /// The caller is the owner: the only thread to call this, `put` and `take`.
    pub(super) unsafe fn clear(&self) {
        let _thieves = self.thieves.lock();
        let is_empty = self.taken.load(Ordering::Relaxed) == self.put.load(Ordering::Relaxed);
        assert!(is_empty, "a shelf is cleared when it is empty");
        self.put.store(0, Ordering::Relaxed);
        self.taken.store(0, Ordering::Relaxed);
    }

    /// Puts an item, the `place`th since the shelf was cleared, counted from naught: the owner knows without a look.
    ///
    /// # Safety
    ///
    /// The caller is the owner: the only thread to call this, `clear` and `take`. So many items were put before.
    #[inline]
    pub(super) unsafe fn put(&self, place: usize, item: T) {
        let slot = self.slots[place].get();
        // SAFETY: the slot exists, and by invariant 2 it is the owner's until the item is counted.
        unsafe { slot.write(MaybeUninit::new(item)) };
        self.put.store(place + 1, Ordering::SeqCst);
    }

    /// Moves up to `most` items to the end of `to`.
    ///
    /// # Safety
    ///
    /// The caller is the owner: the only thread to call this, `clear` and `put`.
    pub(super) unsafe fn take(&self, most: usize, to: &mut Vec<T>) {
        let put = self.put.load(Ordering::Relaxed);
        let claim = |taken| (taken < put).then(|| put.min(taken + most));
        let Ok(first) = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim) else { return };
        to.reserve(most);
        for slot in &self.slots[first..put.min(first + most)] {
            // SAFETY: `claim` has raised the number of items taken over this slot.
            to.push(unsafe { read(slot) });
        }
    }

    /// Takes an item, as anybody may.
    pub(super) fn steal(&self) -> Option<T> {
        // Before the lock, since it is empty as a rule.
        if self.taken.load(Ordering::Relaxed) >= self.put.load(Ordering::SeqCst) {
            return None;
        }
        let _thieves = self.thieves.lock();
        let put = self.put.load(Ordering::Acquire);
        let claim = |taken| (taken < put).then_some(taken + 1);
        let first = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim).ok()?;
        // SAFETY: `claim` has raised the number of items taken over this slot, and `thieves` is locked.
        Some(unsafe { read(&self.slots[first]) })
    }
}

/// Moves an item out of its slot.
///
/// # Safety
///
/// The caller has just raised the number of items taken over this slot, as invariant 3 has it.
unsafe fn read<T>(slot: &UnsafeCell<MaybeUninit<T>>) -> T {
    let slot = slot.get().cast::<T>();
    // SAFETY: by invariants 1 and 3 it holds an item, which nobody else moves out.
    unsafe { slot.read() }
}

impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {
        while self.steal().is_some() {}
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, put) = (self.taken.load(Ordering::Relaxed), self.put.load(Ordering::Relaxed));
        f.debug_struct("Shelf").field("taken", &taken).field("put", &put).finish_non_exhaustive()
    }
}
