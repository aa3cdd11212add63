//! `CancelOnDrop`: a handle that cancels its task instead of detaching it.

use crate::task::error::TaskError;
use crate::task::join_handle::JoinHandle;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A [`JoinHandle`] that cancels its task when it is dropped before the task is done; made by
/// [`JoinHandle::cancel_on_drop`].
///
/// For a caller that may lose interest: the handler of a request when the client hangs up, a branch of a `select!`. A
/// closure that the pool has not begun by then never runs: see [`JoinHandle::cancel`].
///
/// # Examples
///
/// ```
/// async fn answer() -> u64 {
///     // If this future is dropped while it waits for its turn in the pool, the sum is never computed.
///     let sum = paceline::spawn_task(|| (1..=1000_u64).sum()).cancel_on_drop();
///     sum.await.expect("adding does not panic, and the task is not cancelled")
/// }
/// assert_eq!(paceline::block_on(answer()), 500_500);
/// ```
#[must_use = "dropping it cancels the task"]
pub struct CancelOnDrop<T> {
    /// `Some` until the handle is taken out for good.
    handle: Option<JoinHandle<T>>,
}

impl<T> JoinHandle<T> {
    /// The same handle, but dropping it cancels the task.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// pool.install(|| {
    ///     // The pool's one thread is here, so the task cannot have begun.
    ///     drop(pool.spawn_task(|| unreachable!("it is cancelled")).cancel_on_drop());
    /// });
    /// pool.shutdown();
    /// ```
    pub fn cancel_on_drop(self) -> CancelOnDrop<T> {
        CancelOnDrop { handle: Some(self) }
    }
}

impl<T> CancelOnDrop<T> {
    /// The plain handle, which detaches its task when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_task(|| 42).cancel_on_drop().into_handle();
    /// assert_eq!(handle.join().unwrap(), 42);
    /// ```
    pub fn into_handle(mut self) -> JoinHandle<T> {
        self.handle.take().expect(THERE)
    }
}

const THERE: &str = "the handle is there until the adaptor is used up";

impl<T> Future for CancelOnDrop<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(self.handle.as_mut().expect(THERE)).poll(context)
    }
}

impl<T> Drop for CancelOnDrop<T> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.cancel();
        }
    }
}

impl<T> fmt::Debug for CancelOnDrop<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelOnDrop").field(&self.handle).finish()
    }
}
