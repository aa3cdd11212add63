//! What all handles have in common: to look, wait, take the outcome, cancel and detach.

use crate::job::latch::OnceLatch;
use crate::pool::registry::Worker;
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::process;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use crate::task::error::TaskError;
use crate::task::head::Head;
use crate::task::in_place;
use crate::task::life;
use crate::task::sleeper::Sleeper;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The right to a task's outcome.
///
/// 1. It counts as a reference to the task, and the state's `HANDLE` stands for it. The task's outcome is a
///    `Result<T, TaskError>`.
pub(super) struct TaskHandle<T> {
    head: NonNull<Head>,
    marker: PhantomData<T>,
}

// SAFETY: the handle gives out, or drops, a `T` or a body. Both may be sent: the functions that make handles demand it.
unsafe impl<T: Send> Send for TaskHandle<T> {}
// SAFETY: through a shared handle a thread can only look whether the task is done, and cancel it.
unsafe impl<T: Send> Sync for TaskHandle<T> {}

impl<T> TaskHandle<T> {
    /// # Safety
    ///
    /// Invariant 1 must hold.
    pub(super) unsafe fn new(head: NonNull<Head>) -> Self {
        TaskHandle { head, marker: PhantomData }
    }

    pub(super) fn head(&self) -> NonNull<Head> {
        self.head
    }

    fn task(&self) -> &Head {
        // SAFETY: the handle counts as a reference, so the task is in memory.
        unsafe { self.head.as_ref() }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.task().state.seen().is_done()
    }

    pub(super) fn cancel(&self) {
        // SAFETY: the handle is borrowed for the call.
        unsafe { life::cancel(self.head) };
    }

    /// Works, or sleeps, until the task is done.
    pub(super) fn join(mut self) -> Result<T, TaskError> {
        if !self.is_finished() {
            Waiter::with_current(|waiter| self.wait(waiter));
        }
        self.take()
    }

    fn is_of_pool(&self, worker: &Worker) -> bool {
        ptr::eq(worker.registry(), self.task().registry)
    }

    pub(super) fn wait(&mut self, waiter: Waiter<'_>) {
        match waiter {
            Waiter::Worker(worker) if self.is_of_pool(worker) => {
                // SAFETY: the handle is this one. The worker's pool is the task's: unless it is done, the task keeps
                // its own registry in memory, so no other registry has that address.
                unsafe { in_place::run(self.head, worker) };
            }
            _ => {}
        }
        let latch = OnceLatch::new(Arc::clone(waiter.parker()));
        if !self.post(|_| Some(Sleeper::Thread(&raw const latch))) {
            return;
        }
        match waiter {
            // On top of this wait the thread may run jobs that the task has begun: all of them end before the task
            // does. Within an isolated call it may run only jobs of that call.
            Waiter::Worker(worker) if self.is_of_pool(worker) && !worker.region().is_isolated() => {
                worker.in_region(self.task().inside, || {
                    let _listed = waits::list(Awaited::Task);
                    worker.wait_until(&latch);
                });
            }
            _ => {
                let _listed = waits::list(Awaited::Task);
                waiter.wait_until(&latch);
            }
        }
    }

    /// The outcome, if the task is done; else the task wakes the context's waker when it is.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        if self.is_finished() || !self.post(|kept| sleeper_for(context.waker(), kept)) {
            return Poll::Ready(self.take());
        }
        Poll::Pending
    }

    /// Leaves a sleeper, which the task wakes when it is done. `make` is given the sleeper that was left before; if it
    /// makes none, that one stays. False if the task is done.
    ///
    /// # Panics
    ///
    /// In a forked child, where no thread would wake the sleeper.
    fn post(&mut self, make: impl FnOnce(Option<&Sleeper>) -> Option<Sleeper>) -> bool {
        let task = self.task();
        process::check(task.process, "the threads that would run this task");
        if task.state.seen().has_sleeper() && !task.state.recall_sleeper() {
            return false;
        }
        // The place belongs to the handle now. The user's code, in `make` and in the destructors of sleepers, finds it
        // whole: if it panics, the handle is as if it had never been polled, or as the poll before left it.
        // SAFETY: the handle is borrowed exclusively (`Head`, invariant 2).
        let made = task.sleeper.with_mut(|place| make(unsafe { (*place).as_ref() }));
        if let Some(sleeper) = made {
            // SAFETY: as above.
            drop(task.sleeper.with_mut(|place| unsafe { place.replace(Some(sleeper)) }));
        }
        if task.state.post_sleeper() {
            return true;
        }
        // SAFETY: as above: the handle has not given the place away.
        drop(task.sleeper.with_mut(|place| unsafe { place.replace(None) }));
        false
    }

    /// The outcome of a task, which must be done.
    ///
    /// # Panics
    ///
    /// If the outcome has been taken before.
    pub(super) fn take(&mut self) -> Result<T, TaskError> {
        if self.task().state.seen().is_void() {
            return Err(TaskError::CANCELLED);
        }
        self.take_outcome().expect("a handle that has given its result was polled again")
    }

    fn take_outcome(&mut self) -> Option<Result<T, TaskError>> {
        let mut outcome = None::<Result<T, TaskError>>;
        // SAFETY: the task is done and not cancelled, so the outcome belongs to the handle; it is of this type.
        unsafe { (self.task().vtable.take_outcome)(self.head, (&raw mut outcome).cast()) };
        outcome
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        let seen = self.task().state.detach();
        if !seen.is_done() {
            if seen.has_sleeper() {
                // SAFETY: the place belongs to the handle again (`Head`, invariant 2).
                drop(self.task().sleeper.with_mut(|place| unsafe { (*place).take() }));
            }
        } else if !seen.is_void() {
            unwind::dispose(self.take_outcome());
        }
        // SAFETY: the reference belongs to the handle (invariant 1).
        unsafe { life::release(self.head) };
    }
}

impl<T> fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("is_finished", &self.is_finished()).finish()
    }
}

/// A sleeper that wakes `waker`; none if the one that was left before does so as well.
fn sleeper_for(waker: &Waker, left: Option<&Sleeper>) -> Option<Sleeper> {
    match left {
        Some(Sleeper::Future(kept)) if kept.will_wake(waker) => None,
        _ => Some(Sleeper::Future(Quiet::new(waker.clone()))),
    }
}
