//! The report of a panic in a worker.

use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{Payload, resume};
use std::any::Any;
use std::error::Error;
use std::fmt;

/// A panic in a [`WorkerPool`](super::WorkerPool), with its payload.
///
/// # Examples
///
/// ```
/// use paceline::workers::{Order, WorkerPool};
///
/// let (pool, mut results) = WorkerPool::builder()
///     .threads(1)
///     .build_with_results(Order::Submission, |_, (a, b): (u32, u32)| a / b)?;
/// pool.submit((6, 3)).unwrap();
/// pool.submit((6, 0)).unwrap();
/// assert_eq!(results.next().unwrap().unwrap(), 2);
/// let panic = results.next().unwrap().unwrap_err();
/// assert_eq!(panic.to_string(), "item 1 panicked in worker 0: attempt to divide by zero");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WorkerPanic {
    worker: usize,
    sequence: Option<u64>,
    message: String,
    /// It is never locked; it makes the report `Sync`, as errors are expected to be.
    payload: Mutex<Quiet<Payload>>,
}

impl WorkerPanic {
    /// A panic of `work` at the item of that number, or of `init` if there is no number.
    pub(crate) fn new(worker: usize, sequence: Option<u64>, payload: Payload) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("a payload that is no text").to_owned();
        WorkerPanic { worker, sequence, message, payload: Mutex::new(Quiet::new(payload)) }
    }

    /// The index of the worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().worker(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn worker(&self) -> usize {
        self.worker
    }

    /// The number that `submit` gave for the item; `None` if `init` panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// let number = pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().sequence(), Some(number));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// The panic's message; if the payload is no text, a note that there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().message(), "no");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The payload, as [`std::thread::JoinHandle::join`] would return it.
    ///
    /// # Examples
    ///
    /// ```
    /// let work = |_: &mut (), item: u32| std::panic::panic_any(item);
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(work)?;
    /// pool.submit(5).unwrap();
    /// let payload = pool.shutdown().unwrap_err().into_payload();
    /// assert_eq!(payload.downcast_ref(), Some(&5_u32));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_payload(self) -> Box<dyn Any + Send + 'static> {
        self.payload.into_inner().into_inner()
    }

    /// Goes on with the panic on this thread.
    ///
    /// # Panics
    ///
    /// Always, with the payload.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// if let Err(panic) = pool.shutdown() {
    ///     panic.resume();
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn resume(self) -> ! {
        resume(self.into_payload())
    }
}

impl fmt::Display for WorkerPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worker, message, .. } = self;
        match self.sequence {
            Some(sequence) => write!(f, "item {sequence} panicked in worker {worker}: {message}"),
            None => write!(f, "init of worker {worker} panicked: {message}"),
        }
    }
}

impl Error for WorkerPanic {}
