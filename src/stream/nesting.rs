//! Layer 5: what the calling thread knows of the streams on its stack: whether pulling an item has waited for a stream,
//! and which stream the frame beneath a job asks. `README.md`, "Who may pull", says why.

use crate::sync::local::thread_local;
use std::cell::Cell;

thread_local! {
    /// How often a stream has been asked for an item on this thread. It may wrap around.
    static ASKED: Cell<usize> = const { Cell::new(0) };
    /// The stream for which this thread waits as the consumer, the topmost if there are several, and how many jobs were
    /// on the stack when that wait began.
    static ASKING: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// A stream is asked for an item.
pub(super) fn note() {
    ASKED.set(ASKED.get().wrapping_add(1));
}

/// Runs `f`. Also returns true if a stream was asked for an item meanwhile.
pub(super) fn observe<R>(f: impl FnOnce() -> R) -> (R, bool) {
    let before = ASKED.get();
    let result = f();
    (result, ASKED.get() != before)
}

/// True if the calling job, with `nesting` jobs on the stack, runs right above the consumer of `stream`.
pub(super) fn is_asked_beneath(stream: usize, nesting: usize) -> bool {
    ASKING.get() == (stream, nesting - 1)
}

/// A consumer that waits on this thread, as long as this value lives.
#[derive(Debug)]
pub(super) struct Asking {
    outer: (usize, usize),
}

impl Asking {
    pub(super) fn begin(stream: usize, nesting: usize) -> Self {
        Asking { outer: ASKING.replace((stream, nesting)) }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.set(self.outer);
    }
}
