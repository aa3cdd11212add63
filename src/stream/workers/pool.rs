//! `WorkerPool`: how to hand items in, and how the pool ends.

use super::builder::WorkerPoolBuilder;
use super::error::{SubmitError, SubmitTimeoutError, TrySubmitError};
use super::gate::Gate;
use super::panic::WorkerPanic;
use super::worker::is_employed_by;
use crate::sync::clock::Instant;
use crate::sync::lock::Mutex;
use crate::sync::{process, thread, unwind};
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

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
    shared: Arc<WorkersShared<T>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

/// The state that the pool's handle and its workers share.
#[derive(Debug)]
pub(crate) struct WorkersShared<T> {
    pub(crate) gate: Gate<T>,
    ledger: Mutex<Ledger>,
    /// The incarnation of the process that has the threads.
    incarnation: usize,
}

/// What the pool remembers of its workers.
#[derive(Debug)]
struct Ledger {
    /// The number of workers that have not ended.
    live: usize,
    /// The first panic that no result reports, until `shutdown` reports it.
    panic: Option<WorkerPanic>,
}

impl<T> WorkersShared<T> {
    pub(crate) fn new(threads: usize, capacity: usize) -> Arc<Self> {
        let ledger = Mutex::new(Ledger { live: threads, panic: None });
        Arc::new(WorkersShared { gate: Gate::new(capacity), ledger, incarnation: process::incarnation() })
    }

    /// Keeps a panic for `shutdown`, if it is the first.
    pub(crate) fn report(&self, panic: WorkerPanic) {
        let mut ledger = self.ledger.lock();
        if ledger.panic.is_none() {
            ledger.panic = Some(panic);
        } else {
            drop(ledger);
            drop(panic);
        }
    }

    /// A worker ends. The last one closes the pool: without workers no item would ever be taken.
    pub(crate) fn depart(&self) {
        let mut ledger = self.ledger.lock();
        ledger.live -= 1;
        let last = ledger.live == 0;
        drop(ledger);
        if last {
            self.gate.close();
        }
    }
}

/// # Panics
///
/// If this is not the process of that number: a forked child has no workers.
pub(crate) fn check_process(incarnation: usize) {
    assert!(
        incarnation == process::incarnation(),
        "the threads of this worker pool do not exist in the forked child {}: build a new pool in the child",
        process::id()
    );
}

impl WorkerPool<()> {
    /// Begins a pool, with everything at its default: see [`WorkerPoolBuilder`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().build(|_, line: String| println!("{line}"))?;
    /// pool.submit("from a worker".to_owned()).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder() -> WorkerPoolBuilder {
        WorkerPoolBuilder::new()
    }
}

impl<T> WorkerPool<T> {
    /// A pool without threads; they are added next.
    pub(crate) fn new(shared: Arc<WorkersShared<T>>) -> Self {
        WorkerPool { shared, threads: Mutex::new(Vec::new()) }
    }

    pub(crate) fn add_thread(&mut self, thread: thread::JoinHandle<()>) {
        self.threads.lock().push(thread);
    }

    /// Hands an item in; waits while the queue is full. Returns the item's number, which counts from 0.
    ///
    /// It waits for the workers, and so for the thread that takes the results: see
    /// [bounds](super#bounds). A worker that submits to its own pool could wait for itself; use
    /// [`try_submit`](Self::try_submit) there.
    ///
    /// # Errors
    ///
    /// If the pool is closed, or is closed while this waits; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().capacity(1).build(|_, _: &str| {})?;
    /// assert_eq!(pool.submit("first"), Ok(0));
    /// assert_eq!(pool.submit("second"), Ok(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit(&self, item: T) -> Result<u64, SubmitError<T>> {
        check_process(self.shared.incarnation);
        // Without a deadline there is no timeout.
        self.shared.gate.enter(item, None).map_err(|refused| SubmitError(refused.into_inner()))
    }

    /// Hands an item in if there is room in the queue; does not wait.
    ///
    /// # Errors
    ///
    /// If the queue is full or the pool is closed; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{TrySubmitError, WorkerPool};
    ///
    /// let pool = WorkerPool::builder().threads(1).capacity(2).build(|_, _: u32| {})?;
    /// match pool.try_submit(7) {
    ///     Ok(number) => assert_eq!(number, 0),
    ///     Err(TrySubmitError::Full(item)) => println!("dropping {item}: too busy"),
    ///     Err(TrySubmitError::Closed(item)) => println!("dropping {item}: too late"),
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_submit(&self, item: T) -> Result<u64, TrySubmitError<T>> {
        check_process(self.shared.incarnation);
        self.shared.gate.try_enter(item)
    }

    /// Hands an item in; waits while the queue is full, but not much longer than for `timeout`.
    ///
    /// # Errors
    ///
    /// If the queue stayed full, or the pool is closed or is closed meanwhile; the item is in the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
    /// assert_eq!(pool.submit_timeout(7, Duration::from_secs(60)), Ok(0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn submit_timeout(&self, item: T, timeout: Duration) -> Result<u64, SubmitTimeoutError<T>> {
        check_process(self.shared.incarnation);
        // A moment that no clock can show will not come.
        self.shared.gate.enter(item, Instant::now().checked_add(timeout))
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
        check_process(self.shared.incarnation);
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
        check_process(self.shared.incarnation);
        self.shared.gate.is_closed()
    }

    /// Closes the pool. Waits until all submitted items have been worked on and the threads have ended.
    ///
    /// It does not wait until results are taken; they stay. On one of the pool's own workers, which cannot wait for
    /// itself, it only closes.
    ///
    /// # Errors
    ///
    /// With the first panic that no [result](super::Results) reports: of `work` in a pool without results, of `init` if
    /// it was to make a state anew. It is reported once. If the pool has lost all its workers in this way,
    /// [`shutdown_now`](Self::shutdown_now) hands back the items that are left in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().build(|_, item: u32| assert_ne!(item, 4))?;
    /// for item in 0..10 {
    ///     pool.submit(item).unwrap();
    /// }
    /// let panic = pool.shutdown().unwrap_err();
    /// assert_eq!(panic.sequence(), Some(4));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown(&self) -> Result<(), WorkerPanic> {
        check_process(self.shared.incarnation);
        self.shared.gate.close();
        self.join();
        self.shared.ledger.lock().panic.take().map_or(Ok(()), Err)
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
        check_process(self.shared.incarnation);
        let items = self.shared.gate.close_and_clear();
        self.join();
        items
    }

    /// How many items wait to be begun.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(1).build(|_, _: u32| {})?;
    /// assert_eq!(pool.waiting(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn waiting(&self) -> usize {
        self.shared.gate.len()
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
    /// ended: by a panic of `init` after a panic of `work`, or because the pool is closed.
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
        check_process(self.shared.incarnation);
        self.shared.ledger.lock().live
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
        if self.shared.incarnation == process::incarnation() {
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
        let (waiting, capacity) = (self.waiting(), self.capacity());
        f.debug_struct("WorkerPool").field("waiting", &waiting).field("capacity", &capacity).finish_non_exhaustive()
    }
}
