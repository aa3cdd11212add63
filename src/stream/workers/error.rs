//! The reasons why an item was not taken; each error hands the item back.

use std::error::Error;
use std::fmt;

/// [`submit`](super::WorkerPool::submit) failed because the pool is closed; the item is in here.
///
/// # Examples
///
/// ```
/// use paceline::workers::{SubmitError, WorkerPool};
///
/// let pool = WorkerPool::builder().threads(1).build(|_, _: &str| {})?;
/// pool.close();
/// let SubmitError(item) = pool.submit("late").unwrap_err();
/// assert_eq!(item, "late");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubmitError<T>(pub T);

/// Why [`try_submit`](super::WorkerPool::try_submit) did not take an item; it contains the item.
///
/// # Examples
///
/// ```
/// use paceline::workers::{TrySubmitError, WorkerPool};
///
/// let pool = WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
/// pool.close();
/// assert_eq!(pool.try_submit(7), Err(TrySubmitError::Closed(7)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySubmitError<T> {
    /// As many items wait as the pool has capacity for.
    Full(T),
    /// The pool is closed.
    Closed(T),
}

/// Why [`submit_timeout`](super::WorkerPool::submit_timeout) did not take an item; it contains the item.
///
/// # Examples
///
/// ```
/// use paceline::workers::{SubmitTimeoutError, WorkerPool};
/// use std::time::Duration;
///
/// let pool = WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
/// pool.close();
/// let refused = pool.submit_timeout(7, Duration::from_secs(1)).unwrap_err();
/// assert_eq!(refused, SubmitTimeoutError::Closed(7));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SubmitTimeoutError<T> {
    /// The queue stayed full for all that time.
    Timeout(T),
    /// The pool is closed.
    Closed(T),
}

impl<T> SubmitError<T> {
    /// The item.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(paceline::workers::SubmitError(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> TrySubmitError<T> {
    /// The item.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(paceline::workers::TrySubmitError::Full(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }
}

impl<T> SubmitTimeoutError<T> {
    /// The item.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(paceline::workers::SubmitTimeoutError::Timeout(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(item) | Self::Closed(item) => item,
        }
    }
}

/// The message for a closed pool.
const CLOSED: &str = "the worker pool is closed";

impl<T> fmt::Display for SubmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl<T> fmt::Display for TrySubmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the worker pool's queue is full",
            Self::Closed(_) => CLOSED,
        })
    }
}

impl<T> fmt::Display for SubmitTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout(_) => "the worker pool's queue stayed full until the time was over",
            Self::Closed(_) => CLOSED,
        })
    }
}

// Items need not be `Debug`, so that every result can be unwrapped.

impl<T> fmt::Debug for SubmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubmitError(..)")
    }
}

impl<T> fmt::Debug for TrySubmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Debug for SubmitTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout(_) => "Timeout(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> Error for SubmitError<T> {}
impl<T> Error for TrySubmitError<T> {}
impl<T> Error for SubmitTimeoutError<T> {}
