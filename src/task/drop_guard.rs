//! `DropGuard`: cancels a token at the end of a block.

use crate::task::cancel::CancelToken;
use std::fmt;

/// Cancels a token when it is dropped, also by a panic or an early `return`; made by [`CancelToken::drop_guard`].
///
/// # Examples
///
/// ```
/// let token = paceline::CancelToken::new();
/// {
///     let _guard = token.clone().drop_guard();
///     assert!(!token.is_cancelled());
/// }
/// assert!(token.is_cancelled());
/// ```
#[must_use = "dropping it cancels the token"]
pub struct DropGuard {
    /// `None` once it is disarmed.
    token: Option<CancelToken>,
}

impl CancelToken {
    /// Has the token cancelled when the returned guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::CancelToken;
    ///
    /// fn first_line(text: &str, others: CancelToken) -> Option<&str> {
    ///     // However this function ends, the others need not go on.
    ///     let _guard = others.drop_guard();
    ///     let line = text.lines().next()?;
    ///     Some(line.trim())
    /// }
    ///
    /// let token = CancelToken::new();
    /// assert_eq!(first_line("", token.clone()), None);
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self) }
    }
}

impl DropGuard {
    /// Gives the token back, and does not cancel it.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = paceline::CancelToken::new().drop_guard().disarm();
    /// assert!(!token.is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancelToken {
        self.token.take().expect("only this call takes it, and ends the guard")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = self.token.take() {
            token.cancel();
        }
    }
}

impl fmt::Debug for DropGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DropGuard").field(&self.token).finish()
    }
}
