//! Which worker the calling thread is.

use crate::pool::registry::Worker;
use crate::pool::worker::head::WorkerHead;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::local::thread_local;
use crate::sync::process;
use std::cell::Cell;
use std::ptr;

/// The head of those who are no workers.
#[cfg(not(loom))]
const OUTSIDE: *const WorkerHead = &raw const crate::pool::worker::head::OUTSIDE.0;
/// In a model nobody is a worker: its threads share the locals of one thread of std's.
#[cfg(loom)]
const OUTSIDE: *const WorkerHead = ptr::null();

thread_local! {
    /// The head of the worker that this thread owns, or [`OUTSIDE`]. Constant and without a destructor, so that reading
    /// it is one instruction and works even while the thread's other locals are being destroyed.
    static CURRENT: Cell<*const WorkerHead> = const { Cell::new(OUTSIDE) };
}

/// Sees to it that the one thread of a child, which may have been a worker in its parent, is none: the rest of its pool is
/// not there. (Where the system tells nobody of forks it stays one.)
pub(crate) fn leave_pools_in_children() {
    /// Relaxed: who comes second asks once more, which does no harm.
    static IS_ASKED: StaticAtomicUsize = StaticAtomicUsize::new(0);
    extern "C" fn leave_in_child() {
        leave();
    }
    if IS_ASKED.load(Ordering::Relaxed) == 0 {
        process::in_every_child(leave_in_child);
        IS_ASKED.store(1, Ordering::Relaxed);
    }
}

impl Worker {
    /// Calls `f` with the worker that this thread owns, if it owns one and its request is off.
    #[inline(always)]
    pub(crate) fn with_undisturbed<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        // SAFETY: the request outside is on (`head::OUTSIDE`).
        unsafe { Self::with_current_unless(WorkerHead::is_requested, f) }
    }

    /// Calls `f` with the worker that this thread owns, if it owns one and no other has asked it for work since it served the
    /// request last. It may be on for what is owed to those that asked before.
    #[inline(always)]
    pub(crate) fn with_unasked<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        // SAFETY: the request outside is made (`head::OUTSIDE`).
        unsafe { Self::with_current_unless(WorkerHead::is_newly_requested, f) }
    }

    /// Calls `f` with the worker that this thread owns, if it owns one and its head is not as asked.
    ///
    /// # Safety
    ///
    /// The head outside is always as asked.
    #[inline(always)]
    unsafe fn with_current_unless<R>(
        is_so: impl FnOnce(&WorkerHead) -> bool,
        f: impl FnOnce(Option<&Worker>) -> R,
    ) -> R {
        let head = CURRENT.get();
        // SAFETY: it is the outside's, a static, or a worker's that the caller of `Ownership::new` or `enter` keeps in place.
        if is_so(unsafe { &*head }) {
            return f(None);
        }
        // SAFETY: by the caller's promise the head is the front of a worker, and the pointer was made from one to the whole
        // worker by `Ownership::new` or `enter`, whose callers keep it in place; `f` runs in between.
        f(Some(unsafe { &*head.cast::<Worker>() }))
    }

    /// Calls `f` with the worker that this thread owns, if it owns one.
    #[inline(always)]
    pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        let head = CURRENT.get();
        let worker = if ptr::eq(head, OUTSIDE) {
            None
        } else {
            // SAFETY: a pointer that is not the outside's was put there by `Ownership::new` or `enter`, made from one to the
            // whole worker. Their callers keep the worker in place until the pointer is taken out again; `f` runs in between.
            Some(unsafe { &*head.cast::<Worker>() })
        };
        f(worker)
    }
}

/// A thread's stay at a worker; while it lasts the thread owns the worker.
#[derive(Debug)]
pub(crate) struct Ownership {
    outer: *const WorkerHead,
}

impl Ownership {
    /// Makes the calling thread the owner of `worker`.
    ///
    /// # Safety
    ///
    /// No other thread owns the worker, and it stays where it is until the returned value has been dropped, on this
    /// thread. Stays nest: the inner is dropped first.
    #[inline]
    pub(crate) unsafe fn new(worker: *const Worker) -> Self {
        Ownership { outer: CURRENT.replace(worker.cast()) }
    }
}

/// Makes the calling thread, which is outside, the owner of `worker` until [`leave`].
///
/// # Safety
///
/// As of [`Ownership::new`], until the call of `leave`.
#[inline]
pub(crate) unsafe fn enter(worker: *const Worker) {
    CURRENT.set(worker.cast());
}

/// Puts the calling thread outside.
#[inline]
pub(crate) fn leave() {
    CURRENT.set(OUTSIDE);
}

impl Drop for Ownership {
    #[inline]
    fn drop(&mut self) {
        // A thread that was forked off during the stay is outside, and stays there.
        if !ptr::eq(CURRENT.get(), OUTSIDE) {
            CURRENT.set(self.outer);
        }
    }
}

/// The stay outside of a thread whose worker others may own meanwhile. It must be the owner again when this is dropped.
#[derive(Debug)]
pub(crate) struct Absence {
    worker: *const WorkerHead,
}

impl Absence {
    pub(crate) fn begin() -> Self {
        Absence { worker: CURRENT.replace(OUTSIDE) }
    }
}

impl Drop for Absence {
    fn drop(&mut self) {
        CURRENT.set(self.worker);
    }
}
