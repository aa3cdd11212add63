//! Layer 4: a part of an iterator behind a vtable, so that the code that decides how it runs need not know its types.
//!
//! A part that has not begun ([`Part`], [`UnindexedPart`]) is a producer and a consumer. It may move to another thread.
//! It is split in two, or begun: then it is a leaf ([`Leaf`], [`UnindexedLeaf`]), a producer and a folder in a frame of
//! the thread that runs it, and stays there. In the end a part has a result.
//!
//! The code between two states is passed as a closure: the halves of a part that is split, and a leaf, live in the
//! frame that calls the closure. So they need no heap memory, and their types are known wherever they are moved.
//!
//! When that closure panics, the halves are dropped while the panic unwinds. So the closures of [`Part::cut`] and
//! [`Leaf::split`] run within [`with_halves`], which swallows the panics of their destructors.

use crate::sync::unwind;
use std::mem;
use std::sync::Arc;

/// The contents of parts and leaves: values of user types.
pub(super) trait PartContents {
    /// Drops the contents.
    fn clear(&mut self);
}

/// A part of known length.
pub(super) trait Part: PartContents + Send {
    /// True if further items would not change the result.
    fn is_full(&self) -> bool;

    /// True if the part can be split while it runs.
    fn can_split_running(&self) -> bool;

    /// Splits the part in two, the first `at` items and the rest, and calls `then` with both. `then` must leave both
    /// with a result; these are combined.
    fn cut(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Part, &mut dyn Part));

    /// Keeps the first `at` items, and returns a part of the others. Their results are not combined.
    fn split_off<'a>(&mut self, at: usize) -> Box<dyn Part + 'a>
    where
        Self: 'a;

    /// Runs the part as one block, unless it is empty or full. Then it has a result.
    fn run(&mut self);

    /// Makes a leaf of a part that can be split while it runs, and calls `then` with it unless it is empty or full. Then the
    /// part has a result.
    fn begin(&mut self, then: &mut dyn FnMut(&mut dyn Leaf));
}

/// A part of known length that runs.
pub(super) trait Leaf: PartContents {
    /// Folds the next `len` items; there must be as many. Returns true if further items would not change the result.
    fn run(&mut self, len: usize) -> bool;

    /// Keeps the first `at` of the items that are left, and calls `then` with the leaf and a part of the others. If the
    /// part has not begun when `then` returns, and the leaf has run to its end or is full, the leaf goes on with the
    /// part's items. Otherwise `then` must have left the part with a result: the leaf ends too, and both results are
    /// combined.
    fn split(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Leaf, &mut dyn Part));
}

/// A part of unknown length.
pub(super) trait UnindexedPart: PartContents + Send {
    /// As [`Part::is_full`].
    fn is_full(&self) -> bool;

    /// As [`Part::cut`], at any position. False if the part cannot be split; then `then` is not called.
    fn cut(&mut self, then: &mut dyn FnMut(&mut dyn UnindexedPart, &mut dyn UnindexedPart)) -> bool;

    /// As [`Part::split_off`], at any position; `None` if the part cannot be split.
    fn split_off<'a>(&mut self) -> Option<Box<dyn UnindexedPart + 'a>>
    where
        Self: 'a;

    /// As [`Part::run`].
    fn run(&mut self);

    /// As [`Part::begin`].
    fn begin(&mut self, then: &mut dyn FnMut(&mut dyn UnindexedLeaf));
}

/// A part of unknown length that runs, and the rests that were split off it.
pub(super) trait UnindexedLeaf: PartContents {
    /// Folds about `len` of the next items. Returns true if there are no more, or further items would not change the
    /// result.
    fn run(&mut self, len: usize) -> bool;

    /// Splits a rest off, if possible. The leaf keeps a reference to the rest.
    fn split<'a>(&mut self) -> Option<Arc<dyn Offered + 'a>>
    where
        Self: 'a;

    /// Goes on with the next rest that no thread has taken, when all items before it are done. False if there is none.
    fn go_on(&mut self) -> bool;
}

/// A rest that was split off, for the first thread that takes it.
pub(super) trait Offered: Send + Sync {
    /// Takes the rest, unless another thread has, and calls `run` with it. `run` must leave it with a result.
    fn take(&self, run: &mut dyn FnMut(&mut dyn UnindexedPart));
}

/// Drops the contents when it is dropped by unwinding. Panics of their destructors are swallowed, because the thread is
/// unwinding already.
struct Unwinding<'a, T: PartContents + ?Sized>(&'a mut T);

impl<T: PartContents + ?Sized> Drop for Unwinding<'_, T> {
    fn drop(&mut self) {
        unwind::dispose(unwind::halt(|| self.0.clear()));
    }
}

/// Calls `f` with `contents`. If `f` panics, the contents are dropped, and panics of their destructors swallowed.
pub(super) fn dropped_on_unwind<T: PartContents + ?Sized, R>(contents: &mut T, f: impl FnOnce(&mut T) -> R) -> R {
    let guard = Unwinding(contents);
    let result = f(guard.0);
    mem::forget(guard);
    result
}

/// As [`dropped_on_unwind`], with two halves.
pub(super) fn with_halves<A, B, R>(left: &mut A, right: &mut B, f: impl FnOnce(&mut A, &mut B) -> R) -> R
where
    A: PartContents + ?Sized,
    B: PartContents + ?Sized,
{
    dropped_on_unwind(left, |left| dropped_on_unwind(right, |right| f(left, right)))
}
