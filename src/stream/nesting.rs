//! Layer 5: what the calling thread knows of the streams on its stack: whether pulling an item has waited for a stream,
//! and which stream the frame beneath a job asks. `README.md`, "Waiting for another stream", says what for.

use crate::sync::local::thread_local;
use std::cell::Cell;

thread_local! {
    /// How often a stream has been asked for an item on this thread. It may come round.
    static ASKED: Cell<usize> = const { Cell::new(0) };
    /// The stream whose consumer waits on this thread, the uppermost if there are several, and how many jobs were on the
    /// stack when it began to.
    static ASKING: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// A stream is asked for an item.
pub(super) fn note() {
    ASKED.set(ASKED.get().wrapping_add(1));
}

/// Runs `f` and says whether any stream was asked for an item meanwhile.
pub(super) fn observe<R>(f: impl FnOnce() -> R) -> (R, bool) {
    let before = ASKED.get();
    let result = f();
    (result, ASKED.get() != before)
}

/// Whether the job that calls, with so many jobs on the stack, runs right above the consumer of that stream.
pub(super) fn is_asked_beneath(stream: usize, nesting: usize) -> bool {
    ASKING.get() == (stream, nesting - 1)
}

/// A consumer that waits on this thread, for as long as this lives.
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
