//! Cancelling a task by a token.

use crate::task::cancel::{CancelToken, Registration};
use crate::task::life;
use crate::task::record::Head;
use std::ptr::NonNull;

/// Has the task cancelled when the token is, until what this returns is dropped.
///
/// # Safety
///
/// The caller has a reference to the task.
pub(super) unsafe fn cancel_with(head: NonNull<Head>, token: &CancelToken) -> Registration {
    // SAFETY: the caller's reference keeps it.
    unsafe { head.as_ref() }.state.retain();
    let canceller = Canceller(head);
    token.on_cancel(move || canceller.cancel())
}

/// A reference to a task, in the hands of a token.
struct Canceller(NonNull<Head>);

// SAFETY: it can only cancel the task and give up its reference, which any thread may: neither drops the body.
unsafe impl Send for Canceller {}

impl Canceller {
    fn cancel(self) {
        // SAFETY: the reference keeps the task.
        unsafe { life::cancel(self.0) };
    }
}

impl Drop for Canceller {
    fn drop(&mut self) {
        // SAFETY: the reference is this one's, counted in `cancel_with`.
        unsafe { life::release(self.0) };
    }
}
