//! What all handles do: look, wait, take the outcome, cancel, let go.

use crate::job::latch::OnceLatch;
use crate::pool::waiter::Waiter;
use crate::pool::worker::Worker;
use crate::sync::process;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use crate::task::cancelled::Cancelled;
use crate::task::in_place;
use crate::task::life;
use crate::task::record::Head;
use crate::task::sleeper::Sleeper;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

/// The right to a task's outcome.
///
/// 1. It counts as a reference to the task, whose outcome is a `thread::Result<T>`, and the state's `HANDLE` stands for
///    it.
pub(super) struct TaskHandle<T> {
    head: NonNull<Head>,
    marker: PhantomData<T>,
}

// SAFETY: what the handle gives out, or drops, is a `T` or a body, which may be sent: those who make handles ask for it.
unsafe impl<T: Send> Send for TaskHandle<T> {}
// SAFETY: through a shared handle one can only look whether the task is done, and cancel it.
unsafe impl<T: Send> Sync for TaskHandle<T> {}

impl<T> TaskHandle<T> {
    /// # Safety
    ///
    /// Invariant 1.
    pub(super) unsafe fn new(head: NonNull<Head>) -> Self {
        TaskHandle { head, marker: PhantomData }
    }

    pub(super) fn head(&self) -> NonNull<Head> {
        self.head
    }

    fn task(&self) -> &Head {
        // SAFETY: the handle counts as a reference.
        unsafe { self.head.as_ref() }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.task().state.seen().is_done()
    }

    pub(super) fn cancel(&self) {
        // SAFETY: the handle is there for the call.
        unsafe { life::cancel(self.head) };
    }

    /// Works, or sleeps, until the task is done.
    pub(super) fn join(mut self) -> thread::Result<T> {
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
                // SAFETY: the handle is this one, and the pool is the same: the task, unless it is done, keeps its own
                // in memory, so that no other is where it was.
                unsafe { in_place::run(self.head, worker) };
            }
            _ => {}
        }
        let latch = OnceLatch::new(Arc::clone(waiter.parker()));
        if !self.post(|_| Some(Sleeper::Thread(&raw const latch))) {
            return;
        }
        match waiter {
            // What the task has begun may run on top of this wait: all of it ends before the task does. In an isolated call
            // nothing may that is not of the call.
            Waiter::Worker(worker) if self.is_of_pool(worker) && !worker.region().is_isolated() => {
                worker.in_region(self.task().inside, || worker.wait_until(&latch));
            }
            _ => waiter.wait_until(&latch),
        }
    }

    /// The outcome, if the task is done; else `waker` is woken when it is.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<thread::Result<T>> {
        if self.is_finished() || !self.post(|kept| sleeper_for(context.waker(), kept)) {
            return Poll::Ready(self.take());
        }
        Poll::Pending
    }

    /// Leaves a sleeper to be woken when the task is done: the one that `make` makes, given the one that was left before,
    /// or that one if it makes none. False if the task is done.
    ///
    /// # Panics
    ///
    /// In a forked child, where no thread would wake it.
    fn post(&mut self, make: impl FnOnce(Option<&Sleeper>) -> Option<Sleeper>) -> bool {
        let task = self.task();
        process::check(task.process, "the threads that would run this task");
        if task.state.seen().has_sleeper() && !task.state.recall_sleeper() {
            return false;
        }
        // The place is the handle's now, and the user's code, in `make` and in the drops of sleepers, finds it whole: should
        // it panic, the handle is as one that was never polled, or was polled by the one before.
        // SAFETY: the handle is borrowed for itself (`Head`, invariant 2).
        let made = task.sleeper.with_mut(|place| make(unsafe { (*place).as_ref() }));
        if let Some(sleeper) = made {
            // SAFETY: as above.
            drop(task.sleeper.with_mut(|place| unsafe { place.replace(Some(sleeper)) }));
        }
        if task.state.post_sleeper() {
            return true;
        }
        // SAFETY: as above: the place has not been given away.
        drop(task.sleeper.with_mut(|place| unsafe { place.replace(None) }));
        false
    }

    /// The outcome of a task that is done.
    ///
    /// # Panics
    ///
    /// When it has been taken before.
    pub(super) fn take(&mut self) -> thread::Result<T> {
        if self.task().state.seen().is_void() {
            return Err(Box::new(Cancelled));
        }
        self.take_outcome().expect("a handle that has given its result was polled again")
    }

    fn take_outcome(&mut self) -> Option<thread::Result<T>> {
        let mut outcome = None::<thread::Result<T>>;
        // SAFETY: the task is done and not cancelled, so the outcome is the handle's; it is of this type.
        unsafe { (self.task().vtable.take_outcome)(self.head, (&raw mut outcome).cast()) };
        outcome
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        let seen = self.task().state.detach();
        if !seen.is_done() {
            if seen.has_sleeper() {
                // SAFETY: the place is the handle's again (`Head`, invariant 2).
                drop(self.task().sleeper.with_mut(|place| unsafe { (*place).take() }));
            }
        } else if !seen.is_void() {
            unwind::dispose(self.take_outcome());
        }
        // SAFETY: the reference is the handle's (invariant 1).
        unsafe { life::release(self.head) };
    }
}

impl<T> fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("is_finished", &self.is_finished()).finish()
    }
}

/// A sleeper that is woken by `waker`, unless the one that was left before does as well.
fn sleeper_for(waker: &Waker, left: Option<&Sleeper>) -> Option<Sleeper> {
    match left {
        Some(Sleeper::Future(kept)) if kept.will_wake(waker) => None,
        _ => Some(Sleeper::Future(Quiet::new(waker.clone()))),
    }
}
