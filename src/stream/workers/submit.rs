//! How items are handed in.

use super::error::{SubmitError, SubmitTimeoutError, TrySubmitError};
use super::pool::WorkerPool;
use super::shared::WorkersShared;
use crate::sync::clock::Instant;
use crate::sync::event_count::Place;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

impl<T> WorkerPool<T> {
    /// Hands an item in; waits while the queue is full. Returns the item's number, which counts from 0.
    ///
    /// It waits for the workers, and so for the thread that takes the results: see
    /// [bounds](super#bounds). A worker that submits to its own pool could wait for itself; use
    /// [`try_submit`](Self::try_submit) there.
    ///
    /// # Errors
    ///
    /// If the pool is closed, or is closed while this waits; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().capacity(1).build(|_, _: &str| {})?;
    /// assert_eq!(pool.submit("first"), Ok(0));
    /// assert_eq!(pool.submit("second"), Ok(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit(&self, item: T) -> Result<u64, SubmitError<T>> {
        self.shared.check_process();
        // Without a deadline there is no timeout.
        self.shared.gate.enter(item, None).map_err(|refused| SubmitError(refused.into_inner()))
    }

    /// Hands an item in if there is room in the queue; does not wait.
    ///
    /// # Errors
    ///
    /// If the queue is full or the pool is closed; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{TrySubmitError, WorkerPool};
    ///
    /// let pool = WorkerPool::builder().threads(1).capacity(2).build(|_, _: u32| {})?;
    /// match pool.try_submit(7) {
    ///     Ok(number) => assert_eq!(number, 0),
    ///     Err(TrySubmitError::Full(item)) => println!("dropping {item}: too busy"),
    ///     Err(TrySubmitError::Closed(item)) => println!("dropping {item}: too late"),
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_submit(&self, item: T) -> Result<u64, TrySubmitError<T>> {
        self.shared.check_process();
        self.shared.gate.try_enter(item)
    }

    /// Hands an item in; waits while the queue is full, but not much longer than for `timeout`.
    ///
    /// # Errors
    ///
    /// If the queue stayed full, or the pool is closed or is closed meanwhile; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
    /// assert_eq!(pool.submit_timeout(7, Duration::from_secs(60)), Ok(0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit_timeout(&self, item: T, timeout: Duration) -> Result<u64, SubmitTimeoutError<T>> {
        self.shared.check_process();
        // A moment that no clock can show will not come.
        self.shared.gate.enter(item, Instant::now().checked_add(timeout))
    }

    /// Hands an item in as [`submit`](Self::submit) does, but waits for room as a future, of any async runtime, rather
    /// than as a thread. Nothing is handed in before the future is polled.
    ///
    /// Dropping the future before it is ready drops the item, and takes no room from other submitters.
    ///
    /// # Errors
    ///
    /// If the pool is closed, or is closed while this waits; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// let builder = WorkerPool::builder().threads(2).capacity(1);
    /// let (pool, results) = builder.build_with_results(Order::Submission, |_, word: &str| word.len())?;
    /// drop(results);
    /// paceline::block_on(async {
    ///     for word in ["far", "more", "words", "than", "there", "is", "room", "for"] {
    ///         pool.submit_async(word).await.expect("the pool is open");
    ///     }
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit_async(&self, item: T) -> SubmitAsync<'_, T> {
        self.shared.check_process();
        SubmitAsync { shared: &self.shared, item: Some(item), place: Place::default() }
    }
}

/// Hands an item in when there is room; made by [`submit_async`](WorkerPool::submit_async).
///
/// # Panics
///
/// When it is polled again after it was ready. In a forked child of the process that made the pool.
///
/// # Examples
///
/// ```
/// use paceline::workers::WorkerPool;
///
/// let pool = WorkerPool::builder().threads(1).build(|_, line: String| println!("{line}"))?;
/// let submission = pool.submit_async("from a future".to_owned());
/// assert_eq!(paceline::block_on(submission), Ok(0));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct SubmitAsync<'a, T> {
    shared: &'a WorkersShared<T>,
    item: Option<T>,
    place: Place,
}

impl<T> SubmitAsync<'_, T> {
    /// Gives up and takes the item back. `None` if the future was ready, and so has handed it in or given it back.
    ///
    /// To have it after a timeout or a `select!`, let those poll `&mut` the future.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: &str| {})?;
    /// assert_eq!(pool.submit_async("not now").into_item(), Some("not now"));
    ///
    /// let mut submission = pool.submit_async("now");
    /// assert_eq!(paceline::block_on(&mut submission), Ok(0));
    /// assert_eq!(submission.into_item(), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_item(mut self) -> Option<T> {
        self.item.take()
    }
}

impl<T> Future for SubmitAsync<'_, T> {
    type Output = Result<u64, SubmitError<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(this.item.is_some(), "a submission that was ready is polled again");
        this.shared.check_process();
        match this.shared.gate.poll_enter(&mut this.item, &mut this.place, context.waker()) {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    }
}

/// The item is not pinned: it is moved into the queue.
impl<T> Unpin for SubmitAsync<'_, T> {}

impl<T> Drop for SubmitAsync<'_, T> {
    fn drop(&mut self) {
        self.shared.gate.leave(&mut self.place);
    }
}

impl<T> fmt::Debug for SubmitAsync<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitAsync").field("is_ready", &self.item.is_none()).finish_non_exhaustive()
    }
}
