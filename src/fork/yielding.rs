//! Yielding to other jobs, and queries about the current thread and pool.

use crate::pool::global;
use crate::pool::registry::Worker;

/// The outcome of [`yield_now`] or [`yield_local`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// use paceline::Yield;
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
/// let jobs = pool.install(|| {
///     for _ in 0..3 {
///         paceline::spawn(|| ());
///     }
///     // Runs the job that would otherwise run after this closure.
///     std::iter::from_fn(paceline::yield_local).take_while(|&came| came == Yield::Executed).count()
/// });
/// assert_eq!(jobs, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// A job was run.
    Executed,
    /// There was none to run.
    Idle,
}

/// Runs one job of the current pool, if there is one, and returns whether there was; `None` outside a pool.
///
/// For a loop that polls: other jobs make progress in place of spinning. The call may take as long as any waiting job.
/// The job, whichever it is, runs on top of the caller: if it waits for something that the caller does only afterwards,
/// by a [`JoinHandle`](crate::JoinHandle) say, it waits for ever. (A caller from outside that works in the place of a
/// sleeping thread runs a part of its own call, or lets another thread run one job in its place.)
///
/// # Examples
///
/// ```
/// use paceline::Yield;
///
/// assert_eq!(paceline::yield_now(), None);
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// pool.install(|| {
///     paceline::spawn(|| ());
///     assert_eq!(paceline::yield_now(), Some(Yield::Executed));
/// });
/// ```
pub fn yield_now() -> Option<Yield> {
    Worker::with_current(|worker| Some(to_any(worker?)))
}

/// As [`yield_now`], but looks only at the calling thread's own jobs: those that it has spawned, forked or stolen, and
/// broadcasts.
///
/// # Examples
///
/// ```
/// use paceline::Yield;
///
/// assert_eq!(paceline::yield_local(), None);
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// assert_eq!(pool.install(paceline::yield_local), Some(Yield::Idle));
/// ```
pub fn yield_local() -> Option<Yield> {
    Worker::with_current(|worker| Some(to_own(worker?)))
}

pub(crate) fn to_any(worker: &Worker) -> Yield {
    verdict(worker.run_one())
}

pub(crate) fn to_own(worker: &Worker) -> Yield {
    verdict(worker.run_one_own())
}

fn verdict(ran: bool) -> Yield {
    if ran { Yield::Executed } else { Yield::Idle }
}

/// The index of the calling thread in its pool, from 0; `None` outside a pool.
///
/// The threads at work in one pool have different indices, all less than the number of its threads. The exception is a
/// thread that has waited for a tenth of a second to get its [place](crate#waiting) back from a thread that runs a long
/// job there.
///
/// # Examples
///
/// ```
/// assert_eq!(paceline::current_thread_index(), None);
/// let index = paceline::scope(|_| paceline::current_thread_index());
/// assert!(index.unwrap() < paceline::current_num_threads());
/// ```
#[inline]
pub fn current_thread_index() -> Option<usize> {
    Worker::with_current(|worker| Some(worker?.index()))
}

/// The number of threads in the current pool; outside a pool, in the global one, which this call makes if needed.
///
/// # Examples
///
/// ```
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
/// assert_eq!(pool.install(paceline::current_num_threads), 3);
/// ```
pub fn current_num_threads() -> usize {
    global::with_current_registry(|registry| registry.num_threads())
}

/// True if the calling thread has forked or spawned jobs that no thread has begun to run; `None` outside a pool.
///
/// A hint: another thread may take them before the caller looks at the result.
///
/// # Examples
///
/// ```
/// use paceline::current_thread_has_pending_tasks;
///
/// assert_eq!(current_thread_has_pending_tasks(), None);
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// assert_eq!(pool.install(current_thread_has_pending_tasks), Some(false));
/// ```
pub fn current_thread_has_pending_tasks() -> Option<bool> {
    Worker::with_current(|worker| Some(worker?.has_pending()))
}
