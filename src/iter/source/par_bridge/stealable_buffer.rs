//! Layer 4: the buffer of the items that a consumer has taken from the iterator and not begun; every consumer can steal
//! them.
//!
//! An item costs the owner plain loads and stores, and where the system supports it no fence in the processor. In a
//! plain loop the processor works on several light items at once, and a fence or a read-modify-write between them would
//! prevent that. Two buffers without `unsafe` were tried, and were slower for this reason: crossbeam's deque, which has
//! a fence for each item that is popped, and a deque behind a lock. `cargo bench --bench waste` measures such a loop.

use std::fmt;
use std::mem::MaybeUninit;

use crate::sync::asymmetric::Fences;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::cell::UnsafeCell;
use crate::sync::lock::Mutex;

/// The capacity of a buffer.
pub(super) const ROOM: usize = if cfg!(loom) { 2 } else { 256 };

/// Which end of the queue the owner and the thieves use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BufferPhase {
    /// The owner appends at `tail`. Thieves take the oldest item, at `head`: the iterator may wait for the work on it.
    Filling,
    /// The owner takes the oldest item, at `head`. Thieves take the newest one, before `tail`.
    Draining,
}

/// A queue of at most [`ROOM`] items. Its one owner fills it when it is empty, and then drains it. Any thread steals.
///
/// Invariants:
///
/// 1. The cells from `head` up to `tail` hold an item each; and while a claim of invariant 4 is undecided, the claimed
///    cell may hold one, too. `tail` is at most [`ROOM`].
/// 2. There is at most one [`Owner`], because `is_owned` is set once and never cleared. The owner alone changes the
///    phase, with `phase` locked. It begins to fill only when no item is left, and then sets both ends to 0.
/// 3. While the phase is `Filling`, only the owner writes `tail`: it fills the cell there, and then raises `tail`. Only
///    thieves write `head`, with `phase` locked. The thief that raises `head` by one has the item that was there.
/// 4. While the phase is `Draining`, only the owner writes `head`, and only thieves write `tail`, with `phase` locked.
///    Both claim before they look: the owner raises `head` over an item and then reads `tail`; a thief lowers `tail`
///    below an item and then reads `head`. There is a fence between the two on both sides, so if both claim the same
///    item, at least one of them sees the other's claim. The owner has the item if `tail` is not below its claim. A
///    thief has it if `head` is not above its claim; otherwise it takes its claim back. An owner that sees a thief's
///    claim on its item locks `phase`: then no thief is between its claim and its decision, and `tail` decides.
/// 5. A thread that has an item by invariant 3 or 4 moves it out of its cell at once; a thief does so with `phase`
///    still locked. So when the owner locks `phase` to fill the buffer again, no thread uses a cell, and all accesses
///    to the cells happened before.
///
/// Orderings. While the buffer is filled, raising `tail` releases the item, and a thief's load of `tail` acquires it.
/// When it is drained, the owner wrote the items before it unlocked `phase`, and a thief has locked `phase` since. The
/// two fences of invariant 4 pair with each other; owners claim often and thieves seldom, so they are [`Fences`], the
/// owner's the light one. All other accesses are relaxed: `phase` orders them, or the thread reads its own write.
pub(super) struct StealableBuffer<T> {
    head: AtomicUsize,
    tail: AtomicUsize,
    cells: Box<[Cell<T>]>,
    phase: Mutex<BufferPhase>,
    fences: Fences,
    is_owned: AtomicUsize,
}

type Cell<T> = UnsafeCell<MaybeUninit<T>>;

// SAFETY: a buffer hands items from thread to thread, and no references to them. By invariants 3 to 5 each cell has one
// user at a time, and by the orderings each user sees the writes of the one before.
unsafe impl<T: Send> Sync for StealableBuffer<T> {}

impl<T> StealableBuffer<T> {
    pub(super) fn new() -> Self {
        let cells = (0..ROOM).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect();
        let [head, tail, is_owned] = [(); 3].map(|()| AtomicUsize::new(0));
        StealableBuffer { head, tail, cells, phase: Mutex::new(BufferPhase::Filling), fences: Fences::new(), is_owned }
    }

    /// Makes the caller the owner, unless there has been one before.
    pub(super) fn own(&self) -> Option<Owner<'_, T>> {
        (self.is_owned.swap(1, Ordering::Relaxed) == 0).then_some(Owner { buffer: self, head: 0, end: 0 })
    }

    /// True if there are items; a guess, unless a fence orders it.
    pub(super) fn has_items(&self) -> bool {
        self.head.load(Ordering::Relaxed) < self.tail.load(Ordering::Relaxed)
    }

    /// Takes an item, as any thread may.
    pub(super) fn steal(&self) -> Option<T> {
        // Checked before the lock, because the buffer is usually empty.
        if !self.has_items() {
            return None;
        }
        let phase = self.phase.lock();
        let place = match *phase {
            BufferPhase::Filling => self.claim_oldest(),
            BufferPhase::Draining => self.claim_newest(),
        }?;
        // SAFETY: the thief has just claimed the item there, by invariant 3 or 4; `phase` is locked.
        Some(unsafe { move_out(&self.cells[place]) })
    }

    /// A thief's claim by invariant 3.
    fn claim_oldest(&self) -> Option<usize> {
        let head = self.head.load(Ordering::Relaxed);
        if head >= self.tail.load(Ordering::Acquire) {
            return None;
        }
        self.head.store(head + 1, Ordering::Relaxed);
        Some(head)
    }

    /// A thief's claim by invariant 4.
    fn claim_newest(&self) -> Option<usize> {
        let newest = self.tail.load(Ordering::Relaxed).checked_sub(1)?;
        // If the owner has begun the item, it is gone; this check saves the fence.
        if self.head.load(Ordering::Relaxed) > newest {
            return None;
        }
        self.tail.store(newest, Ordering::Relaxed);
        if self.fences.heavy() && self.head.load(Ordering::Relaxed) <= newest {
            return Some(newest);
        }
        self.tail.store(newest + 1, Ordering::Relaxed);
        None
    }
}

/// The right to fill a buffer, and to drain it without a lock.
pub(super) struct Owner<'b, T> {
    buffer: &'b StealableBuffer<T>,
    /// While the owner drains the buffer: the oldest item, or `end` if no item is left.
    head: usize,
    /// The end of the items when the owner began to drain the buffer. Thieves may have taken some since.
    end: usize,
}

impl<'b, T> Owner<'b, T> {
    /// Begins to fill the buffer, which must be empty.
    pub(super) fn fill(&mut self) -> FillGuard<'_, 'b, T> {
        let buffer = self.buffer;
        let mut phase = buffer.phase.lock();
        assert!(!buffer.has_items(), "a buffer is filled when it is empty");
        buffer.tail.store(0, Ordering::Relaxed);
        buffer.head.store(0, Ordering::Relaxed);
        *phase = BufferPhase::Filling;
        (self.head, self.end) = (0, 0);
        FillGuard { owner: self, put: 0 }
    }

    /// Takes the oldest item.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        if self.head == self.end {
            return None;
        }
        let buffer = self.buffer;
        buffer.head.store(self.head + 1, Ordering::Relaxed);
        buffer.fences.light();
        if self.head >= buffer.tail.load(Ordering::Relaxed) && !self.settle() {
            return None;
        }
        let place = self.head;
        self.head += 1;
        // SAFETY: the owner has just claimed the item there, by invariant 4, and has itself put it there.
        Some(unsafe { move_out(&buffer.cells[place]) })
    }

    /// Decides the owner's claim that a thief contests: true if the owner has the item; otherwise the claim is undone.
    #[cold]
    fn settle(&mut self) -> bool {
        let buffer = self.buffer;
        let _phase = buffer.phase.lock();
        let holds = self.head < buffer.tail.load(Ordering::Relaxed);
        if !holds {
            buffer.head.store(self.head, Ordering::Relaxed);
            self.end = self.head;
        }
        holds
    }
}

/// The owner while it fills its buffer. If it is dropped before [`finish`](FillGuard::finish), the items are left to
/// thieves.
pub(super) struct FillGuard<'o, 'b, T> {
    owner: &'o mut Owner<'b, T>,
    /// The buffer's `tail`.
    put: usize,
}

impl<T> FillGuard<'_, '_, T> {
    /// Puts an item behind the others. There must be room.
    #[inline]
    pub(super) fn put(&mut self, item: T) {
        let buffer = self.owner.buffer;
        buffer.cells[self.put].with_mut(|cell| {
            // SAFETY: by invariant 3 the cell is the owner's until `tail` is raised over it, and by 5 all earlier
            // accesses to it happened before.
            unsafe { cell.write(MaybeUninit::new(item)) }
        });
        self.put += 1;
        buffer.tail.store(self.put, Ordering::Release);
    }

    /// Ends the filling: from now on the owner drains the buffer.
    pub(super) fn finish(self) {
        let FillGuard { owner, put } = self;
        let mut phase = owner.buffer.phase.lock();
        *phase = BufferPhase::Draining;
        (owner.head, owner.end) = (owner.buffer.head.load(Ordering::Relaxed), put);
    }
}

/// Moves an item out of its cell.
///
/// # Safety
///
/// The caller has the item by invariant 3 or 4, and the write of the cell happened before.
#[inline]
unsafe fn move_out<T>(cell: &Cell<T>) -> T {
    cell.with_mut(|cell| {
        let cell = cell.cast::<T>();
        // SAFETY: the caller has the item, so the cell holds one, which no other thread moves out.
        unsafe { cell.read() }
    })
}

impl<T> Drop for StealableBuffer<T> {
    fn drop(&mut self) {
        let items = self.head.load(Ordering::Relaxed)..self.tail.load(Ordering::Relaxed);
        // SAFETY: the cells from `head` up to `tail` hold an item each, by invariant 1. There is neither an owner nor a
        // thief any more, so no claim is undecided and no other thread moves an item out.
        let items = items.map(|place| unsafe { move_out(&self.cells[place]) });
        // A vector drops all of its items, even if the destructor of one panics.
        drop(items.collect::<Vec<_>>());
    }
}

impl<T> fmt::Debug for StealableBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = (self.head.load(Ordering::Relaxed), self.tail.load(Ordering::Relaxed));
        f.debug_struct("StealableBuffer").field("head", &head).field("tail", &tail).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Owner, StealableBuffer};
    use std::cell::Cell;
    use std::iter::from_fn;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    fn fill<T>(owner: &mut Owner<'_, T>, items: impl IntoIterator<Item = T>) {
        let mut filling = owner.fill();
        items.into_iter().for_each(|item| filling.put(item));
        filling.finish();
    }

    /// The owner is at work on the first item.
    #[test]
    fn what_the_owner_has_not_begun_can_all_be_stolen() {
        let buffer = StealableBuffer::new();
        let mut owner = buffer.own().unwrap();
        fill(&mut owner, 0..100);
        assert_eq!(owner.pop(), Some(0));
        assert_eq!(from_fn(|| buffer.steal()).collect::<Vec<_>>(), (1..100).rev().collect::<Vec<_>>());
        assert_eq!(owner.pop(), None);
        fill(&mut owner, [100]);
        assert_eq!([owner.pop(), buffer.steal(), owner.pop()], [Some(100), None, None]);
    }

    /// The iterator may wait for the work on the oldest.
    #[test]
    fn while_the_buffer_is_filled_the_oldest_item_is_stolen() {
        let buffer = StealableBuffer::new();
        let mut owner = buffer.own().unwrap();
        let mut filling = owner.fill();
        (0..3).for_each(|item| filling.put(item));
        assert_eq!([buffer.steal(), buffer.steal()], [Some(0), Some(1)]);
        filling.put(3);
        filling.finish();
        assert_eq!([owner.pop(), owner.pop(), owner.pop(), buffer.steal()], [Some(2), Some(3), None, None]);
    }

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
    fn items_that_are_left_are_dropped_though_a_destructor_panics() {
        let dropped = Cell::new(0);
        let buffer = StealableBuffer::new();
        let mut owner = buffer.own().unwrap();
        fill(&mut owner, (0..3).map(|_| Bomb(&dropped)));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(buffer))).is_err());
        assert_eq!(dropped.get(), 3);
    }
}
