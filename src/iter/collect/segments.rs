//! Layer 4: segments, which hold items as long as their number is unknown.
//!
//! A segment is a vector that does not grow: when it is full another is begun, about as large as all segments before it
//! together. So few are needed and no item has to move. When all parts are done, the lengths of the segments before it
//! determine the final place of each segment; [`ItemSegments::append_to`] moves the segments there, in parallel, and
//! frees them.

use std::mem::{self, MaybeUninit};
use std::ptr;

use crate::iter::schedule::both;

/// A part of at most this number of bytes is not worth a segment of its own.
const WORTH_A_SEGMENT: usize = 1 << 10;

/// At most this number of bytes are moved by one thread.
const MOVED_AT_ONCE: usize = 1 << 18;

/// Items in order, in segments.
#[derive(Debug)]
pub(in crate::iter) struct ItemSegments<T> {
    /// The segments before the last, none of them empty.
    full: Vec<Vec<T>>,
    pub(super) last: Vec<T>,
}

impl<T> ItemSegments<T> {
    /// Begins with one segment.
    pub(super) fn new(last: Vec<T>) -> Self {
        Self { full: Vec::new(), last }
    }

    /// The number of items.
    pub(super) fn len(&self) -> usize {
        self.full.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    /// Begins a new last segment, with room for `room` items. If there is not enough memory, it panics before it
    /// changes anything.
    pub(super) fn begin(&mut self, room: usize) {
        let next = Vec::with_capacity(room);
        let done = mem::replace(&mut self.last, next);
        if !done.is_empty() {
            self.full.push(done);
        }
    }

    /// Adds the items of `right`.
    pub(super) fn chain(&mut self, mut right: Self) {
        let room = self.last.capacity() - self.last.len();
        if right.full.is_empty() && right.last.len() <= room && mem::size_of_val(&*right.last) <= WORTH_A_SEGMENT {
            // For many parts of a few items each, segments of their own would take more memory than the items.
            self.last.append(&mut right.last);
            return;
        }
        let done = mem::replace(&mut self.last, right.last);
        if !done.is_empty() {
            self.full.push(done);
        }
        self.full.append(&mut right.full);
    }

    /// The segments, none of them empty.
    pub(super) fn into_vecs(self) -> impl Iterator<Item = Vec<T>> {
        self.full.into_iter().chain([self.last]).filter(|segment| !segment.is_empty())
    }
}

impl<T> FromIterator<Vec<T>> for ItemSegments<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(segments: I) -> Self {
        let mut segments = segments.into_iter();
        let last = segments.next().unwrap_or_default();
        segments.fold(Self::new(last), |mut segments, next| {
            segments.chain(Self::new(next));
            segments
        })
    }
}

impl<T: Send> ItemSegments<T> {
    /// Appends all items to `vec`, in parallel if they are many.
    ///
    /// If `vec` has no memory, and the first segment has enough for all items, that segment becomes the vector, and its
    /// items do not move.
    pub(super) fn append_to(mut self, vec: &mut Vec<T>) {
        let mut more = self.len();
        self.full.push(self.last);
        let mut segments = &mut *self.full;
        let is_new = vec.capacity() == 0;
        if is_new && segments[0].capacity() >= more {
            *vec = mem::take(&mut segments[0]);
            segments = &mut segments[1..];
            more -= vec.len();
        }
        vec.reserve(more);
        move_into(&mut vec.spare_capacity_mut()[..more], segments);
        let len = vec.len() + more;
        // SAFETY: `reserve` made room for `len` items, and `move_into` has filled all slots that it got.
        unsafe { vec.set_len(len) };
        if is_new && vec.capacity() / 4 > len {
            // Room was reserved for items that did not come.
            vec.shrink_to_fit();
        }
    }
}

/// Moves all items into `slots`, which has exactly as many slots, and frees the segments.
fn move_into<T: Send>(slots: &mut [MaybeUninit<T>], segments: &mut [Vec<T>]) {
    if segments.len() > 1 && mem::size_of_val(slots) > MOVED_AT_ONCE {
        let (left, right) = segments.split_at_mut(segments.len() / 2);
        let (left_slots, right_slots) = slots.split_at_mut(left.iter().map(Vec::len).sum());
        both(|| move_into(left_slots, left), || move_into(right_slots, right));
        return;
    }
    let mut slots = slots;
    for segment in segments {
        let items = mem::take(segment);
        let (first, rest) = slots.split_at_mut(items.len());
        move_out(first, items);
        slots = rest;
    }
}

/// Moves the items of a segment into `slots`, which has exactly as many slots.
fn move_out<T>(slots: &mut [MaybeUninit<T>], mut segment: Vec<T>) {
    let len = segment.len();
    assert_eq!(slots.len(), len);
    // SAFETY: 0 is always a valid length. The segment's items are now in its memory only, until they are moved.
    unsafe { segment.set_len(0) };
    let from = segment.as_ptr().cast::<MaybeUninit<T>>();
    // SAFETY: `from` points to `len` slots that the segment still owns, and `slots` has as many. `slots` is borrowed
    // uniquely, so the two do not overlap.
    unsafe { ptr::copy_nonoverlapping(from, slots.as_mut_ptr(), len) };
}
