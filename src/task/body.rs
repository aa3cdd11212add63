//! What a task does: a closure to be called once, or a future to be polled until it is ready.

use crate::sync::unwind;
use crate::task::record::{Head, TaskStage};
use crate::task::waker;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

/// What a task does until it has an outcome.
pub(super) trait TaskBody: Sized {
    type Output;

    /// Whether it is a future, which wakers lead to, so that its destructor may want what their holders have locked.
    const IS_FUTURE: bool;

    /// Goes on with the body. If it is done, by a panic also, stores the outcome in its place and says so.
    ///
    /// # Safety
    ///
    /// The stage is the caller's, holds the body, and does not move before it is cleared; the head is that of its task.
    unsafe fn run(stage: *mut TaskStage<Self>, head: NonNull<Head>) -> bool;
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
        // SAFETY: the stage is ours.
        let TaskStage::Body(Closure(func)) = (unsafe { ptr::replace(stage, TaskStage::Empty) }) else {
            unreachable!("a body is there until it is done")
        };
        let outcome = unwind::halt_job(func);
        // SAFETY: as above; there is nothing on it now.
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
        // SAFETY: the stage is ours.
        let TaskStage::Body(Polled(future)) = (unsafe { &mut *stage }) else {
            unreachable!("a body is there until it is done")
        };
        // SAFETY: it stays where it is until the stage is cleared.
        let future = unsafe { Pin::new_unchecked(future) };
        // SAFETY: the head is that of the future's task, which the runner keeps in memory.
        let waker = unsafe { waker::borrowed(head) };
        let outcome = match unwind::halt_job(|| future.poll(&mut Context::from_waker(&waker))) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        // SAFETY: the stage is ours, and nobody polls what is on it any more.
        unsafe { TaskStage::clear(stage) };
        // SAFETY: as above; there is nothing on it now.
        unsafe { stage.write(TaskStage::Outcome(outcome)) };
        true
    }
}
