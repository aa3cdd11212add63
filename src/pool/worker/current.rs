//! Which worker the calling thread is.

use crate::pool::worker::Worker;
use std::cell::Cell;
use std::ptr;

thread_local! {
    /// The worker that this thread owns, or null. Constant and without a destructor, so that reading it is one
    /// instruction and works even while the thread's other locals are being destroyed.
    static CURRENT: Cell<*const Worker> = const { Cell::new(ptr::null()) };
}

impl Worker {
    /// Calls `f` with the worker that this thread owns, if it owns one.
    #[inline(always)]
    pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        let current = CURRENT.get();
        // SAFETY: a pointer in `CURRENT` was put there by `Ownership::new`, whose guard keeps the worker in place
        // until it clears the pointer again; `f` runs in between.
        f(unsafe { current.as_ref() })
    }
}

/// A thread's stay at a worker; while it lasts the thread owns the worker.
#[derive(Debug)]
pub(crate) struct Ownership {
    outer: *const Worker,
}

impl Ownership {
    /// Makes the calling thread the owner of `worker`.
    ///
    /// # Safety
    ///
    /// No other thread owns the worker, and it stays where it is until the returned value has been dropped, on this
    /// thread. Stays nest: the inner is dropped first.
    pub(crate) unsafe fn new(worker: *const Worker) -> Self {
        Ownership { outer: CURRENT.replace(worker) }
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}
