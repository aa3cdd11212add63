//! `Cancelled`: the error of work that was cancelled before its end.

use std::error::Error;
use std::fmt;

/// The error of work that a [`CancelToken`](crate::CancelToken) has stopped before its end.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
/// use paceline::{CancelToken, Cancelled};
///
/// fn lengths(words: &[&str], request: &CancelToken) -> Result<Vec<usize>, Cancelled> {
///     words.par_iter().map(|word| word.len()).collect_unless_cancelled(request)
/// }
/// let request = CancelToken::new();
/// assert_eq!(lengths(&["row", "of"], &request), Ok(vec![3, 2]));
/// request.cancel();
/// assert!(lengths(&["row", "of"], &request).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the work was cancelled")
    }
}

impl Error for Cancelled {}
