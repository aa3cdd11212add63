//! `Cancelled`: the error of work that was cancelled before its end.

use std::error::Error;
use std::fmt;

/// The payload of the `Err` that a cancelled task gives, in place of a panic's payload.
///
/// # Examples
///
/// ```
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// let result = pool.install(|| {
///     let handle = paceline::spawn_task(|| 42);
///     handle.cancel();
///     handle.join()
/// });
/// assert!(result.unwrap_err().is_cancelled());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was cancelled")
    }
}

impl Error for Cancelled {}
