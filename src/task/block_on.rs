//! `block_on`: waits for a future in a thread, not in another future.

use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::pool::watchdog::watch;
use crate::task::signal::Signal;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Polls `future` on the calling thread until it is ready, and returns its output.
///
/// Between polls a thread of a pool works on what its own job has begun, and another thread works on other jobs in its place; a
/// future that has woken itself gives other jobs a turn before it is polled again. A thread outside all pools sleeps. So in a job
/// do not hold a lock across the call that other parts of the same loop or scope may want.
///
/// # Panics
///
/// With the future's panic.
///
/// # Examples
///
/// ```
/// let (one, other) = (paceline::spawn_task(|| 20), paceline::spawn_task(|| 22));
/// let sum = paceline::block_on(async { one.await.unwrap() + other.await.unwrap() });
/// assert_eq!(sum, 42);
/// ```
///
/// In a pool of one thread, a future that polls waits for a job:
///
/// ```
/// use std::future::poll_fn;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use std::task::Poll;
///
/// static IS_DONE: AtomicBool = AtomicBool::new(false);
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// pool.install(|| {
///     paceline::spawn(|| IS_DONE.store(true, Ordering::Release));
///     paceline::block_on(poll_fn(|context| {
///         if IS_DONE.load(Ordering::Acquire) {
///             return Poll::Ready(());
///         }
///         context.waker().wake_by_ref();
///         Poll::Pending
///     }));
/// });
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    Waiter::with_current(|waiter| {
        let signal = Arc::new(Signal::new(Arc::clone(waiter.parker())));
        let waker = Waker::from(Arc::clone(&signal));
        let mut context = Context::from_waker(&waker);
        loop {
            signal.reset();
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            watch::start_if_asked();
            let _listed = waits::list(Awaited::Future);
            // Without the turn, a future that has woken itself would keep other jobs from running for ever.
            waiter.wait_at_least_a_turn(&*signal);
        }
    })
}
