//! Limits of time that turn a hang into a failure, and pools whose threads are held up.

pub(crate) use crate::gate::WATCHDOG;
use crate::in_time::in_time;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Sender, channel};

/// Runs `f` on a thread of its own, and panics if it takes too long.
#[track_caller]
pub(crate) fn with_watchdog<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    in_time("the code under the watchdog", f)
}

pub(crate) fn pool_of(threads: usize) -> ThreadPool {
    // A panic that reaches the handler is one too many.
    let handler = |_| {
        eprintln!("a panic reached the panic handler");
        std::process::abort();
    };
    ThreadPoolBuilder::new().num_threads(threads).panic_handler(handler).build().unwrap()
}

/// A pool of one thread, which is held up until the sender is dropped or used: nothing begins meanwhile.
pub(crate) fn held_pool() -> (ThreadPool, Sender<()>) {
    let pool = pool_of(1);
    let (release, held) = channel::<()>();
    let (tell, told) = channel();
    pool.spawn(move || {
        tell.send(()).unwrap();
        let _ = held.recv_timeout(WATCHDOG);
    });
    told.recv_timeout(WATCHDOG).unwrap();
    (pool, release)
}
