//! The functions that make detached tasks.

use crate::fork::priority::Priority;
use crate::job::Region;
use crate::pool::global;
use crate::pool::registry::{Registry, Worker};
use crate::pool::thread_pool::ThreadPool;
use crate::task::body::{Closure, Polled, TaskBody};
use crate::task::head::{self, Regions};
use crate::task::home::InPool;
use crate::task::join_handle::JoinHandle;
use crate::task::record;

/// Spawns `func` into the current pool (outside one: the global pool), and returns a handle to its result.
///
/// As [`spawn`](crate::spawn), but with a result: `func` may borrow nothing but `'static` data (in a scope,
/// [`Scope::spawn_task`](crate::Scope::spawn_task) may), a thread runs the youngest of its own spawns first, and this
/// never blocks. It costs one allocation.
///
/// A panic in `func` is kept for the call that asks for the result. It does not reach the pool's panic handler: if the
/// handle was dropped, only the panic hook sees it.
///
/// # Examples
///
/// ```
/// let handle = paceline::spawn_task(|| (1..=20).product::<u64>());
/// // Something else meanwhile.
/// assert_eq!(handle.join().unwrap(), 2_432_902_008_176_640_000);
/// ```
pub fn spawn_task<F, T>(func: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    global::with_current_registry(|registry| detached(registry, Priority::Normal, Closure(func)))
}

/// Has the current pool (outside one: the global pool) poll `future` until it is ready, and returns a handle to its
/// result.
///
/// The future may be woken from any thread. Each wake is a job in the pool's queue, and between wakes the future costs
/// only its memory, of one allocation. There is no reactor: timers and sockets need one, such as a runtime's. For work
/// that never waits, [`spawn_task`] does the same with less.
///
/// A panic in the future is kept for the call that asks for the result, as that of a task is. A pool that has lost its
/// handle polls its futures until the last is ready, was cancelled, or cannot be woken any more. If a future cannot be
/// woken, and its handle was dropped, a thread of the pool drops it.
///
/// # Examples
///
/// ```
/// let price = paceline::spawn_task(|| 6);
/// let amount = paceline::spawn_task(|| 7);
/// let total = paceline::spawn_future(async { price.await.unwrap() * amount.await.unwrap() });
/// assert_eq!(total.join().unwrap(), 42);
/// ```
pub fn spawn_future<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    global::with_current_registry(|registry| detached(registry, Priority::Normal, Polled::new(future)))
}

/// As [`spawn_task`], with a priority: see [`spawn_with`](crate::spawn_with()).
///
/// # Examples
///
/// ```
/// use paceline::Priority;
///
/// let report = paceline::spawn_task_with(Priority::Low, || (1..=100).sum::<u32>());
/// let answer = paceline::spawn_task_with(Priority::High, || 42);
/// assert_eq!((answer.join().unwrap(), report.join().unwrap()), (42, 5050));
/// ```
pub fn spawn_task_with<F, T>(priority: Priority, func: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    global::with_current_registry(|registry| detached(registry, priority, Closure(func)))
}

/// As [`spawn_future`], with a priority, which each wake of the future has: see [`spawn_with`](crate::spawn_with()).
///
/// # Examples
///
/// ```
/// use paceline::Priority;
///
/// let answer = paceline::spawn_future_with(Priority::High, async { 42 });
/// assert_eq!(answer.join().unwrap(), 42);
/// ```
pub fn spawn_future_with<F>(priority: Priority, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    global::with_current_registry(|registry| detached(registry, priority, Polled::new(future)))
}

impl ThreadPool {
    /// [`spawn_task_with`](crate::spawn_task_with()) in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::Priority;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// // The only thread is in this call. It begins neither task before the call ends.
    /// let (low, high) = pool.install(|| {
    ///     let low = pool.spawn_task_with(Priority::Low, std::time::Instant::now);
    ///     (low, pool.spawn_task_with(Priority::High, std::time::Instant::now))
    /// });
    /// assert!(high.join().unwrap() <= low.join().unwrap());
    /// ```
    pub fn spawn_task_with<F, T>(&self, priority: Priority, func: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        detached(self.registry(), priority, Closure(func))
    }

    /// [`spawn_future_with`](crate::spawn_future_with()) in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::Priority;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// assert_eq!(pool.spawn_future_with(Priority::Low, async { 42 }).join().unwrap(), 42);
    /// ```
    pub fn spawn_future_with<F>(&self, priority: Priority, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        detached(self.registry(), priority, Polled::new(future))
    }

    /// [`spawn_task`](crate::spawn_task()) in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// assert_eq!(pool.spawn_task(paceline::current_num_threads).join().unwrap(), 2);
    /// ```
    pub fn spawn_task<F, T>(&self, func: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        detached(self.registry(), Priority::Normal, Closure(func))
    }

    /// [`spawn_future`](crate::spawn_future()) in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// let handle = pool.spawn_future(async { paceline::current_num_threads() });
    /// assert_eq!(handle.join().unwrap(), 2);
    /// ```
    pub fn spawn_future<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        detached(self.registry(), Priority::Normal, Polled::new(future))
    }
}

/// A task that keeps the pool going until it is done.
fn detached<B>(registry: &Registry, priority: Priority, body: B) -> JoinHandle<B::Output>
where
    B: TaskBody + Send + 'static,
    B::Output: Send + 'static,
{
    Worker::with_current(|worker| {
        let worker = worker.filter(|worker| registry.has(worker));
        if worker.is_none() {
            // If this were found out only in the queue, the pool would wait for the task for ever.
            registry.check_process();
        }
        registry.begin_detached();
        let home = InPool { registry: registry.keep(), class: priority.class() };
        let region = Region::fresh();
        let task = record::place(Regions { around: region, inside: region }, registry, body, home);
        // SAFETY: the state counts a reference for the handle, which is of the body's result type.
        let handle = unsafe { JoinHandle::new(task) };
        // SAFETY: the state counts a reference for the queue.
        let job = unsafe { head::job_of(task) };
        match worker {
            Some(worker) if priority == Priority::Normal => worker.push(job),
            _ => registry.push(job, priority.class()),
        }
        handle
    })
}
