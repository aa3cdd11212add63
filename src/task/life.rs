//! What is done at each transition of a task's state, by the thread that made it.
//!
//! All functions here want the head of a task that the caller keeps in memory by a reference of its own.

use crate::sync::process;
use crate::task::record::Head;
use crate::task::state::{AfterRun, Released, Seen, TakenReference};
use std::ptr::NonNull;

/// The queue has come to the task.
///
/// # Safety
///
/// The caller has taken the reference out of the queue, and gives it up.
pub(super) unsafe fn come_from_queue(head: NonNull<Head>) {
    // SAFETY: the reference keeps it.
    let task = unsafe { head.as_ref() };
    match task.state.take_from_queue() {
        // SAFETY: the caller is the runner now.
        TakenReference::Run => unsafe { run(head) },
        // SAFETY: it is done and in no queue, and was in one when it was done: nobody else leaves.
        TakenReference::Over => unsafe { (task.vtable.leave)(head) },
        TakenReference::Nothing => {}
    }
    // SAFETY: the reference is the caller's.
    unsafe { release(head) };
}

/// Runs the body, or drops it if it was cancelled.
///
/// # Safety
///
/// The caller has become the runner.
pub(super) unsafe fn run(head: NonNull<Head>) {
    // SAFETY: the caller keeps it.
    let task = unsafe { head.as_ref() };
    if task.state.is_cancelled() {
        // SAFETY: the caller is the runner.
        return unsafe { abandon(head) };
    }
    // SAFETY: the caller is the runner.
    if unsafe { (task.vtable.run)(head) } {
        let seen = task.state.complete();
        if !seen.has_handle() {
            // SAFETY: the outcome is the runner's.
            unsafe { (task.vtable.clear)(head) };
        }
        // SAFETY: the caller has brought the end about.
        return unsafe { conclude(head, seen) };
    }
    match task.state.rest() {
        AfterRun::Idle => {}
        // SAFETY: the state says so.
        AfterRun::Queue => unsafe { (task.vtable.enqueue)(head) },
        // SAFETY: the caller is the runner still.
        AfterRun::Cancelled => unsafe { abandon(head) },
    }
}

/// Drops the body of a task that has been cancelled, and then ends the task: who sees its end sees the body gone.
///
/// # Safety
///
/// The caller is the runner.
unsafe fn abandon(head: NonNull<Head>) {
    // SAFETY: the caller keeps it.
    let task = unsafe { head.as_ref() };
    // SAFETY: the body is the runner's.
    unsafe { (task.vtable.clear)(head) };
    let seen = task.state.complete_void();
    // SAFETY: the caller has brought the end about.
    unsafe { conclude(head, seen) };
}

/// Tells those whom the end of a task concerns.
///
/// # Safety
///
/// The caller has brought the end about; `seen` is from before it.
unsafe fn conclude(head: NonNull<Head>, seen: Seen) {
    // SAFETY: the caller keeps it.
    let task = unsafe { head.as_ref() };
    if seen.has_sleeper() {
        // SAFETY: its place is the caller's (`Head`, invariant 2).
        let sleeper = task.sleeper.with_mut(|sleeper| unsafe { (*sleeper).take() });
        sleeper.expect("it was given away").wake();
    }
    if !seen.is_queued() {
        // SAFETY: the task is done and in no queue, and will be in none.
        unsafe { (task.vtable.leave)(head) };
    }
}

/// The handle's holder wants the task, which has not begun or was woken, to be run here and now.
///
/// # Safety
///
/// The caller works in the task's pool, and has the handle.
pub(super) unsafe fn claim(head: NonNull<Head>) -> bool {
    // SAFETY: the handle keeps it.
    unsafe { head.as_ref() }.state.claim()
}

/// The task is not wanted any more.
///
/// # Safety
///
/// The caller borrows the handle, or has a reference.
pub(super) unsafe fn cancel(head: NonNull<Head>) {
    // SAFETY: the handle, or the reference, keeps it.
    let cancel = unsafe { head.as_ref() }.vtable.cancel;
    // SAFETY: as above.
    unsafe { cancel(head) };
}

/// Cancels a closure that belongs to a pool: unless it has begun, the caller drops it. All threads of the pool may be busy for
/// long.
///
/// # Safety
///
/// The caller keeps the task, whose home any thread may leave.
pub(super) unsafe fn cancel_here(head: NonNull<Head>) {
    // SAFETY: the caller keeps it.
    if unsafe { head.as_ref() }.state.claim() {
        // SAFETY: the caller is the runner now.
        unsafe { abandon(head) };
    }
}

/// Cancels a future, or what belongs to a scope: the runner drops it, if there is one, else the next; never the caller, who may
/// hold what a future's destructor wants.
///
/// # Safety
///
/// The caller keeps the task.
pub(super) unsafe fn cancel_by_the_pool(head: NonNull<Head>) {
    // SAFETY: the caller keeps it.
    let task = unsafe { head.as_ref() };
    // In a forked child nothing is done to what is the parent's: who waits for it may be in a frame that is gone.
    if !process::is(task.process) {
        return;
    }
    if task.state.cancel() {
        // SAFETY: the state says so.
        unsafe { (task.vtable.enqueue)(head) };
    }
}

/// The task's future has been woken.
///
/// # Safety
///
/// The caller has a reference.
pub(super) unsafe fn wake(head: NonNull<Head>) {
    // SAFETY: the reference keeps it.
    let task = unsafe { head.as_ref() };
    if task.state.wake() {
        // SAFETY: the state says so.
        unsafe { (task.vtable.enqueue)(head) };
    }
}

/// One less keeps the task in memory.
///
/// # Safety
///
/// The reference is the caller's, who gives it up.
pub(super) unsafe fn release(head: NonNull<Head>) {
    // SAFETY: the reference keeps it so far.
    let task = unsafe { head.as_ref() };
    match task.state.release() {
        Released::Kept => {}
        // SAFETY: nobody else can reach the record.
        Released::Last => unsafe { (task.vtable.free)(head) },
        // SAFETY: the state says so.
        Released::Forsaken => unsafe { (task.vtable.enqueue)(head) },
    }
}
