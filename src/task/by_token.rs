//! Cancelling a task by a token.

use crate::task::cancel::{CancelToken, Registration};
use crate::task::head::Head;
use crate::task::life;
use std::ptr::NonNull;

/// Ties the task to the token: when the token is cancelled, so is the task, until the returned registration is dropped.
///
/// # Safety
///
/// The caller must have a reference to the task.
pub(super) unsafe fn cancel_with(head: NonNull<Head>, token: &CancelToken) -> Registration {
    // SAFETY: the caller's reference keeps the task in memory.
    unsafe { head.as_ref() }.state.retain();
    let canceller = Canceller(head);
    token.on_cancel(move || canceller.cancel())
}

/// A reference to a task, which a token holds.
struct Canceller(NonNull<Head>);

// SAFETY: it can only cancel the task and give up its reference. Any thread may do both: neither drops a future's body.
unsafe impl Send for Canceller {}

impl Canceller {
    fn cancel(self) {
        // SAFETY: the reference keeps the task in memory.
        unsafe { life::cancel(self.0) };
    }
}

impl Drop for Canceller {
    fn drop(&mut self) {
        // SAFETY: the reference belongs to this value; `cancel_with` counted it.
        unsafe { life::release(self.0) };
    }
}
