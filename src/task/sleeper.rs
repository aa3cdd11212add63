//! The sleeper of a task: a future that waits for it, by its waker, or a thread in `join`, by a latch in its frame.

use crate::job::latch::{Latch, OnceLatch};
use crate::sync::parker::Parker;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use std::sync::Arc;
use std::task::Waker;

/// How to wake the future or the thread.
pub(super) enum Sleeper {
    /// A waker is code of other crates, and so is its destructor.
    Future(Quiet<Waker>),
    /// The thread stays in the frame with the latch until the latch is open.
    Thread(*const OnceLatch<Arc<Parker>>),
}

impl Sleeper {
    pub(super) fn wake(self) {
        match self {
            // A panic of the waker does not concern the task.
            Sleeper::Future(waker) => unwind::dispose(unwind::halt(|| waker.into_inner().wake())),
            // SAFETY: the latch is alive until it is opened. It is opened once, here: the sleeper is gone afterwards.
            Sleeper::Thread(latch) => unsafe { Latch::set(latch) },
        }
    }
}
