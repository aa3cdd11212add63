//! The body of a task, a closure to be called once or a future to be polled until it is ready, and the stage of a record,
//! which holds the body and then its outcome.

use crate::sync::unwind;
use crate::task::error::TaskError;
use crate::task::head::Head;
use crate::task::waker;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

/// The closure or the future of a task.
pub(super) trait TaskBody: Sized {
    type Output;

    /// True for a future. Wakers lead to it, so its destructor may want a lock that the holder of a waker has taken.
    const IS_FUTURE: bool;

    /// Runs the closure, or polls the future. If it is done, also by a panic, this stores the outcome in its place and
    /// returns true.
    ///
    /// # Safety
    ///
    /// The stage must belong to the caller, must hold the body, and must not move before it is cleared; the head must
    /// be that of its task.
    unsafe fn run(stage: *mut TaskStage<Self>, head: NonNull<Head>) -> bool;
}

/// The body of a task, its outcome, or neither; invariant 1 of the record says when it holds which.
pub(super) enum TaskStage<B: TaskBody> {
    Body(B),
    Outcome(Result<B::Output, TaskError>),
    Empty,
}

impl<B: TaskBody> TaskStage<B> {
    /// Drops the closure, the future or the outcome. A panic in its destructor is swallowed.
    ///
    /// # Safety
    ///
    /// The stage must belong to the caller.
    pub(super) unsafe fn clear(this: *mut Self) {
        // SAFETY: the stage belongs to the caller, and is initialised. The write below overwrites what a panic left of
        // it.
        let dropped = unwind::halt(|| unsafe { ptr::drop_in_place(this) });
        // SAFETY: the stage belongs to the caller.
        unsafe { this.write(TaskStage::Empty) };
        unwind::dispose(dropped);
    }
}

/// A closure.
pub(super) struct Closure<F>(pub(super) F);

impl<F, T> TaskBody for Closure<F>
where
    F: FnOnce() -> T,
{
    type Output = T;

    const IS_FUTURE: bool = false;

    unsafe fn run(stage: *mut TaskStage<Self>, _: NonNull<Head>) -> bool {
        // SAFETY: the stage belongs to the caller.
        let TaskStage::Body(Closure(func)) = (unsafe { ptr::replace(stage, TaskStage::Empty) }) else {
            unreachable!("a body is there until it is done")
        };
        let outcome = unwind::halt_job(func).map_err(TaskError::of_panic);
        // SAFETY: as above; the stage is empty now, so the write drops nothing.
        unsafe { stage.write(TaskStage::Outcome(outcome)) };
        true
    }
}

/// A future.
pub(super) struct Polled<F>(pub(super) F);

impl<F: Future> TaskBody for Polled<F> {
    type Output = F::Output;

    const IS_FUTURE: bool = true;

    unsafe fn run(stage: *mut TaskStage<Self>, head: NonNull<Head>) -> bool {
        // SAFETY: the stage belongs to the caller.
        let TaskStage::Body(Polled(future)) = (unsafe { &mut *stage }) else {
            unreachable!("a body is there until it is done")
        };
        // SAFETY: the future does not move until the stage is cleared.
        let future = unsafe { Pin::new_unchecked(future) };
        // SAFETY: the head is that of the future's task, which the runner keeps in memory.
        let waker = unsafe { waker::borrowed(head) };
        let outcome = match unwind::halt_job(|| future.poll(&mut Context::from_waker(&waker))) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(TaskError::of_panic(payload)),
        };
        // SAFETY: the stage belongs to the caller, and no thread polls the future any more.
        unsafe { TaskStage::clear(stage) };
        // SAFETY: as above; the stage is empty now, so the write drops nothing.
        unsafe { stage.write(TaskStage::Outcome(outcome)) };
        true
    }
}
