//! `WaitForCancellation`: a future that is ready when a token is cancelled.

use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use crate::task::cancel::{CancelToken, Registration};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

#[cfg(all(test, loom))]
mod loom;

/// A future that is ready when a token is cancelled; made by [`CancelToken::cancelled`].
///
/// # Examples
///
/// ```
/// let token = paceline::CancelToken::new();
/// let copy = token.clone();
/// let waits = paceline::spawn_future(async move { copy.cancelled().await });
/// token.cancel();
/// waits.join().unwrap();
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct WaitForCancellation {
    token: CancelToken,
    /// The waker of the last poll, and the call that wakes it. `None` before the first poll.
    sleeper: Option<(Arc<Mutex<WakerPlace>>, Registration)>,
}

/// `None` once it is woken.
type WakerPlace = Option<Quiet<Waker>>;

impl CancelToken {
    /// A future that is ready when the token is cancelled. It needs no particular runtime.
    ///
    /// Any number of futures may wait for a token. Dropping one is all that it takes to give up the wait.
    ///
    /// # Examples
    ///
    /// Whichever comes first:
    ///
    /// ```
    /// use std::future::{Future, poll_fn};
    /// use std::pin::pin;
    /// use std::task::Poll;
    ///
    /// /// `None` if the token is cancelled before the answer has come.
    /// async fn unless_cancelled<T>(token: &paceline::CancelToken, answer: impl Future<Output = T>) -> Option<T> {
    ///     let (mut answer, mut cancelled) = (pin!(answer), token.cancelled());
    ///     poll_fn(|context| match answer.as_mut().poll(context) {
    ///         Poll::Ready(answer) => Poll::Ready(Some(answer)),
    ///         Poll::Pending => pin!(&mut cancelled).poll(context).map(|()| None),
    ///     })
    ///     .await
    /// }
    ///
    /// let token = paceline::CancelToken::new();
    /// assert_eq!(paceline::block_on(unless_cancelled(&token, async { 42 })), Some(42));
    /// token.cancel();
    /// assert_eq!(paceline::block_on(unless_cancelled(&token, std::future::pending::<u8>())), None);
    /// ```
    pub fn cancelled(&self) -> WaitForCancellation {
        WaitForCancellation { token: self.clone(), sleeper: None }
    }
}

impl Future for WaitForCancellation {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.token.is_cancelled() {
            self.sleeper = None;
            return Poll::Ready(());
        }
        // Code of other crates makes and drops wakers, so neither is done under the lock.
        let waker = Quiet::new(context.waker().clone());
        match &self.sleeper {
            Some((place, _)) => {
                let last = place.lock().replace(waker);
                drop(last);
            }
            None => {
                let place = Arc::new(Mutex::new(Some(waker)));
                let call = {
                    let place = Arc::clone(&place);
                    move || {
                        let waker = place.lock().take();
                        if let Some(waker) = waker {
                            // A panic of the waker does not concern the token.
                            unwind::dispose(unwind::halt(|| waker.into_inner().wake()));
                        }
                    }
                };
                let registration = self.token.on_cancel(call);
                self.sleeper = Some((place, registration));
            }
        }
        // The token may have been cancelled since, and the waker of the last poll woken.
        if self.token.is_cancelled() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl fmt::Debug for WaitForCancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellation").field("token", &self.token).finish_non_exhaustive()
    }
}
