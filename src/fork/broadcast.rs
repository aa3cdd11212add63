//! Broadcasts: something that every thread of a pool does once.

use crate::job::Region;
use crate::job::heap::HeapJob;
use crate::job::stack::StackJob;
use crate::pool::global;
use crate::pool::handlers::Detached;
use crate::pool::registry::Registry;
use crate::pool::waiter::Waiter;
use crate::pool::worker::Worker;
use crate::sync::unwind;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Runs `op` once on every thread of the current pool (outside one: the global pool) and returns the results, in the
/// order of the threads' indices.
///
/// Waits until all have run it. A thread does so when it is between two jobs, so one long job holds the broadcast up.
///
/// # Panics
///
/// With `op`'s panic, on the thread with the lowest index that panicked, when all have run.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(4).build()?;
/// let squares = pool.broadcast(|context| context.index() * context.index());
/// assert_eq!(squares, [0, 1, 4, 9]);
/// # Ok(())
/// # }
/// ```
pub fn broadcast<OP, R>(op: OP) -> Vec<R>
where
    OP: Fn(BroadcastContext<'_>) -> R + Sync,
    R: Send,
{
    global::with_current_registry(|registry| broadcast_in(registry, op))
}

/// Has `op` run once on every thread of the current pool (outside one: the global pool), and does not wait for it.
///
/// A panic in `op` goes to the pool's panic handler; without one it aborts the process.
///
/// # Examples
///
/// ```
/// let (tell, told) = std::sync::mpsc::channel();
/// paceline::spawn_broadcast(move |context| tell.send(context.index()).unwrap());
/// assert_eq!(told.iter().count(), paceline::current_num_threads());
/// ```
pub fn spawn_broadcast<OP>(op: OP)
where
    OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
{
    global::with_current_registry(|registry| spawn_broadcast_in(registry, op));
}

/// [`broadcast`] in a given pool.
pub(crate) fn broadcast_in<OP, R>(registry: &Registry, op: OP) -> Vec<R>
where
    OP: Fn(BroadcastContext<'_>) -> R + Sync,
    R: Send,
{
    registry.check_process();
    Waiter::with_current(|waiter| {
        // A worker that is isolated finds by it what its own broadcast has left for it.
        let region = waiter.region_of_call();
        let run = || BroadcastContext::with(&op);
        let jobs: Vec<_> =
            (0..registry.num_threads()).map(|_| StackJob::new(region, Arc::clone(waiter.parker()), run)).collect();
        for (index, job) in jobs.iter().enumerate() {
            // SAFETY: called once for each job; they stay where they are until all latches are open, just below, and
            // nothing in between unwinds.
            let job = unsafe { job.job_ref() };
            registry.post(index, job);
        }
        for job in &jobs {
            waiter.wait_until(&job.latch);
        }
        // SAFETY: the latches are open, and each result is moved out once.
        let results: Vec<_> = jobs.into_iter().map(|job| unsafe { job.into_outcome() }).collect();
        results.into_iter().map(|result| result.unwrap_or_else(|payload| unwind::resume(payload))).collect()
    })
}

/// [`spawn_broadcast`] in a given pool.
pub(crate) fn spawn_broadcast_in<OP>(registry: &Registry, op: OP)
where
    OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
{
    registry.check_process();
    let op = Arc::new(op);
    for index in 0..registry.num_threads() {
        registry.begin_detached();
        let op = Arc::clone(&op);
        let run = move || {
            Worker::with_current(|worker| {
                let registry = worker.expect("a posted job runs on its worker").registry();
                registry.handlers().catch(Detached::Spawn, || BroadcastContext::with(|context| op(context)));
                registry.end_detached();
            });
        };
        // SAFETY: queues hand a job out once; the closure borrows nothing.
        let job = unsafe { HeapJob::place(Region::fresh(), None, run) };
        registry.post(index, job);
    }
}

/// Tells a broadcast closure which of the pool's threads it runs on.
///
/// # Examples
///
/// ```
/// use paceline::BroadcastContext;
///
/// let words = ["a", "row", "of", "riders", "taking", "turns"];
/// let count_share = |context: BroadcastContext<'_>| -> usize {
///     words.iter().skip(context.index()).step_by(context.num_threads()).map(|word| word.len()).sum()
/// };
/// let letters: usize = paceline::broadcast(count_share).into_iter().sum();
/// assert_eq!(letters, 23);
/// ```
pub struct BroadcastContext<'a> {
    worker: &'a Worker,
    /// What it says holds on this thread only, so it must not leave it.
    not_send: PhantomData<&'a mut dyn Fn()>,
}

impl BroadcastContext<'_> {
    /// Calls `f` with the context of the calling worker.
    pub(crate) fn with<R>(f: impl FnOnce(BroadcastContext<'_>) -> R) -> R {
        Worker::with_current(|worker| {
            let worker = worker.expect("broadcasts run on workers");
            f(BroadcastContext { worker, not_send: PhantomData })
        })
    }

    /// The index of the thread in its pool, from 0.
    ///
    /// # Examples
    ///
    /// ```
    /// let indices = paceline::broadcast(|context| context.index());
    /// assert!(indices.into_iter().eq(0..paceline::current_num_threads()));
    /// ```
    #[inline]
    pub fn index(&self) -> usize {
        self.worker.index()
    }

    /// How many threads run the broadcast: all of the pool's.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// assert_eq!(pool.broadcast(|context| context.num_threads()), [2, 2]);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn num_threads(&self) -> usize {
        self.worker.registry().num_threads()
    }
}

impl fmt::Debug for BroadcastContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastContext")
            .field("index", &self.index())
            .field("num_threads", &self.num_threads())
            .finish_non_exhaustive()
    }
}
