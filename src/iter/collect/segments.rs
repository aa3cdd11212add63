//! Layer 4: segments, in which items are held that nobody knows the number of yet.
//!
//! A segment is a vector that does not grow: when it is full another is begun, about as large as all before it together, so
//! that few are needed and no item has to move. When all parts are done, each segment has its final place by the
//! lengths of those before it; [`ItemSegments::append_to`] moves each there, in parallel, and frees it.

use std::mem::{self, MaybeUninit};
use std::ptr;

use crate::iter::schedule::both;

/// A part of no more bytes is not worth a segment of its own.
const WORTH_A_SEGMENT: usize = 1 << 10;

/// So many bytes are moved by one thread.
const MOVED_AT_ONCE: usize = 1 << 18;

/// Items in order, in segments.
#[derive(Debug)]
pub(in crate::iter) struct ItemSegments<T> {
    /// The segments before the last, none of them empty.
    full: Vec<Vec<T>>,
    pub(super) last: Vec<T>,
}

impl<T> ItemSegments<T> {
    /// Begins with this segment.
    pub(super) fn new(last: Vec<T>) -> Self {
        Self { full: Vec::new(), last }
    }

    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        self.full.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    /// Begins a new last segment, with room for so many items. If there cannot be as much, it panics before it changes
    /// anything.
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
            // Many parts of a few items each would take more memory in segments of their own than the items do.
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
    /// Moves all items behind those of `vec`, in parallel if they are many.
    ///
    /// If `vec` has no memory, and the first segment has enough for all, it becomes the vector, and its items do not move.
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
        // SAFETY: `reserve` made room for so many, and `move_into` has filled all the slots that it was given.
        unsafe { vec.set_len(len) };
        if is_new && vec.capacity() / 4 > len {
            // There was room for items that did not come.
            vec.shrink_to_fit();
        }
    }
}

/// Fills `slots`, of which there are as many as items, and leaves the segments without items and memory.
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

/// Moves the items of a segment into as many slots.
fn move_out<T>(slots: &mut [MaybeUninit<T>], mut segment: Vec<T>) {
    let len = segment.len();
    assert_eq!(slots.len(), len);
    // SAFETY: from here on the segment has no items: those that it had are the memory's, until they are moved.
    unsafe { segment.set_len(0) };
    let from = segment.as_ptr().cast::<MaybeUninit<T>>();
    // SAFETY: `from` is where `len` slots begin that the segment still owns, `slots` has as many, and as it is borrowed
    // uniquely they do not overlap.
    unsafe { ptr::copy_nonoverlapping(from, slots.as_mut_ptr(), len) };
}
