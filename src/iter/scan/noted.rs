//! Layer 4: collects the items for a scan, and records whether they were split by a tree that depends on the length
//! alone.
//!
//! A scan sees only the last adaptor of a chain, and a `deterministic()` may come earlier in the chain. But the bridge
//! of `deterministic()` tells the consumer, by a call of `full` that all adaptors pass on.

use crate::iter::plumbing::{Consumer, UnindexedConsumer};
use crate::iter::schedule::is_announced;
use crate::iter::{KnowsLen, ParallelIterator};
use crate::sync::atomic::{AtomicBool, Ordering};

/// How the items were split: by timing, or by their number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    AsItComes,
    ByLength,
}

/// Collects the items, and returns how they must be split for the scan.
pub(crate) fn collect<I: ParallelIterator>(iter: I) -> (Vec<I::Item>, Cut) {
    let is_noted = AtomicBool::new(false);
    let items = Noted { base: iter, is_noted: &is_noted }.collect();
    (items, if is_noted.into_inner() { Cut::ByLength } else { Cut::AsItComes })
}

struct Noted<'n, I> {
    base: I,
    is_noted: &'n AtomicBool,
}

impl<I: ParallelIterator> ParallelIterator for Noted<'_, I> {
    type Item = I::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        self.base.drive_unindexed(NotingConsumer { base: consumer, is_noted: self.is_noted })
    }

    const __KNOWS_LEN: KnowsLen = I::__KNOWS_LEN;

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }

    fn __len_upper_bound(&self) -> Option<usize> {
        self.base.__len_upper_bound()
    }
}

/// Wraps another consumer, and watches the calls of `full`.
struct NotingConsumer<'n, C> {
    base: C,
    is_noted: &'n AtomicBool,
}

impl<T, C: Consumer<T>> Consumer<T> for NotingConsumer<'_, C> {
    type Folder = C::Folder;
    type Reducer = C::Reducer;
    type Result = C::Result;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let Self { base, is_noted } = self;
        let (left, right, reducer) = base.split_at(index);
        (Self { base: left, is_noted }, Self { base: right, is_noted }, reducer)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        self.base.can_split_running()
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self { base: self.base.split_off_front(), is_noted: self.is_noted }
    }

    #[inline]
    fn split_running(self, folder: C::Folder, index: usize) -> (C::Folder, Self, Self, C::Reducer) {
        let Self { base, is_noted } = self;
        let (folder, tail, right, reducer) = base.split_running(folder, index);
        (folder, Self { base: tail, is_noted }, Self { base: right, is_noted }, reducer)
    }

    #[inline]
    fn rejoin(self, folder: C::Folder) -> (C::Folder, Self) {
        let (folder, tail) = self.base.rejoin(folder);
        (folder, Self { base: tail, is_noted: self.is_noted })
    }

    #[inline]
    fn into_folder(self) -> C::Folder {
        self.base.into_folder()
    }

    #[inline]
    fn full(&self) -> bool {
        if is_announced() {
            // Relaxed: the scan reads it when the loop has ended.
            self.is_noted.store(true, Ordering::Relaxed);
        }
        self.base.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for NotingConsumer<'_, C> {
    #[inline]
    fn split_off_left(&self) -> Self {
        Self { base: self.base.split_off_left(), is_noted: self.is_noted }
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}
