//! Layer 4: collecting an unknown number of items, by way of segments.
//!
//! A leaf puts its items into segments that never move, each about as large as all before it together, so
//! that a large leaf does not copy what it has. Neighbouring leaves chain their segments. At the end, when the
//! number of items is known, each segment is moved to its final place and freed.

use std::collections::LinkedList;
use std::mem;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// The room of a leaf's first segment, in items.
const FIRST_ROOM: usize = 16;

/// The room of a segment, in bytes, that is not outgrown without need.
const LARGEST_ROOM: usize = 1 << 20;

/// Appends all items of `par_iter` to `vec`; if a closure panics, the vector is as it was before.
pub(super) fn append<T, I>(vec: &mut Vec<T>, par_iter: I)
where
    T: Send,
    I: ParallelIterator<Item = T>,
{
    let mut gathered = par_iter.drive_unindexed(Gather);
    if vec.capacity() == 0 && gathered.full.is_empty() {
        *vec = gathered.last;
        return;
    }
    vec.reserve(gathered.len());
    for mut segment in gathered.full {
        vec.append(&mut segment);
    }
    vec.append(&mut gathered.last);
}

/// Makes a list of the segments in which all items of `par_iter` are gathered, none of them empty.
pub(in crate::iter) fn list<I: ParallelIterator>(par_iter: I) -> LinkedList<Vec<I::Item>> {
    let Segments { full, last } = par_iter.drive_unindexed(Gather);
    let segments = full.into_iter().chain([last]);
    segments.filter(|segment| !segment.is_empty()).collect()
}

/// Items in order, in segments.
pub(in crate::iter) struct Segments<T> {
    /// The segments before the last.
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

impl<T> Segments<T> {
    fn new() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }

    fn len(&self) -> usize {
        self.full.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    /// Begins a new last segment, with room for at least `wanted` items and one.
    fn begin_segment(&mut self, wanted: usize) {
        let largest = (LARGEST_ROOM / mem::size_of::<T>().max(1)).max(FIRST_ROOM);
        let room = self.len().clamp(FIRST_ROOM, largest).max(wanted);
        let done = mem::replace(&mut self.last, Vec::with_capacity(room));
        if !done.is_empty() {
            self.full.push(done);
        }
    }

    fn push(&mut self, item: T, more: usize) {
        if self.last.len() == self.last.capacity() {
            self.begin_segment(more.saturating_add(1));
        }
        self.last.push(item);
    }

    fn extend(&mut self, mut iter: impl Iterator<Item = T>) {
        while let Some(item) = iter.next() {
            self.push(item, iter.size_hint().0);
            let room = self.last.capacity() - self.last.len();
            self.last.extend(iter.by_ref().take(room));
        }
    }

    /// Appends the items of `right`.
    fn chain(&mut self, right: Self) {
        for segment in right.full {
            self.chain_segment(segment);
        }
        self.chain_segment(right.last);
    }

    /// Appends a segment: by copying if that needs no memory, so that tiny leaves make no tiny segments.
    fn chain_segment(&mut self, mut segment: Vec<T>) {
        let room = self.last.capacity() - self.last.len();
        if segment.len() <= room {
            self.last.append(&mut segment);
            return;
        }
        let done = mem::replace(&mut self.last, segment);
        if !done.is_empty() {
            self.full.push(done);
        }
    }
}

/// Gathers the items of a part.
pub(in crate::iter) struct Gather;

impl<T: Send> Consumer<T> for Gather {
    type Folder = GatherFolder<T>;
    type Reducer = Self;
    type Result = Segments<T>;

    fn split_at(self, _index: usize) -> (Self, Self, Self) {
        (Self, Self, Self)
    }

    unsafe fn split_off_front(&self) -> Option<Self> {
        Some(Self)
    }

    fn into_folder(self) -> GatherFolder<T> {
        GatherFolder { segments: Segments::new() }
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T: Send> UnindexedConsumer<T> for Gather {
    fn split_off_left(&self) -> Self {
        Self
    }

    fn to_reducer(&self) -> Self {
        Self
    }
}

impl<T> Reducer<Segments<T>> for Gather {
    fn reduce(self, mut left: Segments<T>, right: Segments<T>) -> Segments<T> {
        left.chain(right);
        left
    }
}

/// Gathers the items of a leaf.
pub(in crate::iter) struct GatherFolder<T> {
    segments: Segments<T>,
}

impl<T> Folder<T> for GatherFolder<T> {
    type Result = Segments<T>;

    fn consume(mut self, item: T) -> Self {
        self.segments.push(item, 0);
        self
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        self.segments.extend(iter.into_iter());
        self
    }

    fn complete(self) -> Segments<T> {
        self.segments
    }

    fn full(&self) -> bool {
        false
    }
}
