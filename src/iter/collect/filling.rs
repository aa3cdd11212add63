//! Layer 4: the filling of segments, one item at a time.
//!
//! A loop that collects is as fast as its look at the room is: it must find all that it needs in registers. The compiler
//! keeps there only what nobody has the address of. So [`Filling`] is made of plain words, and what is not done for each
//! item is told the words and not where they are: beginning a segment, and dropping all when a panic passes by.

use std::mem;
use std::ptr;

use super::segments::ItemSegments;

/// The room of a leaf's first segment, in items.
const FIRST_ROOM: usize = 16;

/// The room of a segment, in bytes, that is not outgrown without need: what is left unused of the last of each part is
/// little next to many items, and the segments of a few parts can be moved by many threads.
const LARGEST_ROOM: usize = 1 << 18;

/// Items of more bytes are not written before it is known whether they are kept.
const PUT_BLINDLY: usize = 32;

/// So many items are filtered between two looks at the room. It is so many slots that a segment may lack to be full.
pub(super) const GROUP: usize = 8;

/// Segments that are being filled.
///
/// Invariants:
///
/// 1. `open` is null, and `len` and `room` are 0; or it comes from [`Box::into_raw`], and nobody else has it.
/// 2. Then `start` and `room` are the last segment's, of whose slots the first `len`, at most `room`, are written. The
///    segment itself may know of fewer.
pub(super) struct Filling<T> {
    start: *mut T,
    len: usize,
    room: usize,
    open: *mut ItemSegments<T>,
}

impl<T> Filling<T> {
    /// Begins with these segments, or with none.
    pub(super) fn new(first: Option<Box<ItemSegments<T>>>) -> Self {
        let mut filling = Self { start: ptr::null_mut(), len: 0, room: 0, open: ptr::null_mut() };
        if let Some(first) = first {
            filling.open = Box::into_raw(first);
            filling.take_up();
        }
        filling
    }

    /// Adds an item.
    #[inline(always)]
    pub(super) fn push(&mut self, item: T) {
        if self.len == self.room {
            self.make_room(1);
        }
        // SAFETY: there is room for more than `len` items, so by invariant 2 the slot is the segment's.
        let slot = unsafe { self.start.add(self.len) };
        // SAFETY: behind the items there is nothing yet.
        unsafe { slot.write(item) };
        self.len += 1;
    }

    /// Writes an item into the next slot, and adds it if it is to be kept; if not it is forgotten, and the next is written
    /// there too. There is no branch that could be guessed wrong.
    ///
    /// # Safety
    ///
    /// There is room for an item.
    #[inline(always)]
    unsafe fn put(&mut self, item: T, is_kept: bool) {
        // SAFETY: by the caller's word there is room for more than `len` items, so by invariant 2 the slot is the segment's.
        let slot = unsafe { self.start.add(self.len) };
        // SAFETY: behind the items there is nothing that is still needed.
        unsafe { slot.write(item) };
        self.len += usize::from(is_kept);
    }

    /// Begins another segment if the last has no room for so many items.
    #[inline(always)]
    fn make_room_for(&mut self, items: usize) {
        if self.room - self.len < items {
            self.make_room(items);
        }
    }

    /// Adds all items of an iterator.
    #[inline]
    pub(super) fn extend<I: Iterator<Item = T>>(mut self, iter: I) -> Self {
        let (least, most) = iter.size_hint();
        // The least of an iterator that filters is the constant 0: then `extend_exact` is not compiled for it.
        if least > 0 && most == Some(least) {
            self.extend_exact(least, iter);
            return self;
        }
        let mut filling = self.in_registers();
        iter.for_each(|item| filling.push(item));
        filling.in_registers()
    }

    /// Adds those items of an iterator for which `predicate` is true.
    #[inline]
    pub(super) fn extend_filtered<I, P>(self, iter: I, predicate: P) -> Self
    where
        I: Iterator<Item = T>,
        P: Fn(&T) -> bool,
    {
        let mut filling = self.in_registers();
        let (least, most) = iter.size_hint();
        if mem::needs_drop::<T>() || mem::size_of::<T>() > PUT_BLINDLY {
            iter.filter(predicate).for_each(|item| filling.push(item));
        } else if most == Some(least) {
            // What knows its length is as fast one by one, and then the room need not be looked at for each.
            filling.put_in_groups(iter, predicate);
        } else {
            iter.for_each(|item| {
                let is_kept = predicate(&item);
                filling.make_room_for(1);
                // SAFETY: there is room for one.
                unsafe { filling.put(item, is_kept) };
            });
        }
        filling.in_registers()
    }

    /// Adds those items of an iterator for which `predicate` is true, with room made for a group of them at a time.
    #[inline(always)]
    fn put_in_groups(&mut self, mut iter: impl Iterator<Item = T>, predicate: impl Fn(&T) -> bool) {
        loop {
            self.make_room_for(GROUP);
            let mut put = 0;
            while put < GROUP {
                let Some(item) = iter.next() else { return };
                let is_kept = predicate(&item);
                // SAFETY: there was room for a group, and each of the fewer items that were put since took one slot at most.
                unsafe { self.put(item, is_kept) };
                put += 1;
            }
        }
    }

    /// Moves the words into a variable of the caller's own, where they stay in registers however it was given them; and, at
    /// its end, out of there, as a variable that is returned would be made where the caller's caller wants it, in memory.
    #[inline(always)]
    fn in_registers(self) -> Self {
        let Self { start, len, room, open } = self;
        mem::forget(self);
        Self { start, len, room, open }
    }

    /// Adds all items of an iterator that says how many it has, one at least. The standard library writes those of an
    /// iterator whose word it trusts without a look at the room.
    fn extend_exact<I: Iterator<Item = T>>(&mut self, len: usize, iter: I) {
        self.make_room_for(len);
        // SAFETY: by invariant 1.
        let open = unsafe { self.open.as_mut() }.expect("room is made for an item");
        // SAFETY: by invariant 2 they are written.
        unsafe { open.last.set_len(self.len) };
        // Also if it panics this value has no more than what it says, and the segment keeps what was added.
        self.len = 0;
        open.last.extend(iter);
        self.take_up();
    }

    /// Begins another segment, with room for `wanted` items at least.
    #[inline(always)]
    fn make_room(&mut self, wanted: usize) {
        // SAFETY: by the invariants. If it panics, all that `drop` looks at is as it was.
        self.open = unsafe { begin_segment(self.open, self.len, wanted) };
        self.take_up();
    }

    /// Reads the words of the last segment, of which there is one.
    #[inline(always)]
    fn take_up(&mut self) {
        // SAFETY: by invariant 1, the caller having made sure that it is not null.
        let open = unsafe { &mut *self.open };
        (self.start, self.len, self.room) = (open.last.as_mut_ptr(), open.last.len(), open.last.capacity());
    }

    /// Ends the last segment, if there is one.
    pub(super) fn into_segments(self) -> Option<Box<ItemSegments<T>>> {
        let Self { len, open, .. } = self;
        mem::forget(self);
        // SAFETY: by the invariants, and this value is gone.
        unsafe { close(open, len) }
    }
}

impl<T> Drop for Filling<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: by the invariants, and this value ends here.
        unsafe { discard(self.open, self.len) };
    }
}

/// # Safety
///
/// As of [`close`].
#[cold]
#[inline(never)]
unsafe fn discard<T>(open: *mut ItemSegments<T>, len: usize) {
    // SAFETY: passed on to the caller.
    drop(unsafe { close(open, len) });
}

/// The segments, if there are any, of which the last has `len` items at least.
///
/// # Safety
///
/// The arguments are those of a [`Filling`] that will not use them again.
unsafe fn close<T>(open: *mut ItemSegments<T>, len: usize) -> Option<Box<ItemSegments<T>>> {
    if open.is_null() {
        return None;
    }
    // SAFETY: by invariant 1, with the caller's word that it is not used again.
    let mut open = unsafe { Box::from_raw(open) };
    let len = open.last.len().max(len);
    // SAFETY: by invariant 2 they are written, if the segment does not know of as many itself.
    unsafe { open.last.set_len(len) };
    Some(open)
}

/// Begins another last segment, behind one of `len` items, with room for at least `wanted`. If there cannot be as much, it
/// panics, and the segments are as they were.
///
/// # Safety
///
/// The arguments are those of a [`Filling`], whose `open` is what this returns from now on.
#[cold]
#[inline(never)]
unsafe fn begin_segment<T>(open: *mut ItemSegments<T>, len: usize, wanted: usize) -> *mut ItemSegments<T> {
    // SAFETY: by invariant 1, and the caller uses nothing of it meanwhile.
    let Some(segments) = (unsafe { open.as_mut() }) else {
        return Box::into_raw(Box::new(ItemSegments::new(Vec::with_capacity(FIRST_ROOM.max(wanted)))));
    };
    // SAFETY: by invariant 2 they are written.
    unsafe { segments.last.set_len(len) };
    let largest = (LARGEST_ROOM / mem::size_of::<T>().max(1)).max(FIRST_ROOM);
    segments.begin(segments.len().clamp(FIRST_ROOM, largest).max(wanted));
    open
}
