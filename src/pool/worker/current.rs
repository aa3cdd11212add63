//! `CURRENT`: the worker that the calling thread is, if any.

use crate::pool::registry::Worker;
use crate::pool::worker::head::WorkerHead;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::local::thread_local;
use crate::sync::process;
use std::cell::Cell;
use std::hint;
use std::ptr;

/// The head of the threads that are no workers.
#[cfg(not(loom))]
const OUTSIDE: *const WorkerHead = &raw const crate::pool::worker::head::OUTSIDE.0;
/// In a model no thread is a worker: its threads share the locals of one thread of std.
#[cfg(loom)]
const OUTSIDE: *const WorkerHead = ptr::null();

thread_local! {
    /// The head of the worker that this thread is, or [`OUTSIDE`]. Constant and without a destructor, so reading it is
    /// one instruction and works even while the thread's other locals are being destroyed.
    static CURRENT: Cell<*const WorkerHead> = const { Cell::new(OUTSIDE) };
}

/// Makes the one thread of every forked child, which may have been a worker in its parent, none: the rest of its pool
/// does not exist. (Where the system has no notice of forks it stays one.)
pub(crate) fn leave_pools_in_children() {
    /// Relaxed: if two threads install the handler, it runs twice, which does no harm.
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
    /// Calls `f` with the worker that this thread is, if it is one, its steal request is off, and the contexts of forks are
    /// not captured.
    #[inline(always)]
    pub(crate) fn with_undisturbed<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        // SAFETY: the request outside is on (`head::OUTSIDE`).
        unsafe { Self::with_current_unless(WorkerHead::is_disturbed, f) }
    }

    /// Calls `f` with the worker that this thread is, if it is one and no thief has made a request since it served the
    /// last one. The request may be on for jobs that are owed.
    #[inline(always)]
    pub(crate) fn with_unasked<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        // SAFETY: the request outside is made (`head::OUTSIDE`).
        unsafe { Self::with_current_unless(WorkerHead::is_newly_requested, f) }
    }

    /// Calls `f` with the worker that this thread is, unless it is none or `is_so` is true of its head.
    ///
    /// # Safety
    ///
    /// `is_so` is always true of the head outside.
    #[inline(always)]
    unsafe fn with_current_unless<R>(
        is_so: impl FnOnce(&WorkerHead) -> bool,
        f: impl FnOnce(Option<&Worker>) -> R,
    ) -> R {
        let head = CURRENT.get();
        // Else the compiler, which does not always see it, looks for null at each fork.
        // SAFETY: it points to a static or into a worker, as the next comment says. (No model calls this.)
        unsafe { hint::assert_unchecked(!head.is_null()) };
        // SAFETY: it is the head outside, a static, or that of a worker which the caller of `Ownership::new` or `enter`
        // keeps in place.
        if is_so(unsafe { &*head }) {
            return f(None);
        }
        // SAFETY: by the caller's promise this is not the head outside, so it is the front of a worker.
        // `Ownership::new` or `enter` made the pointer from one to the whole worker, and their callers keep the worker
        // in place; `f` runs in between.
        f(Some(unsafe { &*head.cast::<Worker>() }))
    }

    /// Calls `f` with the worker that this thread is, if it is one.
    #[inline(always)]
    pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
        let head = CURRENT.get();
        let worker = if ptr::eq(head, OUTSIDE) {
            None
        } else {
            // SAFETY: a pointer other than `OUTSIDE` was stored by `Ownership::new` or `enter`, which made it from one
            // to the whole worker. Their callers keep the worker in place until the pointer is taken out again; `f`
            // runs in between.
            Some(unsafe { &*head.cast::<Worker>() })
        };
        f(worker)
    }
}

/// While this lives, the calling thread is the worker: the thread *owns* it.
#[derive(Debug)]
pub(crate) struct Ownership {
    outer: *const WorkerHead,
}

impl Ownership {
    /// Makes the calling thread the owner of `worker`.
    ///
    /// # Safety
    ///
    /// No other thread owns the worker, and it stays in place until the returned value has been dropped, on this
    /// thread. Ownerships nest: the inner is dropped first.
    #[inline]
    pub(crate) unsafe fn new(worker: *const Worker) -> Self {
        Ownership { outer: CURRENT.replace(worker.cast()) }
    }
}

/// Makes the calling thread, which is no worker, the owner of `worker` until [`leave`].
///
/// # Safety
///
/// As for [`Ownership::new`], until the call of `leave`.
#[inline]
pub(crate) unsafe fn enter(worker: *const Worker) {
    CURRENT.set(worker.cast());
}

/// The calling thread is no worker from here on.
#[inline]
pub(crate) fn leave() {
    CURRENT.set(OUTSIDE);
}

impl Drop for Ownership {
    #[inline]
    fn drop(&mut self) {
        // In a child that was forked off meanwhile the thread is no worker, and stays none.
        if !ptr::eq(CURRENT.get(), OUTSIDE) {
            CURRENT.set(self.outer);
        }
    }
}

/// While this lives the calling thread is no worker, so that another thread can have its slot. The thread must own its
/// worker again when this is dropped.
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
