//! Threads: std's, or loom's under the model checker.

#[cfg(not(loom))]
pub(crate) use std::thread::{Thread, current, park, park_timeout};

#[cfg(loom)]
pub(crate) use self::model::{Thread, current, park, park_timeout};

// Threads with a name and a stack size are made only outside models.
pub(crate) use std::thread::{Builder, JoinHandle, available_parallelism, scope};

/// Park and unpark with a token for each thread, as std's have it; once in a thread's life `park` may return for no
/// reason.
///
/// loom's own `unpark` (0.7.2) makes runnable whatever thread is blocked, also one that waits for a mutex, and passes
/// its memory on to the other thread at once, whether that one takes the token or not; and its `park` never returns for
/// no reason.
#[cfg(loom)]
mod model {
    use loom::sync::Notify;
    use std::sync::Arc;

    loom::thread_local! {
        static TOKEN: Arc<Notify> = Arc::new(Notify::new());
    }

    #[derive(Debug, Clone)]
    pub(crate) struct Thread(Arc<Notify>);

    impl Thread {
        pub(crate) fn unpark(&self) {
            self.0.notify();
        }
    }

    pub(crate) fn current() -> Thread {
        Thread(TOKEN.with(Arc::clone))
    }

    pub(crate) fn park() {
        TOKEN.with(Arc::clone).wait();
    }

    /// In a model all times are over at once.
    pub(crate) fn park_timeout(_: std::time::Duration) {
        loom::thread::yield_now();
    }
}
