//! `JoinHandle`: waits for a spawned task, awaits it or cancels it.

use crate::sync::clock::Instant;
use crate::task::block_on::block_on;
use crate::task::cancel::{CancelToken, Registration};
use crate::task::error::TaskError;
use crate::task::handle::TaskHandle;
use crate::task::head::Head;
use crate::task::reference::{self, TaskReference};
use crate::task::timer;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};
use std::time::Duration;

/// The handle of a task or a future in a pool: [`spawn_task`](crate::spawn_task) and
/// [`spawn_future`](crate::spawn_future) give it.
///
/// Wait for the result with [`join`](JoinHandle::join); or await the handle, which is a future itself and needs no
/// particular runtime. Either gives the value, or a [`TaskError`] if the task panicked or was cancelled.
///
/// Dropping the handle detaches the task: it goes on, and its result, or the payload of its panic, is dropped; a panic
/// in that destructor is ignored. To have it cancelled instead, use [`cancel_on_drop`](JoinHandle::cancel_on_drop).
///
/// # Panics
///
/// When it is polled again after it has given the result.
///
/// # Examples
///
/// ```
/// let handles: Vec<_> = (0..4).map(|i| paceline::spawn_task(move || i * i)).collect();
/// let squares: Vec<i32> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
/// assert_eq!(squares, [0, 1, 4, 9]);
/// ```
///
/// In an async function, of any runtime:
///
/// ```
/// async fn checksum(page: Vec<u8>) -> u32 {
///     let handle = paceline::spawn_task(move || page.iter().map(|&byte| u32::from(byte)).sum());
///     handle.await.expect("adding does not panic")
/// }
/// assert_eq!(paceline::block_on(checksum(vec![1, 2, 3])), 6);
/// ```
#[must_use = "dropping the handle detaches the task; `spawn` says so without a handle"]
pub struct JoinHandle<T> {
    handle: TaskHandle<T>,
    /// The registrations by which tokens cancel the task.
    tokens: Vec<Registration>,
}

impl<T> JoinHandle<T> {
    /// # Safety
    ///
    /// As for [`TaskHandle::new`].
    pub(super) unsafe fn new(head: NonNull<Head>) -> Self {
        // SAFETY: the caller has the same duty.
        JoinHandle { handle: unsafe { TaskHandle::new(head) }, tokens: Vec::new() }
    }

    /// Waits until the task is done and returns its result.
    ///
    /// In a worker of the task's pool, a task that has not begun is run by this call, on the calling thread. While
    /// another thread runs it, a worker helps with the jobs that the task has begun; if there is other work in the
    /// worker's pool, another thread does that in the worker's place. So do not hold a lock across the call if other
    /// jobs may want it. A thread that is no worker sleeps.
    ///
    /// # Errors
    ///
    /// If the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(paceline::spawn_task(|| 6 * 7).join().unwrap(), 42);
    ///
    /// let broken = paceline::spawn_task(|| -> i32 { panic!("no such luck") });
    /// assert_eq!(broken.join().unwrap_err().message(), Some("no such luck"));
    ///
    /// // The only thread of this pool runs the task when it waits for it.
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// assert_eq!(pool.install(|| paceline::spawn_task(|| 42).join().unwrap()), 42);
    /// ```
    pub fn join(self) -> Result<T, TaskError> {
        self.handle.join()
    }

    /// As [`join`](JoinHandle::join), but waits for at most about `timeout`.
    ///
    /// It does not run the task itself, which could take longer: if the pool's other threads are all busy, the task does not
    /// begin meanwhile. A worker waits as in [`block_on`](crate::block_on()).
    ///
    /// # Errors
    ///
    /// With the handle if the task is not done in that time. The task goes on.
    ///
    /// # Panics
    ///
    /// If the system does not start the thread that measures the time: see [`CancelToken::with_timeout`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (tell, told) = std::sync::mpsc::channel::<u32>();
    /// let handle = paceline::spawn_task(move || told.recv().unwrap());
    /// let handle = handle.join_timeout(Duration::from_millis(10)).unwrap_err();
    /// tell.send(42).unwrap();
    /// assert_eq!(handle.join_timeout(Duration::from_secs(60)).unwrap().unwrap(), 42);
    /// ```
    pub fn join_timeout(mut self, timeout: Duration) -> Result<Result<T, TaskError>, Self> {
        let start = Instant::now();
        let mut alarm = None;
        let result = block_on(poll_fn(|context| {
            if let Poll::Ready(result) = self.handle.poll(context) {
                return Poll::Ready(Some(result));
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Poll::Ready(None);
            }
            // Each poll has the same waker.
            alarm.get_or_insert_with(|| {
                let waker = context.waker().clone();
                timer::after(left, || waker.wake())
            });
            Poll::Pending
        }));
        result.ok_or(self)
    }

    /// True if the task is done, so that [`join`](JoinHandle::join) would return at once. Never blocks.
    ///
    /// For a task that was cancelled it is true once the closure or the future has been dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tell, told) = std::sync::mpsc::channel::<()>();
    /// let handle = paceline::spawn_task(move || told.recv());
    /// assert!(!handle.is_finished());
    /// drop(tell);
    /// while !handle.is_finished() {
    ///     std::thread::yield_now();
    /// }
    /// # handle.join().unwrap().unwrap_err();
    /// ```
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Cancels the task, if it is not too late. Never blocks.
    ///
    /// A closure that has not begun never runs: this call drops it. One that has begun runs to its end, and the handle
    /// gives its result. A future is not polled again. A thread of the pool drops it soon; if the future is being
    /// polled now, that is after the poll, unless it became ready.
    ///
    /// So this call never drops a future, and may be made under a lock that the future's destructor wants. The other
    /// methods of handles and wakers do not drop futures either: if nothing can wake a future any more, because its
    /// last waker was dropped, or that and its handle, a thread of the pool drops it. The exception is
    /// [`join`](JoinHandle::join) on a thread of the pool, which runs the task, or drops it, where it is.
    ///
    /// If the task was cancelled in time, the handle gives an error that [says so](TaskError::is_cancelled), once
    /// the closure or the future has been dropped. A panic of a destructor is ignored.
    ///
    /// In a forked child the threads of its parent's pools do not exist: a task that is cancelled there is neither run
    /// nor dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_future(std::future::pending::<()>());
    /// handle.cancel();
    /// assert!(handle.join().unwrap_err().is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.handle.cancel();
    }

    /// The same handle, tied to `token`: when the token is cancelled, the task is cancelled as by
    /// [`cancel`](JoinHandle::cancel). That happens in this call if the token is cancelled already, else in the call
    /// that cancels it.
    ///
    /// It holds while the handle exists: a task that was detached goes on. To tie the task to several tokens, call
    /// this several times: each token cancels it. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::CancelToken;
    ///
    /// let request = CancelToken::new();
    /// let answer = paceline::spawn_future(std::future::pending::<u32>()).with_cancel(&request);
    /// request.cancel();
    /// assert!(answer.join().unwrap_err().is_cancelled());
    /// ```
    pub fn with_cancel(mut self, token: &CancelToken) -> Self {
        self.tokens.push(reference::cancel_with(self.reference(), token));
        self
    }

    pub(super) fn reference(&self) -> TaskReference {
        // SAFETY: the handle counts as a reference.
        unsafe { TaskReference::new(self.handle.head()) }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll(context)
    }
}

impl<T> Unpin for JoinHandle<T> {}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("is_finished", &self.is_finished()).finish()
    }
}
