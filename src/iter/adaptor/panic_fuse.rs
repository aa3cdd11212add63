//! Layer 4: `PanicFuse`, which ends all leaves when one of them panics.

use std::iter;

use super::stage::{ExactStage, Seed, Stage};
use crate::iter::ParallelIterator;
use crate::iter::schedule::in_order;
use crate::iter::signal::Halt;
use crate::sync::thread;

/// Ends all parts when one of them panics; made by [`panic_fuse`](ParallelIterator::panic_fuse).
///
/// ```
/// use paceline::iter::PanicFuse;
/// use paceline::prelude::*;
///
/// let numbers: PanicFuse<_> = (1..100_u32).into_par_iter().panic_fuse();
/// assert_eq!(numbers.map(|n| 100 / n).max(), Some(100));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct PanicFuse<I> {
    pub(in crate::iter) base: I,
}

staged! {
    impl[I] PanicFuse<I> { base }
    where [I: ParallelIterator]
    item: I::Item,
    length: kept,
    seed: Unblown { halt: &Halt::new(), ends_others: !in_order::begins_in_order() },
}

#[derive(Clone)]
struct Unblown<'h> {
    halt: &'h Halt,
    /// False under `into_seq_iter`: it ends the parts after a panic itself, and gives the items before the panic. If
    /// parts before it ended early, it would go on with the wrong item.
    ends_others: bool,
}

impl<'h, T> Seed<T> for Unblown<'h> {
    type Stage = Fuse<'h>;

    #[inline]
    fn into_stage(self) -> Fuse<'h> {
        Fuse { seed: self, panicking_before: thread::panicking() }
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.halt.is_halted()
    }
}

/// Lives in the frames of a leaf, and so is dropped while a panic in the leaf unwinds.
pub(crate) struct Fuse<'h> {
    seed: Unblown<'h>,
    /// True if the thread was panicking when the leaf began: a leaf may run while another panic unwinds.
    panicking_before: bool,
}

impl Drop for Fuse<'_> {
    fn drop(&mut self) {
        if self.seed.ends_others && thread::panicking() && !self.panicking_before {
            self.seed.halt.halt();
        }
    }
}

impl<T> Stage<T> for Fuse<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, mut iter: I) -> impl Iterator<Item = T> {
        iter::from_fn(move || if self.seed.halt.is_halted() { None } else { iter.next() })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.seed.halt.is_halted()
    }
}

impl<'h, T> ExactStage<T> for Fuse<'h> {
    type Exact<I>
        = FuseIter<'h, I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    #[inline]
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    {
        FuseIter { iter, fuse: self }
    }
}

/// Gives the items of `iter` until a leaf has panicked.
pub(crate) struct FuseIter<'h, I> {
    iter: I,
    fuse: Fuse<'h>,
}

impl<I: Iterator> Iterator for FuseIter<'_, I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if self.fuse.seed.halt.is_halted() { None } else { self.iter.next() }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for FuseIter<'_, I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        if self.fuse.seed.halt.is_halted() { None } else { self.iter.next_back() }
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for FuseIter<'_, I> {}
