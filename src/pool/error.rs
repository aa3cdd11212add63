//! The error of building a pool.

use std::error::Error;
use std::fmt;
use std::io;
use std::panic::Location;

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
    GlobalPoolAlreadyInitialized { made: GlobalOrigin },
    /// More threads were asked for than a pool can have on any system.
    TooManyThreads { asked: usize, most: usize },
    /// `use_current_thread` on a thread that is a pool's worker already.
    CurrentThreadAlreadyInPool,
    /// The system did not start the thread `index` of `of`.
    Thread { index: usize, of: usize, cause: io::Error },
}

/// What has made the global pool.
#[derive(Clone, Copy)]
pub(crate) enum GlobalOrigin {
    /// A call that needed it.
    FirstUse,
    /// The call of `build_global` at this place.
    BuildGlobal(&'static Location<'static>),
}

/// As `unwrap` and `expect` print it. rayon's programs compare what `Display` writes, and that there is no source.
impl fmt::Debug for GlobalOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GlobalOrigin::FirstUse => f.write_str("on first use, by a call that needed it before this one"),
            GlobalOrigin::BuildGlobal(place) => write!(f, "by build_global at {place}"),
        }
    }
}

impl ThreadPoolBuildError {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        ThreadPoolBuildError { kind }
    }
}

impl fmt::Display for ThreadPoolBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::GlobalPoolAlreadyInitialized { made } => {
                f.write_str("The global thread pool has already been initialized.")?;
                if f.alternate() { write!(f, " It was made {made:?}.") } else { Ok(()) }
            }
            ErrorKind::TooManyThreads { asked, most } => {
                write!(f, "num_threads: {asked} threads were asked for, but no pool has more than {most}")
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
            ErrorKind::GlobalPoolAlreadyInitialized { .. }
            | ErrorKind::TooManyThreads { .. }
            | ErrorKind::CurrentThreadAlreadyInPool => None,
        }
    }
}
