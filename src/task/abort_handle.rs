//! `AbortHandle`: cancels a task whose handle is elsewhere.

use crate::task::join_handle::JoinHandle;
use crate::task::reference::TaskReference;
use std::fmt;

/// The right to cancel a task, without the right to its result; made by [`JoinHandle::abort_handle`].
///
/// For a list of what runs now, while the [`JoinHandle`]s are with those that wait. It keeps the task's memory, but not
/// its closure, future or result.
///
/// # Examples
///
/// ```
/// let handle = paceline::spawn_future(std::future::pending::<()>());
/// let abort = handle.abort_handle();
/// let waiter = std::thread::spawn(move || handle.join());
/// abort.abort();
/// assert!(waiter.join().unwrap().unwrap_err().is_cancelled());
/// assert!(abort.is_finished());
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    task: TaskReference,
}

impl<T> JoinHandle<T> {
    /// A handle that can cancel the task, and nothing else. There may be any number of them.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_task(|| 42);
    /// let abort = handle.abort_handle();
    /// assert_eq!(handle.join().unwrap(), 42);
    /// // It is too late.
    /// abort.abort();
    /// ```
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle { task: self.reference() }
    }
}

impl AbortHandle {
    /// Cancels the task, as [`JoinHandle::cancel`] does. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_future(std::future::pending::<()>());
    /// handle.abort_handle().abort();
    /// assert!(handle.join().is_err());
    /// ```
    pub fn abort(&self) {
        self.task.cancel();
    }

    /// True if the task is done or cancelled, as [`JoinHandle::is_finished`]. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_task(|| 42);
    /// let abort = handle.abort_handle();
    /// handle.join().unwrap();
    /// assert!(abort.is_finished());
    /// ```
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("is_finished", &self.is_finished()).finish()
    }
}
