//! Layer 4: the filling of segments, one item at a time.
//!
//! A collecting loop is only as fast as its check for room, so all values for this check must be in registers. The
//! compiler keeps a value there only if no pointer to it escapes. So [`Filling`] consists of plain words, and the
//! functions that are not inlined get these words by value: the one that begins a segment, and the one that drops
//! everything after a panic.

use std::mem;
use std::ptr;

use super::segments::ItemSegments;

/// The room of a leaf's first segment, in items.
const FIRST_ROOM: usize = 16;

/// The greatest room of a segment, in bytes, unless more is asked for. So the unused rest of each part's last segment
/// is small beside many items, and many threads can move the segments of a few parts.
const LARGEST_ROOM: usize = 1 << 18;

/// Larger items, in bytes, are written only once it is known that they are kept.
const PUT_BLINDLY: usize = 32;

/// The number of items that are filtered between two checks for room. As many slots of a segment may stay empty.
pub(super) const GROUP: usize = 8;

/// Segments that are being filled.
///
/// Invariants:
///
/// 1. `open` is null, and `len` and `room` are 0; or `open` comes from [`Box::into_raw`], and this value alone has it.
/// 2. In the second case `start` and `room` are those of the last segment, and its first `len` slots, at most `room`,
///    are written. The segment's own length may be less.
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
        // SAFETY: the slot holds no item yet.
        unsafe { slot.write(item) };
        self.len += 1;
    }

    /// Writes an item into the next slot, and counts it if it is kept; if not, it is forgotten, and the next item
    /// overwrites it. There is no branch to mispredict.
    ///
    /// # Safety
    ///
    /// There is room for an item.
    #[inline(always)]
    unsafe fn put(&mut self, item: T, is_kept: bool) {
        // SAFETY: the caller guarantees room for more than `len` items, so by invariant 2 the slot is the segment's.
        let slot = unsafe { self.start.add(self.len) };
        // SAFETY: the slot holds no item that is still needed.
        unsafe { slot.write(item) };
        self.len += usize::from(is_kept);
    }

    /// Begins another segment if the last has no room for `items` more.
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
        // For an iterator that filters, `least` is the constant 0, so `extend_exact` is not compiled for it.
        if least > 0 && most == Some(least) {
            self.extend_exact(least, iter);
            return self;
        }
        let mut filling = self.in_registers();
        iter.for_each(|item| filling.push(item));
        filling.in_registers()
    }

    /// Adds the items of an iterator for which `predicate` is true.
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
            // An iterator that knows its length is as fast item by item, and then the room need not be checked for
            // each.
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

    /// Adds the items of an iterator for which `predicate` is true, and makes room for a group of them at a time.
    #[inline(always)]
    fn put_in_groups(&mut self, mut iter: impl Iterator<Item = T>, predicate: impl Fn(&T) -> bool) {
        loop {
            self.make_room_for(GROUP);
            let mut put = 0;
            while put < GROUP {
                let Some(item) = iter.next() else { return };
                let is_kept = predicate(&item);
                // SAFETY: there was room for a group, and fewer items were put since, each into one slot at most.
                unsafe { self.put(item, is_kept) };
                put += 1;
            }
        }
    }

    /// Moves the words into a new variable. Called at the beginning of a loop's function, because the argument may be
    /// in memory; and at its end, because the compiler would otherwise build the returned variable in the caller's
    /// memory from the start. In between the words stay in registers.
    #[inline(always)]
    fn in_registers(self) -> Self {
        let Self { start, len, room, open } = self;
        mem::forget(self);
        Self { start, len, room, open }
    }

    /// Adds all items of an iterator that gives its exact number of items, at least one. If std trusts the iterator's
    /// length, it writes the items without a check for room.
    fn extend_exact<I: Iterator<Item = T>>(&mut self, len: usize, iter: I) {
        self.make_room_for(len);
        // SAFETY: by invariant 1.
        let open = unsafe { self.open.as_mut() }.expect("room is made for an item");
        // SAFETY: by invariant 2 these items are written.
        unsafe { open.last.set_len(self.len) };
        // If `extend` panics, this value counts no items, and the segment has counted those that were added.
        self.len = 0;
        open.last.extend(iter);
        self.take_up();
    }

    /// Begins another segment, with room for `wanted` items at least.
    #[inline(always)]
    fn make_room(&mut self, wanted: usize) {
        // SAFETY: by the invariants. If it panics, the fields that `drop` reads are unchanged.
        self.open = unsafe { begin_segment(self.open, self.len, wanted) };
        self.take_up();
    }

    /// Reads the words of the last segment; there must be one.
    #[inline(always)]
    fn take_up(&mut self) {
        // SAFETY: by invariant 1; the caller has made sure that `open` is not null.
        let open = unsafe { &mut *self.open };
        (self.start, self.len, self.room) = (open.last.as_mut_ptr(), open.last.len(), open.last.capacity());
    }

    /// Ends the last segment, if there is one.
    pub(super) fn into_segments(self) -> Option<Box<ItemSegments<T>>> {
        let Self { len, open, .. } = self;
        mem::forget(self);
        // SAFETY: by the invariants, and this value has been forgotten.
        unsafe { close(open, len) }
    }
}

impl<T> Drop for Filling<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: by the invariants, and this value is dropped here.
        unsafe { discard(self.open, self.len) };
    }
}

/// # Safety
///
/// As for [`close`].
#[cold]
#[inline(never)]
unsafe fn discard<T>(open: *mut ItemSegments<T>, len: usize) {
    // SAFETY: the caller's duty.
    drop(unsafe { close(open, len) });
}

/// Returns the segments, if there are any. The last has at least `len` items.
///
/// # Safety
///
/// The arguments are those of a [`Filling`] that will not use them again.
unsafe fn close<T>(open: *mut ItemSegments<T>, len: usize) -> Option<Box<ItemSegments<T>>> {
    if open.is_null() {
        return None;
    }
    // SAFETY: by invariant 1; the caller does not use `open` again.
    let mut open = unsafe { Box::from_raw(open) };
    let len = open.last.len().max(len);
    // SAFETY: the first `len` slots are written: by invariant 2, or because the segment's own length counts them.
    unsafe { open.last.set_len(len) };
    Some(open)
}

/// Begins another last segment, after one of `len` items, with room for at least `wanted`. If there is not enough
/// memory, it panics, and the segments are unchanged.
///
/// # Safety
///
/// The arguments are those of a [`Filling`], which must store the result in `open`.
#[cold]
#[inline(never)]
unsafe fn begin_segment<T>(open: *mut ItemSegments<T>, len: usize, wanted: usize) -> *mut ItemSegments<T> {
    // SAFETY: by invariant 1, and the caller does not use `open` meanwhile.
    let Some(segments) = (unsafe { open.as_mut() }) else {
        return Box::into_raw(Box::new(ItemSegments::new(Vec::with_capacity(FIRST_ROOM.max(wanted)))));
    };
    // SAFETY: by invariant 2 these items are written.
    unsafe { segments.last.set_len(len) };
    let largest = (LARGEST_ROOM / mem::size_of::<T>().max(1)).max(FIRST_ROOM);
    segments.begin(segments.len().clamp(FIRST_ROOM, largest).max(wanted));
    open
}
