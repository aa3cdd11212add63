//! Tokens that are cancelled at a given time.

use crate::sync::clock::{Deadline, left_until};
use crate::task::cancel::CancelToken;
use crate::task::timer;
use std::time::Duration;

impl CancelToken {
    /// Makes a [child](Self::child_token) that is also cancelled when `timeout` has passed.
    ///
    /// A thread of this crate cancels it, some tens of microseconds late on an idle machine. That thread serves all
    /// timeouts of the process. It exists while there are any, and for some seconds afterwards. When the last copy of
    /// the child is dropped, its timeout is forgotten. The timeouts of a parent process do not come in a forked child.
    ///
    /// # Panics
    ///
    /// If the system does not start that thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::CancelToken;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    /// use std::time::Duration;
    ///
    /// let request = CancelToken::new();
    /// let in_time = request.with_timeout(Duration::from_millis(10));
    /// // A search without an end.
    /// let found = (0..u64::MAX).into_par_iter().with_cancel(&in_time).find_any(|&n| n == u64::MAX - 1);
    /// assert_eq!(found, None);
    /// assert!(in_time.is_cancelled() && !request.is_cancelled());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let child = self.child_token();
        let cancel = child.canceller();
        child.keep(timer::after(timeout, cancel));
        child
    }

    /// As [`with_timeout`](Self::with_timeout), at the given time. If that has passed the child is cancelled at once.
    ///
    /// # Panics
    ///
    /// As [`with_timeout`](Self::with_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let late = paceline::CancelToken::new().with_deadline(Instant::now());
    /// assert!(late.is_cancelled());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_deadline(&self, deadline: Deadline) -> Self {
        let left = left_until(deadline);
        if left.is_zero() {
            let child = self.child_token();
            child.cancel();
            return child;
        }
        self.with_timeout(left)
    }
}
