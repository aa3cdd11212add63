//! The user's values in data structures of this crate, which drop them where a panic would reach the wrong caller.

use crate::sync::unwind;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};

/// A value with a destructor that may panic: [`unwind::dispose`] swallows that panic.
///
/// A collection of such values can be dropped anywhere: no drop panics half way, and two values that panic do not abort
/// the process. Many collections are not sound otherwise, crossbeam's channels among them.
///
/// 1. The value is there until `into_inner` or the drop takes it, and this wrapper ends with either.
pub(crate) struct Quiet<T>(ManuallyDrop<T>);

impl<T> Quiet<T> {
    pub(crate) fn new(value: T) -> Self {
        Quiet(ManuallyDrop::new(value))
    }

    /// The value. Its new owner drops it.
    pub(crate) fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: the value is there, and is not taken again: `this` is not dropped (invariant 1).
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T> Drop for Quiet<T> {
    fn drop(&mut self) {
        if const { mem::needs_drop::<T>() } {
            // SAFETY: the value is there, and this is dropped once (invariant 1).
            unwind::dispose(unsafe { ManuallyDrop::take(&mut self.0) });
        }
    }
}

impl<T> Deref for Quiet<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Quiet<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Quiet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
