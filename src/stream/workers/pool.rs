//! `WorkerPool`: how a pool is looked at, and how it ends.

use super::shared::WorkersShared;
use super::worker::is_employed_by;
use super::worker_error::WorkerError;
use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::{thread, unwind};
use std::fmt;
use std::mem;
use std::sync::Arc;

/// A bounded queue in front of threads that each have a state of their own.
///
/// The [module](super) describes it as a whole. A pool is shared by reference or in an [`Arc`]: all methods take
/// `&self`, also those that end it.
///
/// Dropping the pool is [`shutdown`](Self::shutdown) without a report: the workers first finish the submitted items,
/// and the drop waits for it. On one of the pool's own workers the drop does not wait, and the threads end by
/// themselves.
///
/// # Panics
///
/// In a forked child of the process that made the pool, the pool has no threads: calls that would wait for them panic
/// and say so. Dropping the pool there does nothing, and leaks its memory.
///
/// # Examples
///
/// ```
/// use paceline::workers::WorkerPool;
/// use std::sync::mpsc;
///
/// let (log, lines) = mpsc::channel();
/// let pool = WorkerPool::builder()
///     .threads(2)
///     .capacity(8)
///     .init(move |worker| (worker, log.clone()))
///     .build(|(worker, log), name: &str| {
///         log.send(format!("{name} from {worker}")).expect("the receiver is alive");
///     })?;
/// for name in ["ada", "grace", "barbara"] {
///     pool.submit(name).expect("the pool is open");
/// }
/// pool.shutdown().expect("no panic");
/// drop(pool);
/// assert_eq!(lines.iter().count(), 3);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct WorkerPool<T> {
    pub(super) shared: Arc<WorkersShared<T>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl<T> WorkerPool<T> {
    /// A pool without threads; they are added next.
    pub(crate) fn new(shared: Arc<WorkersShared<T>>) -> Self {
        WorkerPool { shared, threads: Mutex::new(Vec::new()) }
    }

    pub(crate) fn add_thread(&mut self, thread: thread::JoinHandle<()>) {
        self.threads.lock().push(thread);
    }

    /// Closes the pool: it takes no more items, and still works on those that were submitted. Does not wait.
    ///
    /// Threads that wait in [`submit`](Self::submit) get their items back. The pool's threads end when the queue is
    /// empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// let builder = WorkerPool::builder().threads(2);
    /// let (pool, results) = builder.build_with_results(Order::Submission, |_, number: u32| number + 1)?;
    /// pool.submit(1).unwrap();
    /// pool.close();
    /// assert!(pool.submit(2).is_err());
    /// assert_eq!(results.count(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.shared.check_process();
        self.shared.gate.close();
    }

    /// True if the pool takes no more items: it was closed, or has lost its last worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
    /// assert!(!pool.is_closed());
    /// pool.close();
    /// assert!(pool.is_closed());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shared.check_process();
        self.shared.gate.is_closed()
    }

    /// Closes the pool. Waits until all submitted items have been worked on and the threads have ended.
    ///
    /// It does not wait until results are taken; they stay. On one of the pool's own workers, which cannot wait for
    /// itself, it only closes.
    ///
    /// # Errors
    ///
    /// With the first error that no [result](super::Results) and no [handle](super::ItemHandle) reports: a panic of
    /// `work`, in a pool without results; an `init` that panicked or failed when it was to make a state anew; a panic
    /// of `renew_if`. It is reported once. If the pool has lost all its workers, [`shutdown_now`](Self::shutdown_now)
    /// hands back the items that were left in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().build(|_, item: u32| assert_ne!(item, 4))?;
    /// for item in 0..10 {
    ///     pool.submit(item).unwrap();
    /// }
    /// let error = pool.shutdown().unwrap_err();
    /// assert_eq!(error.sequence(), Some(4));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown(&self) -> Result<(), WorkerError> {
        self.shared.check_process();
        self.shared.gate.close();
        self.join();
        self.shared.reported()
    }

    /// Closes the pool, takes back the items that no worker has begun, waits until the threads have ended, and returns
    /// those items in order.
    ///
    /// Items that have begun are finished. If another thread is in [`shutdown`](Self::shutdown), this cuts that short.
    /// On one of the pool's own workers it does not wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (done, begun_and_done) = mpsc::channel();
    /// let work = move |_: &mut (), item: u32| done.send(item).expect("the receiver is in main");
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).capacity(10).build(work)?;
    /// for item in 0..10 {
    ///     pool.submit(item).unwrap();
    /// }
    /// let left = pool.shutdown_now();
    /// let all: Vec<u32> = begun_and_done.try_iter().chain(left).collect();
    /// assert_eq!(all, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use = "these items were not worked on"]
    pub fn shutdown_now(&self) -> Vec<T> {
        self.shared.check_process();
        let items = self.shared.close_and_take_back();
        self.join();
        let left = self.shared.left();
        items.into_iter().chain(left).map(Quiet::into_inner).collect()
    }

    /// How many items wait to be begun.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// let (go, gone) = mpsc::channel::<()>();
    /// let (begin, begun) = mpsc::channel();
    /// let gone = std::sync::Mutex::new(gone);
    /// let work = move |_: &mut (), _: u32| {
    ///     begin.send(()).unwrap();
    ///     let _ = gone.lock().unwrap().recv();
    /// };
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).capacity(2).build(work)?;
    /// pool.submit(1).unwrap();
    /// begun.recv().unwrap();
    /// assert_eq!(pool.len(), 0);
    /// pool.submit(2).unwrap();
    /// assert_eq!(pool.len(), 1);
    /// # drop(go);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.shared.gate.len()
    }

    /// True if no item waits to be begun. Workers may still be at work.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
    /// assert!(pool.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items can wait, as set in the builder.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().capacity(5).build(|_, _: u32| {})?;
    /// assert_eq!(pool.capacity(), 5);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.shared.gate.capacity()
    }

    /// How many workers there are: as many as set in the builder, less those that have
    /// ended: because their state could not be made anew, or because the pool is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(3).build(|_, _: u32| {})?;
    /// assert_eq!(pool.threads(), 3);
    /// pool.shutdown().unwrap();
    /// assert_eq!(pool.threads(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn threads(&self) -> usize {
        self.shared.check_process();
        self.shared.live()
    }

    /// Waits for the threads of a closed pool; not on one of them.
    fn join(&self) {
        if is_employed_by(&self.shared) {
            return;
        }
        // It stays locked: a second caller waits for the first, and returns when the threads have ended too.
        for thread in self.threads.lock().drain(..) {
            // A worker catches the panics of all that it calls. Any other panic has been reported by the panic hook.
            unwind::dispose(thread.join());
        }
    }
}

impl<T> Drop for WorkerPool<T> {
    fn drop(&mut self) {
        if self.shared.is_here() {
            self.shared.gate.close();
            self.join();
        } else {
            // At the fork the workers may have held the locks of the shared state. And the system may have given the
            // identifiers of the parent's threads to other threads by now.
            mem::forget(Arc::clone(&self.shared));
            mem::forget(mem::take(self.threads.get_mut()));
        }
    }
}

impl<T> fmt::Debug for WorkerPool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, capacity) = (self.len(), self.capacity());
        f.debug_struct("WorkerPool").field("len", &len).field("capacity", &capacity).finish_non_exhaustive()
    }
}
