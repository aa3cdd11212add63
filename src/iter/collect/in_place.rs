//! Layer 4: collecting a known number of items straight into a vector's spare capacity.
//!
//! Each part has a stretch of the spare capacity, as long as the part should be. Its folder fills the stretch
//! from the front. Two neighbouring results make one if the left stretch is full. What is left in the end must
//! be the whole stretch, full; only then does the vector own the items.
//!
//! Invariants, for [`Stretch`] and [`Filled`]:
//!
//! 1. `start .. start + room` lies in the spare capacity of one vector, whose pointer `start` comes from, and
//!    which is borrowed for `'v`. No other live value of these types covers any of these slots, but for the tail that
//!    `split_off_front` leaves, whose front half is never used.
//! 2. The first `written` slots, at most `room`, are initialised, and their items belong to this [`Filled`].

use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::ptr;

use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// Appends to `vec` the `len` items that `drive` sends to the consumer that it is given.
///
/// # Panics
///
/// If there are more or fewer items than `len`. The vector is then as it was before, and all items are dropped.
pub(in crate::iter) fn append<T, D>(vec: &mut Vec<T>, len: usize, drive: D)
where
    T: Send,
    D: for<'v> FnOnce(Stretch<'v, T>) -> Filled<'v, T>,
{
    vec.reserve(len);
    let slots = &mut vec.spare_capacity_mut()[..len];
    let stretch = Stretch::new(slots);
    let start = stretch.start;
    let filled = drive(stretch);
    assert!(
        filled.written == len && ptr::eq(filled.start, start),
        "a parallel iterator of {len} items produced {} items",
        filled.produced
    );
    mem::forget(filled);
    let len = vec.len() + len;
    // SAFETY: the `Filled` began where the spare capacity begins and by invariant 2 had all `len` slots
    // initialised; forgetting it has handed its items over.
    unsafe { vec.set_len(len) };
}

/// The slots that a part is to fill.
pub(in crate::iter) struct Stretch<'v, T> {
    start: *mut T,
    room: usize,
    vec: PhantomData<&'v mut [MaybeUninit<T>]>,
}

// SAFETY: by invariant 1 this is a unique reference to slots for `T`, to which items may be sent.
unsafe impl<T: Send> Send for Stretch<'_, T> {}

impl<'v, T> Stretch<'v, T> {
    fn new(slots: &'v mut [MaybeUninit<T>]) -> Self {
        Self { start: slots.as_mut_ptr().cast(), room: slots.len(), vec: PhantomData }
    }
}

impl<'v, T: Send> Consumer<T> for Stretch<'v, T> {
    type Folder = Filled<'v, T>;
    type Reducer = Adjoin;
    type Result = Filled<'v, T>;

    fn split_at(self, index: usize) -> (Self, Self, Adjoin) {
        let Self { start, room, vec } = self;
        assert!(index <= room, "a part of {room} items of a parallel iterator was split at {index}");
        // SAFETY: `index` is at most `room`, so by invariant 1 the result is within the same allocation or
        // at its end.
        let middle = unsafe { start.add(index) };
        let left = Self { start, room: index, vec };
        let right = Self { start: middle, room: room - index, vec };
        (left, right, Adjoin)
    }

    unsafe fn split_off_front(&self) -> Option<Self> {
        // This covers slots that `self` covers too, against invariant 1. But the caller limits the folder of the front to
        // those before the index at which it splits `self`, and uses no others of `self`'s than those behind.
        Some(Self { start: self.start, room: self.room, vec: self.vec })
    }

    fn into_folder(self) -> Filled<'v, T> {
        Filled { start: self.start, room: self.room, whole: self.room, written: 0, produced: 0, vec: self.vec }
    }

    fn full(&self) -> bool {
        false
    }
}

/// Lets an iterator with an `opt_len`, which may lack the traits to be driven as an indexed one, collect in
/// place all the same: it promises to split by position.
impl<T: Send> UnindexedConsumer<T> for Stretch<'_, T> {
    fn split_off_left(&self) -> Self {
        panic!("a parallel iterator whose opt_len() is Some({}) split its consumer without a position", self.room);
    }

    fn to_reducer(&self) -> Adjoin {
        Adjoin
    }
}

/// The slots that a part has filled so far.
pub(in crate::iter) struct Filled<'v, T> {
    start: *mut T,
    /// How many slots may be filled as things stand, and how many there are if nothing is split off.
    room: usize,
    whole: usize,
    written: usize,
    /// How many items came from the part, which is more than `written` if some were dropped for lack of their
    /// left neighbours.
    produced: usize,
    vec: PhantomData<&'v mut [MaybeUninit<T>]>,
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
        // SAFETY: by invariant 1 the slot is nobody else's, and by invariant 2 it holds no item yet.
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

    fn consume(mut self, item: T) -> Self {
        self.push(item);
        self
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        iter.into_iter().for_each(|item| self.push(item));
        self
    }

    fn limit(mut self, items: usize) -> Self {
        self.room = self.whole.min(self.written.saturating_add(items));
        self
    }

    fn complete(mut self) -> Self {
        self.produced = self.written;
        self
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T> Drop for Filled<'_, T> {
    fn drop(&mut self) {
        let items = ptr::slice_from_raw_parts_mut(self.start, self.written);
        // SAFETY: by invariant 2 these items are initialised and belong to this value, which ends here.
        unsafe { ptr::drop_in_place(items) }
    }
}

/// Makes one result of two neighbouring ones.
pub(in crate::iter) struct Adjoin;

impl<'v, T> Reducer<Filled<'v, T>> for Adjoin {
    fn reduce(self, mut left: Filled<'v, T>, right: Filled<'v, T>) -> Filled<'v, T> {
        left.produced += right.produced;
        let end = left.start.wrapping_add(left.written);
        if left.written == left.room && ptr::eq(end, right.start) {
            // Invariant 2 holds for the sum: the slots of `right` follow those of `left` directly, and
            // its items change hands here.
            left.room += right.room;
            left.whole = left.room;
            left.written += right.written;
            mem::forget(right);
        }
        left
    }
}
