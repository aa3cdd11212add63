//! Broadcasts: a closure that every thread of a pool calls once.

use crate::fork::spawn;
use crate::job::context::CarriedContext;
use crate::job::stack::StackJob;
use crate::pool::global;
use crate::pool::registry::{Registry, Worker};
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::unwind::{self, AbortOnUnwind};
use std::fmt;
use std::iter;
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread;

/// Runs `op` once on every thread of the current pool (outside one: the global pool) and returns the results, in the
/// order of the threads' indices.
///
/// Waits until all threads have run `op`. A thread runs it between two jobs, so one long job holds the broadcast up.
///
/// # Order
///
/// All threads of a pool begin its broadcasts in the same order, whichever function they come from: this one,
/// [`spawn_broadcast`], the methods of [`ThreadPool`](crate::ThreadPool) or those of a scope. So two broadcasts in which
/// the threads wait for each other do not get in each other's way. The exception is a thread that waits within
/// [`isolate`](crate::isolate()): there it begins only the broadcasts of the isolated call, before others that came
/// earlier.
///
/// # Panics
///
/// When all threads have run `op`, with the panic of the thread with the lowest index among those that panicked.
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
/// Broadcasts begin in the [same order](broadcast()#order) on all threads.
///
/// A panic in `op` goes to the pool's panic handler; without one it aborts the process. So does a panic in the drop of
/// `op`'s captures; the last thread to run `op` drops them.
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
    let outcomes = Waiter::with_current(|waiter| {
        // An isolated worker finds its own broadcast's job by this region.
        let region = waiter.region_of_call();
        let carried = CarriedContext::capture();
        let run = || {
            let _entered = carried.as_ref().map(CarriedContext::enter);
            BroadcastContext::with(&op)
        };
        let jobs: Vec<_> =
            (0..registry.num_threads()).map(|_| StackJob::new(region, Arc::clone(waiter.parker()), run)).collect();
        // Other threads point into this frame, and into the jobs, until all latches are open.
        let guard = AbortOnUnwind { because: "a panic escaped from a broadcast that waits for its threads" };
        // SAFETY: called once for each job; they stay where they are until all latches are open, just below, and
        // nothing in between unwinds.
        let job_refs: Vec<_> = jobs.iter().map(|job| unsafe { job.job_ref() }).collect();
        registry.post_to_all(&job_refs);
        let _listed = waits::list(Awaited::Broadcast(registry.number()));
        for job in &jobs {
            waiter.wait_until(&job.latch);
        }
        std::mem::forget(guard);
        // SAFETY: the latches are open, and each result is moved out once.
        jobs.into_iter().map(|job| unsafe { job.into_outcome() }).collect::<Vec<_>>()
    });
    match first_panic(outcomes) {
        Ok(results) => results,
        Err(payload) => {
            unwind::dispose(op);
            unwind::resume(payload)
        }
    }
}

/// All results, or the first panic. In that case the other outcomes are dropped here, because a destructor that panics
/// while the first panic unwinds would end the process.
fn first_panic<R>(outcomes: Vec<thread::Result<R>>) -> thread::Result<Vec<R>> {
    let mut results = Vec::with_capacity(outcomes.len());
    let mut outcomes = outcomes.into_iter();
    while let Some(outcome) = outcomes.next() {
        match outcome {
            Ok(result) => results.push(result),
            Err(payload) => {
                unwind::dispose_each(results);
                unwind::dispose_each(outcomes);
                return Err(payload);
            }
        }
    }
    Ok(results)
}

/// [`spawn_broadcast`] in a given pool.
pub(crate) fn spawn_broadcast_in<OP>(registry: &Registry, op: OP)
where
    OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
{
    registry.check_process();
    let job = |op| spawn::discardable(registry, None, share(op));
    let jobs: Vec<_> = iter::repeat_n(Arc::new(op), registry.num_threads()).map(job).collect();
    registry.post_to_all(&jobs);
}

/// One thread's job of a broadcast with a shared closure: it calls the closure, and gives up its reference. The last
/// job drops the closure. If both the call and the drop panic, the panic of the call goes on.
pub(super) fn share<OP>(op: Arc<OP>) -> impl FnOnce()
where
    OP: Fn(BroadcastContext<'_>),
{
    move || {
        let outcome = unwind::halt(|| BroadcastContext::with(&*op));
        // Caught, because a second panic during unwinding would end the process.
        if let Err(payload) = unwind::halt(|| drop(op)) {
            match outcome {
                Ok(()) => unwind::resume(payload),
                Err(_) => unwind::dispose(payload),
            }
        }
        outcome.unwrap_or_else(|payload| unwind::resume(payload))
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
    /// The context describes the calling thread, so it must not leave that thread.
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

    /// The number of threads that run the broadcast: all threads of the pool.
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
