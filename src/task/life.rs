//! The actions that follow each transition of a task's state, on the thread that made it.
//!
//! Each function takes the head of a task. Its caller must keep the task in memory, by a reference of its own.

use crate::pool::discard::Discard;
use crate::sync::process;
use crate::task::head::Head;
use crate::task::state::{AfterRun, Released, RunOutcome, Seen, TakenReference};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// A worker has taken the task out of a queue.
///
/// # Safety
///
/// The caller must have taken the reference out of the queue, and gives it up.
pub(super) unsafe fn come_from_queue(head: NonNull<Head>) {
    // SAFETY: the reference keeps the task in memory.
    let task = unsafe { head.as_ref() };
    match task.state.take_from_queue() {
        // SAFETY: the caller is the runner now.
        TakenReference::Run => unsafe { run(head) },
        // SAFETY: the task is done and in no queue, and was in one when it became done: no other thread leaves its
        // home.
        TakenReference::Over => unsafe { (task.vtable.leave)(head) },
        TakenReference::Nothing => {}
    }
    // SAFETY: the reference belongs to the caller.
    unsafe { release(head) };
}

/// Runs the body, or drops it if it was cancelled or its pool discards it.
///
/// # Safety
///
/// The caller must be the runner.
pub(super) unsafe fn run(head: NonNull<Head>) {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    if task.state.is_cancelled() {
        // SAFETY: the caller is the runner.
        return unsafe { abandon(head) };
    }
    // SAFETY: the caller is the runner, as below.
    let outcome = if unsafe { has_context(head) } {
        // SAFETY: as above.
        unsafe { run_in_context(head) }
    } else {
        // SAFETY: as above.
        unsafe { (task.vtable.run)(head) }
    };
    match outcome {
        RunOutcome::Done => {
            let seen = task.state.complete();
            if !seen.has_handle() {
                // SAFETY: the outcome belongs to the runner.
                unsafe { (task.vtable.clear)(head) };
            }
            // SAFETY: the caller has set `DONE`.
            unsafe { conclude(head, seen) };
        }
        RunOutcome::Pending => match task.state.rest() {
            AfterRun::Idle => {}
            // SAFETY: the state has made a reference for the queue.
            AfterRun::Queue => unsafe { (task.vtable.enqueue)(head) },
            // SAFETY: the caller is still the runner.
            AfterRun::Cancelled => unsafe { abandon(head) },
        },
        // SAFETY: the caller is still the runner.
        RunOutcome::Unwanted => unsafe { abandon(head) },
    }
}

/// Drops the body of a cancelled task, and then ends the task: a thread that sees the end sees the body gone.
///
/// # Safety
///
/// The caller must be the runner.
unsafe fn abandon(head: NonNull<Head>) {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    // SAFETY: the body belongs to the runner.
    unsafe { (task.vtable.clear)(head) };
    // SAFETY: the caller is the runner.
    if unsafe { has_context(head) } {
        // SAFETY: as above.
        unsafe { drop_context(head) };
    }
    let seen = task.state.complete_void();
    // SAFETY: the caller has set `DONE`.
    unsafe { conclude(head, seen) };
}

/// True if the task was spawned with a context, which is still there.
///
/// # Safety
///
/// The caller must be the runner.
#[inline]
unsafe fn has_context(head: NonNull<Head>) -> bool {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    // SAFETY: the context belongs to the runner (`Head`, invariant 3).
    task.context.with_mut(|context| unsafe { (*context).is_some() })
}

/// Runs the body in its context. If it is done the context is gone.
///
/// # Safety
///
/// The caller must be the runner, and the task must have a context.
#[cold]
#[inline(never)]
unsafe fn run_in_context(head: NonNull<Head>) -> RunOutcome {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    // SAFETY: the context belongs to the runner (`Head`, invariant 3).
    let entered = task.context.with_mut(|context| unsafe { (*context).as_ref().map(|context| context.enter()) });
    // SAFETY: the caller is the runner.
    let outcome = unsafe { (task.vtable.run)(head) };
    drop(entered);
    if outcome == RunOutcome::Done {
        // SAFETY: the caller is the runner.
        unsafe { drop_context(head) };
    }
    outcome
}

/// Drops the context of a task whose body is over.
///
/// # Safety
///
/// The caller must be the runner.
#[cold]
#[inline(never)]
unsafe fn drop_context(head: NonNull<Head>) {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    // SAFETY: the context belongs to the runner (`Head`, invariant 3).
    let context = task.context.with_mut(|context| unsafe { (*context).take() });
    drop(context.map(ManuallyDrop::into_inner));
}

/// Wakes the sleeper of a task that is done, and leaves its home.
///
/// # Safety
///
/// The caller must have set `DONE`; `seen` must be the word before that.
unsafe fn conclude(head: NonNull<Head>, seen: Seen) {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    if seen.has_sleeper() {
        // SAFETY: the sleeper's place belongs to the caller (`Head`, invariant 2).
        let sleeper = task.sleeper.with_mut(|sleeper| unsafe { (*sleeper).take() });
        sleeper.expect("it was given away").wake();
    }
    if !seen.is_queued() {
        // SAFETY: the task is done and in no queue, and will be in none.
        unsafe { (task.vtable.leave)(head) };
    }
}

/// True if the holder of the handle, which calls, must run the task here and now: it has not begun, or it was woken.
///
/// # Safety
///
/// The caller must be a worker of the task's pool, and must have the handle.
pub(super) unsafe fn claim(head: NonNull<Head>) -> bool {
    // SAFETY: the handle keeps the task in memory.
    unsafe { head.as_ref() }.state.claim()
}

/// Cancels the task.
///
/// # Safety
///
/// The caller must borrow the handle, or have a reference.
pub(super) unsafe fn cancel(head: NonNull<Head>) {
    // SAFETY: the handle, or the reference, keeps the task in memory.
    let cancel = unsafe { head.as_ref() }.vtable.cancel;
    // SAFETY: as above.
    unsafe { cancel(head) };
}

/// Cancels a closure that belongs to a pool: unless it has begun, the caller drops it. The pool may not come to it for
/// long, because all its threads may be busy.
///
/// # Safety
///
/// The caller must keep the task in memory, and any thread may leave its home.
pub(super) unsafe fn cancel_here(head: NonNull<Head>) {
    // SAFETY: the caller keeps the task in memory.
    if unsafe { head.as_ref() }.state.claim() {
        // SAFETY: the caller is the runner now.
        unsafe { abandon(head) };
    }
}

/// Cancels a future, or a task of a scope. Its runner drops the body, or the next one if there is none now. The caller
/// never does: it may hold a lock that a future's destructor wants.
///
/// # Safety
///
/// The caller must keep the task in memory.
pub(super) unsafe fn cancel_by_the_pool(head: NonNull<Head>) {
    // SAFETY: the caller keeps the task in memory.
    let task = unsafe { head.as_ref() };
    // A forked child does nothing to the tasks of its parent: the frame that waits for the task may be gone.
    if !process::is(task.process) {
        return;
    }
    if task.state.cancel() {
        // SAFETY: the state has made a reference for the queue.
        unsafe { (task.vtable.enqueue)(head) };
    }
}

/// Has a pool discard its detached work. The futures that wait are cancelled, so that the pool comes to them.
pub(super) fn discard(discard: &Discard) {
    let mut roused = Vec::new();
    discard.begin(|job| {
        let head = job.header().cast::<Head>();
        // SAFETY: a listed task is in memory while the list is locked (`Discard`, invariant 1).
        if unsafe { head.as_ref() }.state.cancel() {
            roused.push(head);
        }
    });
    // Without the lock: in a pool without threads the caller runs the jobs.
    for head in roused {
        // SAFETY: the state has made a reference for the queue, which keeps the task in memory up to here.
        let enqueue = unsafe { head.as_ref() }.vtable.enqueue;
        // SAFETY: as above.
        unsafe { enqueue(head) };
    }
}

/// The task's future has been woken.
///
/// # Safety
///
/// The caller must have a reference.
pub(super) unsafe fn wake(head: NonNull<Head>) {
    // SAFETY: the reference keeps the task in memory.
    let task = unsafe { head.as_ref() };
    if task.state.wake() {
        // SAFETY: the state has made a reference for the queue.
        unsafe { (task.vtable.enqueue)(head) };
    }
}

/// Gives up a reference to the task.
///
/// # Safety
///
/// The reference must belong to the caller, and is gone afterwards.
pub(super) unsafe fn release(head: NonNull<Head>) {
    // SAFETY: the reference keeps the task in memory up to here.
    let task = unsafe { head.as_ref() };
    match task.state.release() {
        Released::Kept => {}
        // SAFETY: no other thread can reach the record.
        Released::Last => unsafe { (task.vtable.free)(head) },
        // SAFETY: the state has made a reference for the queue.
        Released::Forsaken => unsafe { (task.vtable.enqueue)(head) },
    }
}
