//! `Request`: an item with the way back to its handle.

use super::error::SubmitError;
use super::handle::{ItemHandle, ReplySender, handle};
use super::pool::WorkerPool;
use super::sink::{Sink, WorkOutcome};
use crate::sync::channel::Receiver;
use std::convert::Infallible;
use std::fmt;

/// An item of a pool that was [built with handles](super::WorkerPoolBuilder::build_with_handles), with the way back for
/// its result.
///
/// [`submit_with_handle`](WorkerPool::submit_with_handle) makes it for you. Make it yourself to hand it in by
/// [`try_submit`](WorkerPool::try_submit), [`submit_timeout`](WorkerPool::submit_timeout) or
/// [`submit_async`](WorkerPool::submit_async). If the pool refuses it, it comes back in the error, and its handle still
/// waits: it can be handed in again, or to another pool.
///
/// # Examples
///
/// ```
/// use paceline::workers::{Request, WorkerPool};
///
/// let pool = WorkerPool::builder().threads(2).build_with_handles(|_, word: &str| word.len())?;
/// let length = paceline::block_on(async {
///     let (request, handle) = Request::new("await");
///     pool.submit_async(request).await.expect("the pool is open");
///     handle.await
/// });
/// assert_eq!(length.unwrap(), 5);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Request<T, R> {
    item: T,
    reply: ReplySender<R>,
}

impl<T, R> Request<T, R> {
    /// The request, and the handle that waits for its result.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Request, WorkerPool};
    ///
    /// let pool = WorkerPool::builder().threads(1).build_with_handles(|_, number: u32| number + 1)?;
    /// let (request, handle) = Request::new(7);
    /// pool.try_submit(request).expect("there is room");
    /// assert_eq!(handle.join().unwrap(), 8);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(item: T) -> (Self, ItemHandle<R>) {
        let (reply, handle) = handle();
        (Request { item, reply }, handle)
    }

    /// The item. Its handle reports that no worker began it.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::Request;
    ///
    /// let (request, handle) = Request::<_, u32>::new("seven");
    /// assert_eq!(request.into_inner(), "seven");
    /// assert!(handle.join().unwrap_err().is_cancelled());
    /// ```
    pub fn into_inner(self) -> T {
        self.item
    }
}

impl<T, R> fmt::Debug for Request<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

/// For pools with a handle for each item.
#[derive(Clone, Debug)]
pub(crate) struct Handles;

impl<T: 'static, R: 'static> Sink<Request<T, R>, R> for Handles {
    type Work = T;
    type Address = ReplySender<R>;

    fn wait_for_room(&self, _: &Receiver<Infallible>) {}

    fn begin(request: Request<T, R>) -> (T, ReplySender<R>) {
        (request.item, request.reply)
    }

    fn put(&self, _: u64, reply: ReplySender<R>, outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>> {
        reply.send(outcome)
    }

    fn take_back(request: &mut Request<T, R>) {
        request.reply.cancel();
    }
}

impl<T, R> WorkerPool<Request<T, R>> {
    /// Hands an item in as [`submit`](Self::submit) does, and returns a handle that waits for its result. For the other
    /// ways of handing in see [`Request`].
    ///
    /// # Errors
    ///
    /// If the pool is closed, or is closed while this waits; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::WorkerPool;
    ///
    /// let pool = WorkerPool::builder().threads(2).build_with_handles(|_, number: u32| number + 1)?;
    /// let handles: Vec<_> = (0..4).map(|number| pool.submit_with_handle(number).unwrap()).collect();
    /// let sum: u32 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    /// assert_eq!(sum, 10);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit_with_handle(&self, item: T) -> Result<ItemHandle<R>, SubmitError<T>> {
        let (request, handle) = Request::new(item);
        match self.submit(request) {
            Ok(_) => Ok(handle),
            Err(SubmitError(request)) => Err(SubmitError(request.into_inner())),
        }
    }
}
