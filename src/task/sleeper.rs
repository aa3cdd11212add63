//! Who waits for a task: a future, by its waker, or a thread in `join`, by a latch in its frame.

use crate::job::latch::{Latch, OnceLatch};
use crate::sync::parker::Parker;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use std::sync::Arc;
use std::task::Waker;

/// How to wake who waits.
pub(super) enum Sleeper {
    /// Wakers are others' code, and so are their destructors.
    Future(Quiet<Waker>),
    /// The thread does not leave the frame with the latch before it is open.
    Thread(*const OnceLatch<Arc<Parker>>),
}

impl Sleeper {
    pub(super) fn wake(self) {
        match self {
            // Its panic is no concern of the task's.
            Sleeper::Future(waker) => unwind::dispose(unwind::halt(|| waker.into_inner().wake())),
            // SAFETY: the latch is alive until it is opened, which is now and once: the sleeper is gone afterwards.
            Sleeper::Thread(latch) => unsafe { Latch::set(latch) },
        }
    }
}
