//! `TaskError`: why a task gave no result.

use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::thread;
use crate::sync::unwind::{self, Payload};
use std::any::Any;
use std::error::Error;
use std::fmt;

/// Why a task gave no result: it panicked, or it was cancelled.
///
/// It is an error like any other, which `?` passes on. A panic's payload can be taken out
/// ([`into_panic`](Self::into_panic)), or the panic can go on in the calling thread ([`resume`](Self::resume)).
///
/// # Examples
///
/// ```
/// fn total(prices: Vec<u32>) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
///     Ok(paceline::spawn_task(move || prices.into_iter().sum()).join()?)
/// }
/// assert_eq!(total(vec![2, 3]).unwrap(), 5);
///
/// let error = paceline::spawn_task(|| -> u32 { panic!("no such luck") }).join().unwrap_err();
/// assert!(error.is_panic());
/// assert_eq!(error.message(), Some("no such luck"));
/// assert!(error.to_string().ends_with(": no such luck"));
/// ```
pub struct TaskError(Option<Box<Panicked>>);

/// A panic; what has none was cancelled.
struct Panicked {
    message: Option<Box<str>>,
    thread: Option<Box<str>>,
    /// Nothing locks it: it makes the error `Sync`, as errors are expected to be.
    payload: Mutex<Quiet<Payload>>,
}

impl TaskError {
    pub(super) const CANCELLED: Self = TaskError(None);

    /// The panic that the calling thread has caught.
    #[cold]
    pub(super) fn of_panic(payload: Payload) -> Self {
        let message = unwind::message(&*payload).map(Box::from);
        let payload = Mutex::new(Quiet::new(payload));
        TaskError(Some(Box::new(Panicked { message, thread: thread::current_name(), payload })))
    }

    /// True if the task was cancelled before it was done, also by
    /// [`ThreadPool::shutdown_now`](crate::ThreadPool::shutdown_now).
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::spawn_future(std::future::pending::<()>());
    /// handle.cancel();
    /// let error = handle.join().unwrap_err();
    /// assert!(error.is_cancelled());
    /// assert_eq!(error.to_string(), "the task was cancelled");
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_none()
    }

    /// True if the task panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = paceline::spawn_task(|| panic!("no such luck")).join().unwrap_err();
    /// assert!(error.is_panic() && !error.is_cancelled());
    /// ```
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.0.is_some()
    }

    /// The panic's message; `None` if the task was cancelled, or if the payload is no text.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = paceline::spawn_task(|| panic!("{} riders", 7)).join().unwrap_err();
    /// assert_eq!(error.message(), Some("7 riders"));
    ///
    /// let error = paceline::spawn_task(|| std::panic::panic_any(7)).join().unwrap_err();
    /// assert_eq!(error.message(), None);
    /// ```
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.as_ref()?.message.as_deref()
    }

    /// The name of the thread on which the task panicked; `None` if the task was cancelled, or if the thread has no
    /// name.
    ///
    /// # Examples
    ///
    /// ```
    /// let name = |index| format!("loader-{index}");
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).thread_name(name).build().unwrap();
    /// let error = pool.spawn_task(|| panic!("no such luck")).join().unwrap_err();
    /// assert_eq!(error.thread_name(), Some("loader-0"));
    /// assert_eq!(error.to_string(), "the task panicked on thread `loader-0`: no such luck");
    /// ```
    #[must_use]
    pub fn thread_name(&self) -> Option<&str> {
        self.0.as_ref()?.thread.as_deref()
    }

    /// The panic's payload, as [`std::thread::JoinHandle::join`] would return it.
    ///
    /// # Errors
    ///
    /// With this error if the task was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = paceline::spawn_task(|| std::panic::panic_any(7)).join().unwrap_err();
    /// assert_eq!(error.try_into_panic().unwrap().downcast_ref(), Some(&7));
    /// ```
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, Self> {
        match self.0 {
            Some(panicked) => Ok(panicked.payload.into_inner().into_inner()),
            None => Err(self),
        }
    }

    /// As [`try_into_panic`](Self::try_into_panic), for an error that [is a panic](Self::is_panic).
    ///
    /// # Panics
    ///
    /// If the task was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = paceline::spawn_task(|| panic!("no such luck")).join().unwrap_err();
    /// assert_eq!(error.into_panic().downcast_ref(), Some(&"no such luck"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        self.try_into_panic().expect("into_panic was called on the error of a task that was cancelled")
    }

    /// Goes on with the task's panic on the calling thread, without a second message on stderr.
    ///
    /// # Panics
    ///
    /// Always: with the payload of the task's panic; if the task was cancelled, with a message that says so.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// let handle = paceline::spawn_task(|| panic!("no such luck"));
    /// handle.join().unwrap_or_else(|error| error.resume());
    /// ```
    #[track_caller]
    pub fn resume(self) -> ! {
        match self.try_into_panic() {
            Ok(payload) => unwind::resume(payload),
            Err(cancelled) => panic!("{cancelled}"),
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(panicked) = &self.0 else {
            return f.write_str("the task was cancelled");
        };
        f.write_str("the task panicked")?;
        if let Some(name) = &panicked.thread {
            write!(f, " on thread `{name}`")?;
        }
        match &panicked.message {
            Some(message) => write!(f, ": {message}"),
            None => f.write_str(", with a payload that is no text"),
        }
    }
}

/// As `unwrap` prints it.
impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("Cancelled"),
            Some(panicked) => f
                .debug_struct("Panicked")
                .field("message", &panicked.message)
                .field("thread", &panicked.thread)
                .finish_non_exhaustive(),
        }
    }
}

impl Error for TaskError {}
