//! Layer 4: collecting an unknown number of items, in segments.

use std::cell::Cell;
use std::collections::LinkedList;
use std::mem;

use super::filling::{Filling, GROUP};
use super::segments::ItemSegments;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// The most bytes that are reserved for an unknown number of items.
const MOST_SET_ASIDE: usize = 1 << 25;

/// Appends all items of `par_iter` to `vec`; if a closure panics, the vector is as it was before.
pub(super) fn append<T, I>(vec: &mut Vec<T>, par_iter: I)
where
    T: Send,
    I: ParallelIterator<Item = T>,
{
    let first = if vec.capacity() == 0 { set_aside(par_iter.__len_upper_bound()) } else { Vec::new() };
    if let Some(segments) = par_iter.drive_unindexed(Gather::new(first)) {
        segments.append_to(vec);
    }
}

/// Collects all items of `par_iter` into a list of segments, none of them empty.
pub(in crate::iter) fn list<I: ParallelIterator>(par_iter: I) -> LinkedList<Vec<I::Item>> {
    let segments = par_iter.drive_unindexed(Gather::new(Vec::new()));
    segments.into_iter().flat_map(|segments| segments.into_vecs()).collect()
}

/// A vector with room for `most` items, if that is known; without memory if it would take more than [`MOST_SET_ASIDE`].
fn set_aside<T>(most: Option<usize>) -> Vec<T> {
    let mut vec = Vec::new();
    if let Some(most) = most.filter(|most| most.saturating_mul(mem::size_of::<T>()) <= MOST_SET_ASIDE) {
        // If this fails, the items are collected in segments.
        let _ = vec.try_reserve_exact(most.saturating_add(GROUP));
    }
    vec
}

/// Collects the items of a part.
///
/// The first part gets the vector that will be the result, with room for all items if possible: it writes its items to
/// their final places.
pub(in crate::iter) struct Gather<T>(Cell<Gathered<T>>);

/// The items of a part, `None` if there are none. One word, because code that is compiled for each loop moves these
/// results.
type Gathered<T> = Option<Box<ItemSegments<T>>>;

impl<T> Gather<T> {
    fn new(first: Vec<T>) -> Self {
        let has_room = first.capacity() > 0 && mem::size_of::<T>() > 0;
        Self(Cell::new(has_room.then(|| Box::new(ItemSegments::new(first)))))
    }

    /// The consumer of the first items of the part.
    fn front(&self) -> Self {
        Self(Cell::new(self.0.take()))
    }
}

impl<T: Send> Consumer<T> for Gather<T> {
    type Folder = GatherFolder<T>;
    type Reducer = JoinSegments;
    type Result = Gathered<T>;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, JoinSegments) {
        (self.front(), self, JoinSegments)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        self.front()
    }

    #[inline]
    fn into_folder(self) -> GatherFolder<T> {
        GatherFolder(Filling::new(self.0.into_inner()))
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

impl<T: Send> UnindexedConsumer<T> for Gather<T> {
    #[inline]
    fn split_off_left(&self) -> Self {
        self.front()
    }

    #[inline]
    fn to_reducer(&self) -> JoinSegments {
        JoinSegments
    }
}

/// Joins the segments of two neighbouring parts.
pub(in crate::iter) struct JoinSegments;

impl<T> Reducer<Gathered<T>> for JoinSegments {
    #[inline]
    fn reduce(self, left: Gathered<T>, right: Gathered<T>) -> Gathered<T> {
        match (left, right) {
            (Some(mut left), Some(right)) => {
                left.chain(*right);
                Some(left)
            }
            (left, right) => left.or(right),
        }
    }
}

/// Collects the items of a leaf.
pub(in crate::iter) struct GatherFolder<T>(Filling<T>);

impl<T> Folder<T> for GatherFolder<T> {
    type Result = Gathered<T>;

    // Inlined so that a folder that a loop passes from item to item stays in registers.
    #[inline(always)]
    fn consume(mut self, item: T) -> Self {
        self.0.push(item);
        self
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        Self(self.0.extend(iter.into_iter()))
    }

    #[inline]
    fn consume_filtered<I, P>(self, iter: I, predicate: P) -> Self
    where
        I: IntoIterator<Item = T>,
        P: Fn(&T) -> bool,
    {
        Self(self.0.extend_filtered(iter.into_iter(), predicate))
    }

    #[inline]
    fn complete(self) -> Gathered<T> {
        self.0.into_segments()
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}
