//! The error of building a pool.

use std::error::Error;
use std::fmt;
use std::io;

/// The reason why [`ThreadPoolBuilder::build`](crate::ThreadPoolBuilder::build) or a related function could not make a
/// pool.
///
/// Threads that had been started already have been told to end.
///
/// # Examples
///
/// ```
/// use std::error::Error;
/// use std::io;
///
/// let refused = paceline::ThreadPoolBuilder::new().num_threads(4).spawn_handler(|_| Err(io::Error::other("too hot"))).build();
/// let error = refused.unwrap_err();
/// assert_eq!(error.to_string(), "could not start thread 1 of 4: too hot");
/// assert!(error.source().is_some_and(|cause| cause.is::<io::Error>()));
/// ```
#[derive(Debug)]
pub struct ThreadPoolBuildError {
    pub(crate) kind: ErrorKind,
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// `build_global` came after the global pool was made.
    GlobalPoolAlreadyInitialized,
    /// `use_current_thread` on a thread that is a pool's worker already.
    CurrentThreadAlreadyInPool,
    /// The system did not start the thread `index` of `of`.
    Thread { index: usize, of: usize, cause: io::Error },
}

impl ThreadPoolBuildError {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        ThreadPoolBuildError { kind }
    }
}

impl fmt::Display for ThreadPoolBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::GlobalPoolAlreadyInitialized => {
                f.write_str("The global thread pool has already been initialized.")
            }
            ErrorKind::CurrentThreadAlreadyInPool => {
                f.write_str("use_current_thread: the current thread is already part of a thread pool")
            }
            ErrorKind::Thread { index, of, cause } => {
                write!(f, "could not start thread {} of {of}: {cause}", index + 1)
            }
        }
    }
}

impl Error for ThreadPoolBuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ErrorKind::Thread { cause, .. } => Some(cause),
            ErrorKind::GlobalPoolAlreadyInitialized | ErrorKind::CurrentThreadAlreadyInPool => None,
        }
    }
}
