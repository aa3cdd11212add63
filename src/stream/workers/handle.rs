//! `ItemHandle`: waits for the result of one item.

use super::shared::check_process;
use super::sink::WorkOutcome;
use super::worker_error::WorkerError;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::event_count::{EventCount, Place};
use crate::sync::lock::Mutex;
use crate::sync::process;
use crate::sync::quiet::Quiet;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

#[cfg(all(test, loom))]
mod loom;

/// What a handle and the sender of its outcome share.
struct Reply<R> {
    state: Mutex<ReplyState<R>>,
    /// The handle waits here, as a thread or as a future.
    arrived: EventCount,
}

enum ReplyState<R> {
    /// There is no outcome yet.
    Awaited,
    Arrived(WorkOutcome<R>),
    /// The handle has taken the outcome, or is gone.
    Closed,
}

impl<R> Reply<R> {
    /// The outcome, if it is there; `Some(None)` if it was taken before.
    fn take(&self) -> Option<Option<WorkOutcome<R>>> {
        let mut state = self.state.lock();
        if let ReplyState::Awaited = *state {
            return None;
        }
        match mem::replace(&mut *state, ReplyState::Closed) {
            ReplyState::Arrived(outcome) => Some(Some(outcome)),
            ReplyState::Awaited | ReplyState::Closed => Some(None),
        }
    }

    /// Leaves the outcome to the handle. Hands it back if the handle is gone.
    fn put(&self, outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>> {
        let mut state = self.state.lock();
        match *state {
            ReplyState::Awaited => *state = ReplyState::Arrived(outcome),
            ReplyState::Arrived(_) | ReplyState::Closed => return Err(outcome),
        }
        drop(state);
        self.arrived.tell_one();
        Ok(())
    }
}

/// Sends the outcome of one item to its handle: that no worker began it, unless another outcome is sent.
pub(crate) struct ReplySender<R>(Option<Arc<Reply<R>>>);

impl<R> ReplySender<R> {
    /// Hands the outcome back if the handle is gone.
    pub(crate) fn send(mut self, outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>> {
        match self.0.take() {
            Some(reply) => reply.put(outcome),
            None => Err(outcome),
        }
    }

    /// Tells the handle that no worker will begin the item.
    pub(crate) fn cancel(&mut self) {
        if let Some(reply) = self.0.take() {
            // If the handle is gone, the error is of no use to any thread.
            let _ = reply.put(Quiet::new(Err(WorkerError::not_begun())));
        }
    }
}

impl<R> Drop for ReplySender<R> {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// A handle that was not told yet, and its sender.
pub(crate) fn handle<R>() -> (ReplySender<R>, ItemHandle<R>) {
    let reply = Arc::new(Reply { state: Mutex::new(ReplyState::Awaited), arrived: EventCount::new() });
    let handle = ItemHandle { reply: Arc::clone(&reply), place: Place::default(), incarnation: process::incarnation() };
    (ReplySender(Some(reply)), handle)
}

/// Waits for the result of one item: [`submit_with_handle`](super::WorkerPool::submit_with_handle) and
/// [`Request::new`](super::Request::new) give it.
///
/// Wait for the result with [`join`](Self::join); or await the handle, which is a future itself and needs no particular
/// runtime. Dropping the handle cancels nothing: the item is worked on, its result is dropped, and a panic is reported
/// by [`shutdown`](super::WorkerPool::shutdown).
///
/// # Panics
///
/// When it is polled again after it has given the result. In a forked child of the process that made it.
///
/// # Examples
///
/// ```
/// use paceline::workers::WorkerPool;
///
/// let pool = WorkerPool::builder().threads(2).build_with_handles(|_, number: u64| number * number)?;
/// let (one, other) = (pool.submit_with_handle(3).unwrap(), pool.submit_with_handle(4).unwrap());
/// let sum = paceline::block_on(async { one.await.unwrap() + other.await.unwrap() });
/// assert_eq!(sum, 25);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "dropping the handle drops the item's result; a pool of `build` has none"]
pub struct ItemHandle<R> {
    reply: Arc<Reply<R>>,
    place: Place,
    incarnation: usize,
}

impl<R> ItemHandle<R> {
    /// Waits until a worker has worked on the item, or it is known that none will.
    ///
    /// A worker that waits for an item of its own pool may wait for itself.
    ///
    /// # Errors
    ///
    /// If `work` panicked. If no worker will begin the item, because
    /// [`shutdown_now`](super::WorkerPool::shutdown_now) took it back, or it was dropped, or the pool has lost its last
    /// worker: see [`is_cancelled`](WorkerError::is_cancelled).
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::WorkerPool;
    ///
    /// let builder = WorkerPool::builder().threads(1).name("parser");
    /// let pool = builder.build_with_handles(|_, text: &str| text.parse::<u32>().expect("a number"))?;
    /// assert_eq!(pool.submit_with_handle("42").unwrap().join().unwrap(), 42);
    ///
    /// let error = pool.submit_with_handle("4b").unwrap().join().unwrap_err();
    /// assert!(error.is_panic());
    /// assert!(error.to_string().starts_with("item 1 panicked on thread `parser-0`: a number: "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn join(self) -> Result<R, WorkerError> {
        check_process(self.incarnation);
        let wait = || {
            let _listed = waits::list(Awaited::Outcome);
            self.reply.arrived.wait(None, || self.reply.take())
        };
        let taken = self.reply.take().or_else(wait);
        given(taken.expect("without a deadline there is no timeout"))
    }

    /// True if [`join`](Self::join) would return at once. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::Request;
    ///
    /// let (request, handle) = Request::<u32, u32>::new(7);
    /// assert!(!handle.is_finished());
    /// drop(request);
    /// assert!(handle.is_finished());
    /// ```
    pub fn is_finished(&self) -> bool {
        check_process(self.incarnation);
        !matches!(*self.reply.state.lock(), ReplyState::Awaited)
    }
}

fn given<R>(taken: Option<WorkOutcome<R>>) -> Result<R, WorkerError> {
    taken.expect("a handle gives its result once").into_inner()
}

impl<R> Future for ItemHandle<R> {
    type Output = Result<R, WorkerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        check_process(self.incarnation);
        let ItemHandle { reply, place, .. } = &mut *self;
        match reply.take().or_else(|| reply.arrived.poll(place, context.waker(), || reply.take())) {
            Some(taken) => Poll::Ready(given(taken)),
            None => Poll::Pending,
        }
    }
}

impl<R> Drop for ItemHandle<R> {
    fn drop(&mut self) {
        self.reply.arrived.leave(&mut self.place);
        // In a forked child the state may be lost.
        let Some(mut state) = self.reply.state.lock_unless_abandoned() else { return };
        let unneeded = mem::replace(&mut *state, ReplyState::Closed);
        drop(state);
        drop(unneeded);
    }
}

impl<R> fmt::Debug for ItemHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemHandle").finish_non_exhaustive()
    }
}
