//! How much of a thread's stack is used, so that waiting does not pile strangers' jobs upon it without end.
//!
//! A worker that waits steals, what it steals may wait and steal in turn, and so on: there are programs in which this
//! nests hundreds of times (rayon's issues 751 and 854). Past half of the stack a waiting worker therefore takes only
//! its own work. The job it waits for makes progress without it: it runs on another thread, above whatever that
//! thread may be waiting for, or lies in the deque of another thread, which takes it up as its own.

use std::cell::Cell;

/// Where the deep half of the owner's stack begins.
#[derive(Debug)]
pub(crate) struct StackDepth {
    /// Addresses below this are deep.
    threshold: Cell<usize>,
}

impl StackDepth {
    /// No thread has come yet.
    pub(crate) fn unknown() -> Self {
        StackDepth { threshold: Cell::new(0) }
    }

    /// Called by the owner near the bottom of its stack of `size` bytes. Too small a guess makes it careful early; on
    /// a stack smaller than the guess nothing is deep.
    pub(crate) fn begin(&self, size: usize) {
        self.threshold.set(here().saturating_sub(size / 2));
    }

    /// Whether the calling owner has used more than half of its stack.
    #[inline]
    pub(crate) fn is_deep(&self) -> bool {
        here() < self.threshold.get()
    }
}

/// An address in the caller's frame, or close to it. Stacks grow downwards wherever std has threads.
#[inline(always)]
fn here() -> usize {
    let local = 0_u8;
    (&raw const local).addr()
}
