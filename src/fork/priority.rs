//! Spawns that go before others, or that others go before.

use crate::fork::spawn::{detached, spawn_in};
use crate::job::Region;
use crate::pool::global;
use crate::pool::queues::Class;
use crate::pool::registry::{Registry, Worker};

/// How soon a spawned job is to run, beside the others that wait in its pool.
///
/// It matters for the order in which jobs begin. No job that has begun is interrupted.
///
/// ```
/// use paceline::Priority;
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// let (log, begun) = std::sync::mpsc::channel();
/// // The one thread is in this call until it ends, and then turns to the first.
/// pool.install(|| {
///     for (priority, name) in [(Priority::Low, "low"), (Priority::Normal, "normal"), (Priority::High, "high")] {
///         let log = log.clone();
///         pool.spawn_with(priority, move || log.send(name).unwrap());
///     }
/// });
/// drop(log);
/// assert_eq!(begun.iter().collect::<Vec<_>>(), ["high", "normal", "low"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Priority {
    /// Before all others: the next job that any thread of the pool turns to.
    High,
    /// As by [`spawn`](crate::spawn).
    #[default]
    Normal,
    /// When a thread finds nothing else to do. But while such jobs wait, one of them is the next after at most 60 other
    /// jobs that a thread has taken, whatever their priority.
    Low,
}

/// As [`spawn`](crate::spawn), with a say in how soon the job is to run.
///
/// Jobs of high priority begin in the order in which they were spawned, whoever spawned them; and so do those of low
/// priority. A thread looks for them when it is done with a job and looks for another. So it finishes a `join` or a part of
/// a loop before that, and comes back for the second half of its own `join` before it turns to any; and while it waits in
/// an [isolated](crate::isolate) call it runs none of them. Never blocks.
///
/// A panic in `func` goes to the pool's panic handler; without one it aborts the process.
///
/// # Examples
///
/// ```
/// use paceline::Priority;
///
/// let (tell, told) = std::sync::mpsc::channel();
/// paceline::spawn_with(Priority::High, move || tell.send("soon").unwrap());
/// assert_eq!(told.recv(), Ok("soon"));
/// ```
pub fn spawn_with<F>(priority: Priority, func: F)
where
    F: FnOnce() + Send + 'static,
{
    global::with_current_registry(|registry| spawn_with_in(registry, priority, func));
}

/// [`spawn_with`] in a given pool.
pub(crate) fn spawn_with_in<F>(registry: &Registry, priority: Priority, func: F)
where
    F: FnOnce() + Send + 'static,
{
    let job = |func| Worker::with_current(|worker| detached(registry, worker, Region::fresh(), func));
    match priority {
        Priority::High => registry.push(job(func), Class::High),
        Priority::Normal => spawn_in(registry, func),
        Priority::Low => registry.push(job(func), Class::Low),
    }
}
