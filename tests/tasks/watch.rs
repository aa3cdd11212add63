//! Limits of time that turn a hang into a failure, and pools whose threads are held up.

use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

/// Runs `f` on a thread of its own, and panics if it takes too long.
#[track_caller]
pub(crate) fn watched<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let (tell, told) = channel();
    let thread = thread::spawn(move || tell.send(f()).expect("somebody watches"));
    match told.recv_timeout(WATCHDOG) {
        Ok(result) => result,
        Err(RecvTimeoutError::Disconnected) => resume_unwind(thread.join().unwrap_err()),
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
    }
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
