//! Layer 5: the producer of all iterators over parts of a slice that a closure delimits.
//!
//! To split such a slice in two, a cut by the closure has to be searched for. A stretch that a search has found free of
//! cuts is remembered, so that no two searches look at the same item.

use std::ops::Range;

use super::reference::SliceRef;
use crate::iter::plumbing::{Folder, UnindexedProducer};

/// Decides where a slice is cut.
pub(super) trait Rule<T>: Copy + Send + Sync {
    /// The number of items that a cut takes away: 1 if it is at a separator, 0 if it is between two items.
    const TAKEN: usize;

    /// The first place at which `items` are cut. A cut at `index` leaves the `index` items before it in the left part.
    /// If a cut takes no item away, neither part is empty.
    fn first_cut(self, items: &[T]) -> Option<usize>;

    /// The last place at which `items` are cut.
    fn last_cut(self, items: &[T]) -> Option<usize>;
}

/// Some consecutive parts of a slice; can be iterated over, or split in two.
pub(super) struct SlicePieces<S, R> {
    /// The parts that have not been given out. `None` if there is none; an empty slice is one empty last part.
    rest: Option<S>,
    /// There is no cut from here on.
    open: usize,
    rule: R,
}

impl<S: SliceRef, R: Rule<S::Item>> SlicePieces<S, R> {
    /// All parts of a slice.
    pub(super) fn new(slice: S, rule: R) -> Self {
        let open = slice.len();
        // With separators an empty slice has one part, which is empty.
        let some = open > 0 || R::TAKEN > 0;
        Self { rest: some.then_some(slice), open, rule }
    }

    /// Searches for a cut among those at `places`.
    fn search(&self, places: Range<usize>, cut: impl Fn(R, &[S::Item]) -> Option<usize>) -> Option<usize> {
        let items = self.rest.as_ref()?.as_slice();
        // A cut between two items depends on both.
        let start = places.start.saturating_sub(1 - R::TAKEN);
        let found = cut(self.rule, &items[start..places.end])?;
        Some(start + found)
    }

    /// Returns the items before the cut at `index`, and keeps those after it.
    fn take_before(&mut self, index: usize) -> Option<S> {
        let (before, rest) = self.rest.take()?.split_at(index);
        let (_separator, rest) = rest.split_at(R::TAKEN);
        self.rest = Some(rest);
        self.open = self.open.saturating_sub(index + R::TAKEN);
        Some(before)
    }
}

impl<S: SliceRef, R: Rule<S::Item>> Iterator for SlicePieces<S, R> {
    type Item = S;

    #[inline]
    fn next(&mut self) -> Option<S> {
        match self.search(0..self.open, R::first_cut) {
            Some(index) => self.take_before(index),
            None => self.rest.take(),
        }
    }
}

impl<S: SliceRef, R: Rule<S::Item>> UnindexedProducer for SlicePieces<S, R> {
    type Item = S;

    #[inline]
    fn split(mut self) -> (Self, Option<Self>) {
        let middle = self.open / 2;
        // The first cut after the middle, else the last one before it. A stretch that was searched in vain is not
        // searched again.
        let (index, left_open) = if let Some(index) = self.search(middle..self.open, R::first_cut) {
            (index, middle)
        } else {
            self.open = middle;
            let Some(index) = self.search(0..middle, R::last_cut) else {
                self.open = 0;
                return (self, None);
            };
            self.open = index;
            (index, index)
        };
        let left = Self { rest: self.take_before(index), open: left_open, rule: self.rule };
        (left, Some(self))
    }

    #[inline]
    fn fold_with<F: Folder<S>>(self, folder: F) -> F {
        folder.consume_iter(self)
    }

    #[inline]
    fn fold_some<F: Folder<S>>(mut self, len: usize, folder: F) -> (F, Option<Self>) {
        let folder = folder.consume_iter(self.by_ref().take(len));
        (folder, self.rest.is_some().then_some(self))
    }
}

/// Implements `ParallelIterator`, by [`SlicePieces`] with the rule around the closure, and `Debug`, which leaves the
/// closure out.
macro_rules! piece_iterator {
    ($name:ident: $bound:ident $slice:ty, $rule:ident, Fn($($argument:ty),*)) => {
        impl<'data, T, P> $crate::iter::ParallelIterator for $name<'data, T, P>
        where
            T: $bound,
            P: Fn($($argument),*) -> bool + Send + Sync,
        {
            type Item = $slice;

            #[inline]
            fn drive_unindexed<C>(self, consumer: C) -> C::Result
            where
                C: $crate::iter::plumbing::UnindexedConsumer<Self::Item>,
            {
                let pieces = $crate::slice::pieces::SlicePieces::new(self.slice, $rule(&self.closure));
                $crate::iter::plumbing::bridge_unindexed(pieces, consumer)
            }
        }

        impl<T: std::fmt::Debug, P> std::fmt::Debug for $name<'_, T, P> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("slice", &self.slice).finish_non_exhaustive()
            }
        }
    };
}

/// Implements `Clone` for a parallel iterator over parts of a shared slice.
macro_rules! piece_clone {
    ($name:ident) => {
        impl<T, P: Clone> Clone for $name<'_, T, P> {
            fn clone(&self) -> Self {
                Self { slice: self.slice, closure: self.closure.clone() }
            }
        }
    };
}

pub(super) use {piece_clone, piece_iterator};

#[cfg(test)]
mod tests;
