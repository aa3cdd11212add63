//! What went wrong in a worker: a panic, an `init` that failed, an item that no worker began.

use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{self, Payload, resume};
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// An error of any kind, as [`try_init`](super::WorkerPoolBuilder::try_init) may return it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why there is no result, or why a worker was lost: a panic, an `init` that failed, or an item that no worker began.
///
/// [`Results`](super::Results), [`ItemHandle`](super::ItemHandle) and [`shutdown`](super::WorkerPool::shutdown) give
/// it. It can be passed on by `?` as any error. Its message names the thread, and the item by the number that `submit`
/// gave.
///
/// # Examples
///
/// ```
/// use paceline::workers::{Order, WorkerPool};
///
/// let (pool, mut results) = WorkerPool::builder()
///     .threads(1)
///     .name("divider")
///     .build_with_results(Order::Submission, |_, (a, b): (u32, u32)| a / b)?;
/// pool.submit((6, 3)).unwrap();
/// pool.submit((6, 0)).unwrap();
/// assert_eq!(results.next().unwrap().unwrap(), 2);
/// let error = results.next().unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "item 1 panicked on thread `divider-0`: attempt to divide by zero");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct WorkerError(Box<Failure>);

enum Failure {
    Panic {
        thread: ThreadName,
        during: Step,
        message: Option<String>,
        /// It is never locked; it makes the error `Sync`, as errors are expected to be.
        payload: Mutex<Quiet<Payload>>,
    },
    Init {
        thread: ThreadName,
        error: Quiet<BoxError>,
    },
    NotBegun,
}

/// One of the pool's threads.
#[derive(Clone)]
pub(crate) struct ThreadName {
    pub(crate) index: usize,
    pub(crate) name: String,
}

/// The closure of the user's that a worker was in.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// `work`, at the item of that number.
    Item(u64),
    Init,
    RenewIf,
}

impl WorkerError {
    pub(crate) fn panic(thread: &ThreadName, during: Step, payload: Payload) -> Self {
        let message = unwind::message(&*payload).map(str::to_owned);
        let payload = Mutex::new(Quiet::new(payload));
        WorkerError(Box::new(Failure::Panic { thread: thread.clone(), during, message, payload }))
    }

    pub(crate) fn init(thread: &ThreadName, error: BoxError) -> Self {
        WorkerError(Box::new(Failure::Init { thread: thread.clone(), error: Quiet::new(error) }))
    }

    pub(crate) fn not_begun() -> Self {
        WorkerError(Box::new(Failure::NotBegun))
    }

    /// The error of a pool that could not be built.
    pub(crate) fn into_io_error(self) -> io::Error {
        let kind = match &*self.0 {
            Failure::Init { error, .. } => error.downcast_ref().map(io::Error::kind),
            _ => None,
        };
        io::Error::new(kind.unwrap_or(io::ErrorKind::Other), self)
    }

    fn thread(&self) -> Option<&ThreadName> {
        match &*self.0 {
            Failure::Panic { thread, .. } | Failure::Init { thread, .. } => Some(thread),
            Failure::NotBegun => None,
        }
    }

    /// True if one of the pool's closures panicked. Then [`into_panic`](Self::into_panic) gives the payload.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert!(pool.shutdown().unwrap_err().is_panic());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_panic(&self) -> bool {
        matches!(*self.0, Failure::Panic { .. })
    }

    /// True if no worker began the item of an [`ItemHandle`](super::ItemHandle): it was taken back by
    /// [`shutdown_now`](super::WorkerPool::shutdown_now), or was dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::Request;
    ///
    /// let (request, handle) = Request::<u32, u32>::new(7);
    /// drop(request);
    /// assert!(handle.join().unwrap_err().is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.0, Failure::NotBegun)
    }

    /// The index of the worker. `None` if no worker began the item.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().worker(), Some(0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn worker(&self) -> Option<usize> {
        Some(self.thread()?.index)
    }

    /// The name of the worker's thread. `None` if no worker began the item.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = paceline::workers::WorkerPool::builder().threads(1).name("mailer");
    /// let pool = builder.build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().thread_name(), Some("mailer-0"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_name(&self) -> Option<&str> {
        Some(&self.thread()?.name)
    }

    /// The number that `submit` gave for the item that panicked; `None` if it was no item that did.
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
        match *self.0 {
            Failure::Panic { during: Step::Item(number), .. } => Some(number),
            _ => None,
        }
    }

    /// The panic's message. `None` if the payload is no text, or if this is no panic.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(pool.shutdown().unwrap_err().message(), Some("no"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn message(&self) -> Option<&str> {
        match &*self.0 {
            Failure::Panic { message, .. } => message.as_deref(),
            Failure::Init { .. } | Failure::NotBegun => None,
        }
    }

    /// The panic's payload, as [`std::thread::JoinHandle::join`] would return it.
    ///
    /// # Panics
    ///
    /// If this is no panic: see [`is_panic`](Self::is_panic).
    ///
    /// # Examples
    ///
    /// ```
    /// let work = |_: &mut (), item: u32| std::panic::panic_any(item);
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(work)?;
    /// pool.submit(5).unwrap();
    /// let payload = pool.shutdown().unwrap_err().into_panic();
    /// assert_eq!(payload.downcast_ref(), Some(&5_u32));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match *self.0 {
            Failure::Panic { payload, .. } => payload.into_inner().into_inner(),
            other => panic!("there is no panic's payload in the error \"{}\"", WorkerError(Box::new(other))),
        }
    }

    /// Goes on with the panic on this thread.
    ///
    /// # Panics
    ///
    /// Always: with the payload, or if this is no panic, with the error's message.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| panic!("no"))?;
    /// pool.submit(5).unwrap();
    /// if let Err(error) = pool.shutdown() {
    ///     error.resume();
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn resume(self) -> ! {
        match *self.0 {
            Failure::Panic { payload, .. } => resume(payload.into_inner().into_inner()),
            other => panic!("{}", WorkerError(Box::new(other))),
        }
    }
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failure::Panic { thread, during, message, .. } => {
                match during {
                    Step::Item(number) => write!(f, "item {number}")?,
                    Step::Init => f.write_str("init")?,
                    Step::RenewIf => f.write_str("renew_if")?,
                }
                write!(f, " panicked on thread `{}`", thread.name)?;
                message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
            }
            Failure::Init { thread, error } => write!(f, "init failed on thread `{}`: {}", thread.name, **error),
            Failure::NotBegun => f.write_str("the item was dropped or taken back before a worker began it"),
        }
    }
}

/// The message, for `unwrap` and for a `main` that returns the error.
impl fmt::Debug for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkerError({self})")
    }
}

// An error of `try_init` is only looked at; no code of this crate is cut short while it changes one.
impl UnwindSafe for WorkerError {}
impl RefUnwindSafe for WorkerError {}

impl Error for WorkerError {
    /// The error that `try_init` returned.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Failure::Init { error, .. } => Some(&***error),
            Failure::Panic { .. } | Failure::NotBegun => None,
        }
    }
}
