//! Layer 4: collecting a known number of items straight into a vector's spare capacity.
//!
//! Each part has a stretch of the spare capacity, as long as the part should be. Its folder fills the stretch from the
//! front. Two neighbouring results are joined if the left stretch is full. In the end there must be one result that
//! fills the whole stretch; only then does the vector own the items.
//!
//! A part that runs is split by its folder, because only the folder knows how many slots it has filled: it gives up the
//! slots behind the split. The tail that [`split_off_front`](Consumer::split_off_front) leaves has no slots. So every
//! slot has at most one owner at any time, even if the producer, or another caller of these functions, gives wrong
//! lengths.
//!
//! Invariants, for [`SlotStretch`] and [`Filled`]:
//!
//! 1. `start .. start + room` lies in the spare capacity of one vector. `start` is derived from that vector's pointer,
//!    and the vector is borrowed for `'v`. No other live value of these types covers any of these slots.
//! 2. The first `written` slots, at most `room`, are initialised, and their items belong to this [`Filled`].
//! 3. Values with the same `'v` belong to the same vector: [`append`] makes the lifetime, and the types are invariant
//!    in it.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::ptr;

use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// Appends to `vec` the `len` items that `drive` passes to its consumer.
///
/// # Panics
///
/// If there are more or fewer items than `len`. The vector is then as it was before, and all items are dropped.
pub(in crate::iter) fn append<T, D>(vec: &mut Vec<T>, len: usize, drive: D)
where
    T: Send,
    D: for<'v> FnOnce(SlotStretch<'v, T>) -> Filled<'v, T>,
{
    vec.reserve(len);
    let slots = &mut vec.spare_capacity_mut()[..len];
    let stretch = SlotStretch::new(slots);
    let start = stretch.start;
    let filled = drive(stretch);
    if filled.written != len || !ptr::eq(filled.start, start) {
        not_as_many(len, filled.produced);
    }
    mem::forget(filled);
    let len = vec.len() + len;
    // SAFETY: the `Filled` began where the spare capacity begins and by invariant 2 had all `len` slots initialised;
    // forgetting the `Filled` gave the vector its items.
    unsafe { vec.set_len(len) };
}

#[cold]
fn not_as_many(len: usize, produced: usize) -> ! {
    panic!("a parallel iterator of {len} items produced {produced} items");
}

/// The borrow of the vector's slots; invariant in its lifetime.
type Borrow<'v, T> = PhantomData<Cell<&'v mut [MaybeUninit<T>]>>;

/// The slots for a part to fill; none if this is the tail of a part that runs.
pub(in crate::iter) struct SlotStretch<'v, T> {
    start: *mut T,
    room: Cell<usize>,
    vec: Borrow<'v, T>,
}

// SAFETY: by invariant 1 this is a unique reference to slots for `T`, and items are `Send`.
unsafe impl<T: Send> Send for SlotStretch<'_, T> {}

impl<'v, T> SlotStretch<'v, T> {
    fn new(slots: &'v mut [MaybeUninit<T>]) -> Self {
        Self { start: slots.as_mut_ptr().cast(), room: Cell::new(slots.len()), vec: PhantomData }
    }
}

impl<'v, T: Send> Consumer<T> for SlotStretch<'v, T> {
    type Folder = Filled<'v, T>;
    type Reducer = Adjoin;
    type Result = Filled<'v, T>;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Adjoin) {
        let Self { start, room, vec } = self;
        let room = room.into_inner();
        assert!(index <= room, "a part of {room} items of a parallel iterator was split at {index}");
        // SAFETY: `index` is at most `room`, so by invariant 1 the result is within the same allocation or
        // at its end.
        let middle = unsafe { start.add(index) };
        let left = Self { start, room: Cell::new(index), vec };
        let right = Self { start: middle, room: Cell::new(room - index), vec };
        (left, right, Adjoin)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        // The front gets all slots.
        Self { start: self.start, room: Cell::new(self.room.take()), vec: self.vec }
    }

    #[inline]
    fn split_running(self, mut folder: Filled<'v, T>, index: usize) -> (Filled<'v, T>, Self, Self, Adjoin) {
        let middle = folder.base.saturating_add(index);
        if middle < folder.written || middle > folder.room {
            split_in_vain(middle, folder.room, folder.written);
        }
        // SAFETY: `middle` is at most `room`, so by invariant 1 the result is within the same allocation or at its end.
        let start = unsafe { folder.start.add(middle) };
        // `right` gets these slots; by invariant 2 they hold no items yet, because `middle` is at least `written`.
        let right = Self { start, room: Cell::new(folder.room - middle), vec: self.vec };
        folder.room = middle;
        (folder, self, right, Adjoin)
    }

    #[inline]
    fn rejoin(self, mut folder: Filled<'v, T>) -> (Filled<'v, T>, Self) {
        let end = folder.start.wrapping_add(folder.room);
        assert!(ptr::eq(end, self.start), "parts of a parallel iterator were joined that are no neighbours");
        folder.base = folder.room;
        // The folder gets the slots. They follow its own directly, and by invariant 3 in the same vector.
        folder.room += self.room.take();
        (folder, self)
    }

    #[inline]
    fn into_folder(self) -> Filled<'v, T> {
        let Self { start, room, vec } = self;
        Filled { start, room: room.into_inner(), base: 0, written: 0, produced: 0, vec }
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

#[cold]
fn split_in_vain(index: usize, room: usize, written: usize) -> ! {
    panic!("a part of {room} items of a parallel iterator was split at {index} when it had produced {written} items");
}

/// Lets an iterator with an `opt_len` collect in place even if it is not indexed: it promises to split by position.
impl<T: Send> UnindexedConsumer<T> for SlotStretch<'_, T> {
    #[inline]
    fn split_off_left(&self) -> Self {
        panic!(
            "a parallel iterator with an opt_len() of Some({}) split its consumer without a position",
            self.room.get()
        );
    }

    #[inline]
    fn to_reducer(&self) -> Adjoin {
        Adjoin
    }
}

/// The slots that a part has filled so far.
pub(in crate::iter) struct Filled<'v, T> {
    start: *mut T,
    room: usize,
    /// The slot from which the indices of splits count: the beginning of the part that was rejoined last. At most
    /// `room`.
    base: usize,
    written: usize,
    /// The number of items of the part. More than `written` if items were dropped because the part before them was not
    /// full.
    produced: usize,
    vec: Borrow<'v, T>,
}

// SAFETY: by invariants 1 and 2 this owns items of type `T`, and a unique reference to slots for more.
unsafe impl<T: Send> Send for Filled<'_, T> {}

impl<T> Filled<'_, T> {
    #[inline]
    fn push(&mut self, item: T) {
        if self.written == self.room {
            too_many(self.room);
        }
        // SAFETY: `written` is less than `room`, so by invariant 1 the slot is within the allocation.
        let slot = unsafe { self.start.add(self.written) };
        // SAFETY: by invariant 1 no other value covers the slot, and by invariant 2 it holds no item yet.
        unsafe { slot.write(item) };
        self.written += 1;
    }
}

#[cold]
fn too_many(room: usize) -> ! {
    panic!("a part of {room} items of a parallel iterator produced at least {} items", room + 1);
}

impl<T> Folder<T> for Filled<'_, T> {
    type Result = Self;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        self.push(item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        iter.into_iter().for_each(|item| self.push(item));
        self
    }

    #[inline]
    fn complete(mut self) -> Self {
        self.produced = self.written;
        self
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

impl<T> Drop for Filled<'_, T> {
    fn drop(&mut self) {
        let items = ptr::slice_from_raw_parts_mut(self.start, self.written);
        // SAFETY: by invariant 2 these items are initialised and belong to this value, which is dropped here.
        unsafe { ptr::drop_in_place(items) }
    }
}

/// Joins two neighbouring results.
pub(in crate::iter) struct Adjoin;

impl<'v, T> Reducer<Filled<'v, T>> for Adjoin {
    #[inline]
    fn reduce(self, mut left: Filled<'v, T>, right: Filled<'v, T>) -> Filled<'v, T> {
        left.produced += right.produced;
        let end = left.start.wrapping_add(left.written);
        if left.written == left.room && ptr::eq(end, right.start) {
            // Invariants 1 and 2 hold for the sum: the slots of `right` follow those of `left` directly, by invariant 3
            // in the same vector, and `left` gets its items here.
            left.room += right.room;
            left.written += right.written;
            mem::forget(right);
        }
        left
    }
}
