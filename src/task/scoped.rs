//! Jobs of scopes that do not begin once a token is cancelled.

use crate::fork::scope::{Scope, ScopeFifo};
use crate::task::cancel::CancelToken;

impl<'scope> Scope<'scope> {
    /// As [`spawn`](Self::spawn), but a job that has not begun when `token` is cancelled never begins.
    ///
    /// Its closure is dropped: by this call if the token is cancelled already, else by the thread that would have run
    /// it. The scope waits for it as for all its jobs. A job that has begun runs to its end. Never blocks.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use paceline::CancelToken;
    ///
    /// let (token, tried) = (CancelToken::new(), AtomicUsize::new(0));
    /// paceline::scope(|s| {
    ///     for candidate in 0..1000 {
    ///         let (token, tried) = (&token, &tried);
    ///         s.spawn_with_cancel(token, move |_| {
    ///             tried.fetch_add(1, Ordering::Relaxed);
    ///             if candidate % 100 == 42 {
    ///                 token.cancel(); // Good enough.
    ///             }
    ///         });
    ///     }
    /// });
    /// assert!(token.is_cancelled());
    /// assert!((1..=1000).contains(&tried.into_inner()));
    /// ```
    pub fn spawn_with_cancel<BODY>(&self, token: &CancelToken, body: BODY)
    where
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        if token.is_cancelled() {
            return;
        }
        let token = token.clone();
        self.spawn(move |scope| {
            if !token.is_cancelled() {
                body(scope);
            }
        });
    }
}

impl<'scope> ScopeFifo<'scope> {
    /// As [`spawn_fifo`](Self::spawn_fifo), but a job that has not begun when `token` is cancelled never begins.
    ///
    /// Its closure is dropped as [`Scope::spawn_with_cancel`] says.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let (token, sum) = (paceline::CancelToken::new(), AtomicUsize::new(0));
    /// paceline::scope_fifo(|s| {
    ///     let part = token.child_token();
    ///     part.cancel();
    ///     s.spawn_fifo_with_cancel(&part, |_| _ = sum.fetch_add(1, Ordering::Relaxed));
    ///     s.spawn_fifo_with_cancel(&token, |_| _ = sum.fetch_add(10, Ordering::Relaxed));
    /// });
    /// assert_eq!(sum.into_inner(), 10);
    /// ```
    pub fn spawn_fifo_with_cancel<BODY>(&self, token: &CancelToken, body: BODY)
    where
        BODY: FnOnce(&ScopeFifo<'scope>) + Send + 'scope,
    {
        if token.is_cancelled() {
            return;
        }
        let token = token.clone();
        self.spawn_fifo(move |scope| {
            if !token.is_cancelled() {
                body(scope);
            }
        });
    }
}
