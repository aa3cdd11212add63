//! `ThreadPool`: the handle of a pool. The layer above has its methods that run closures.

use crate::job::Region;
use crate::pool::registry::{Registry, Worker};
use crate::sync::thread::JoinHandle;
use crate::sync::unwind;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A pool of threads, separate from the global one.
///
/// Parallel calls inside [`install`](ThreadPool::install), at any depth, run on this pool's threads: `join`, scopes,
/// spawns, parallel iterators.
///
/// Dropping the handle never blocks. Spawned jobs still run; the threads end when the last job has ended. To wait for
/// that, call [`shutdown`](ThreadPool::shutdown); to have those that have not begun dropped,
/// [`shutdown_now`](ThreadPool::shutdown_now).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
/// let (a, b) = pool.install(|| paceline::join(|| 6 * 7, || "two halves"));
/// assert_eq!((a, b), (42, "two halves"));
/// # Ok(())
/// # }
/// ```
pub struct ThreadPool {
    registry: Arc<Registry>,
    /// The threads that std started for this pool, to be joined by `shutdown`.
    threads: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    pub(crate) fn from_parts(registry: Arc<Registry>, threads: Vec<JoinHandle<()>>) -> Self {
        ThreadPool { registry, threads }
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Waits until all spawned jobs have run, including the jobs that they spawned in turn, then joins the threads:
    /// when this returns, their exit handlers and thread-local destructors have run. (Threads started by a
    /// [`spawn_handler`](crate::ThreadPoolBuilder::spawn_handler) are the program's to join; this waits for the end of
    /// their [`ThreadBuilder::run`](crate::ThreadBuilder::run).)
    ///
    /// # Panics
    ///
    /// If it is called from a job of this pool, which would wait for itself, or in a forked child of the process that
    /// made the pool; in both cases before anything is ended. With the panic of a thread-local's destructor.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// static DONE: AtomicUsize = AtomicUsize::new(0);
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// for _ in 0..100 {
    ///     pool.spawn(|| {
    ///         DONE.fetch_add(1, Ordering::Relaxed);
    ///     });
    /// }
    /// pool.shutdown();
    /// assert_eq!(DONE.load(Ordering::Relaxed), 100);
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(self) {
        self.end(None, |_| ());
    }

    /// As [`shutdown`](ThreadPool::shutdown), but waits for at most about `timeout`. True if the threads have ended.
    ///
    /// Otherwise they go on with the spawned jobs, and end when those are done. The process does not wait for them. So a
    /// service can give its work some time to end, and leave.
    ///
    /// # Panics
    ///
    /// As [`shutdown`](ThreadPool::shutdown); and on the thread of
    /// [`use_current_thread`](crate::ThreadPoolBuilder::use_current_thread), which would have to run jobs meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// let (tell, told) = std::sync::mpsc::channel::<()>();
    /// pool.spawn(move || drop(told.recv()));
    /// assert!(!pool.shutdown_timeout(Duration::from_millis(10)), "its job waits for `tell`");
    /// # drop(tell);
    /// ```
    pub fn shutdown_timeout(self, timeout: Duration) -> bool {
        self.end(Some(timeout), |_| ())
    }

    /// Gives up the pool's handle, and waits for the threads to end, for at most about `limit`. True if they have ended.
    /// Before that it calls `begin`, unless it panics because the calling thread may not wait.
    pub(crate) fn end(mut self, limit: Option<Duration>, begin: impl FnOnce(&Registry)) -> bool {
        Worker::with_current(|worker| {
            let here = worker.filter(|worker| self.registry.has(worker));
            // A thread of `use_current_thread` is a worker without being in a job.
            assert!(
                here.is_none_or(|worker| self.registry.is_adopted(worker) && worker.region() == Region::NONE),
                "a shutdown of a ThreadPool was called from one of the pool's own jobs, which would wait for itself"
            );
            assert!(
                here.is_none() || limit.is_none(),
                "ThreadPool::shutdown_timeout was called on the thread of `use_current_thread`, which has to run the \
                 pool's jobs until they are done: call `shutdown`"
            );
            self.registry.check_process();
            begin(&self.registry);
            let threads = std::mem::take(&mut self.threads);
            let registry = Arc::clone(&self.registry);
            drop(self);
            if let Some(worker) = here {
                worker.wait_until(worker.shared().terminate());
            }
            if !registry.wait_for_exits(limit) {
                return false;
            }
            // The last standby thread was started before the pool ended.
            for thread in threads.into_iter().chain(registry.standby_threads().take_threads()) {
                if let Err(payload) = thread.join() {
                    unwind::resume(payload);
                }
            }
            true
        })
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.registry.end_detached();
        if !self.registry.belongs_to_this_process() {
            // The system's handles of threads that a forked child does not have; the system may have given them to
            // other threads by now.
            std::mem::forget(std::mem::take(&mut self.threads));
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("num_threads", &self.registry.num_threads())
            .field("id", &Arc::as_ptr(&self.registry))
            .finish()
    }
}
