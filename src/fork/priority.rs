//! Spawns with a priority.

use crate::fork::spawn::{discardable, spawn_in};
use crate::pool::global;
use crate::pool::queues::Class;
use crate::pool::registry::{Registry, Worker};

/// The priority of a spawned job among the jobs that wait in its pool.
///
/// It decides the order in which jobs begin. No job that has begun is interrupted.
///
/// ```
/// use paceline::Priority;
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// let (log, begun) = std::sync::mpsc::channel();
/// // The only thread is in this call until it ends, and then begins the first job.
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
    /// Before all others: the next job that a thread of the pool begins.
    High,
    /// The priority of [`spawn`](crate::spawn).
    #[default]
    Normal,
    /// When a thread finds no other job. But while such jobs wait, a thread takes one of them after at most 60 other
    /// jobs, whatever their priority.
    Low,
}

impl Priority {
    /// The queue for jobs of this priority that come from no worker of the pool.
    pub(crate) fn class(self) -> Class {
        match self {
            Priority::High => Class::High,
            Priority::Normal => Class::Normal,
            Priority::Low => Class::Low,
        }
    }
}

/// As [`spawn`](crate::spawn), with a priority.
///
/// Jobs of high priority begin in the order in which they were spawned, on whatever threads; and so do those of low
/// priority. A thread looks for them when it has finished a job and looks for the next. So it first finishes its part
/// of a loop, and runs the second half of its own `join`. While it waits in an [isolated](crate::isolate) call it runs
/// none of them. Never blocks.
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
    if priority == Priority::Normal {
        return spawn_in(registry, func);
    }
    let job = Worker::with_current(|worker| discardable(registry, worker, func));
    registry.push(job, priority.class());
}
