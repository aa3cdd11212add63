//! References to a task beside its handle, which can cancel it: those of tokens, and of abort handles.

use crate::task::cancel::{CancelToken, Registration};
use crate::task::head::Head;
use crate::task::life;
use std::ptr::NonNull;

/// A reference to a task that is neither the handle's nor a queue's nor a waker's.
///
/// 1. The state counts a reference for each value, so the task is in memory.
pub(super) struct TaskReference(NonNull<Head>);

// SAFETY: it can only cancel the task, look at its state and give up its reference. Any thread may do all that: none of
// it drops a future's body.
unsafe impl Send for TaskReference {}
// SAFETY: as above; all of it may be done at a time.
unsafe impl Sync for TaskReference {}

impl TaskReference {
    /// # Safety
    ///
    /// The caller must have a reference to the task.
    pub(super) unsafe fn new(head: NonNull<Head>) -> Self {
        // SAFETY: the caller's reference keeps the task in memory.
        unsafe { head.as_ref() }.state.retain();
        TaskReference(head)
    }

    pub(super) fn cancel(&self) {
        // SAFETY: the task is in memory (invariant 1).
        unsafe { life::cancel(self.0) };
    }

    pub(super) fn is_finished(&self) -> bool {
        // SAFETY: the task is in memory (invariant 1).
        unsafe { self.0.as_ref() }.state.seen().is_done()
    }
}

impl Clone for TaskReference {
    fn clone(&self) -> Self {
        // SAFETY: this value has a reference (invariant 1).
        unsafe { TaskReference::new(self.0) }
    }
}

impl Drop for TaskReference {
    fn drop(&mut self) {
        // SAFETY: the reference belongs to this value (invariant 1).
        unsafe { life::release(self.0) };
    }
}

/// Ties the task to the token: when the token is cancelled, so is the task, until the returned registration is dropped.
pub(super) fn cancel_with(task: TaskReference, token: &CancelToken) -> Registration {
    token.on_cancel(move || task.cancel())
}
