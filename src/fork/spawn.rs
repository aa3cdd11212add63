//! Detached spawns: jobs without a caller that waits for them.

use crate::job::context;
use crate::job::heap::HeapJob;
use crate::job::{JobRef, Region};
use crate::pool::global;
use crate::pool::handlers::Detached;
use crate::pool::queues::Class;
use crate::pool::registry::{Registry, Worker};
use crate::sync::unwind;

/// Has `func` run in the current pool (outside one: the global pool) some time from now, and does not wait for it.
///
/// It may borrow nothing but `'static` data; to borrow from a frame that waits, use a [`scope`](crate::scope). A
/// thread takes up the jobs that it spawned the youngest first. Never blocks.
///
/// A panic in `func` goes to the pool's panic handler; without one it aborts the process, because otherwise it would go
/// unnoticed. The process does not wait for spawned jobs either: a job that has not run when `main` returns never runs.
///
/// # Examples
///
/// ```
/// let (tell, told) = std::sync::mpsc::channel();
/// paceline::spawn(move || tell.send(6 * 7).unwrap());
/// assert_eq!(told.recv(), Ok(42));
/// ```
///
/// The job may run when the caller has returned, so it cannot borrow the caller's variables:
///
/// ```compile_fail,E0373
/// let words = vec!["to", "be"];
/// paceline::spawn(|| println!("{}", words.len()));
/// ```
pub fn spawn<F>(func: F)
where
    F: FnOnce() + Send + 'static,
{
    global::with_current_registry(|registry| spawn_in(registry, func));
}

/// As [`spawn`], but a thread takes up the jobs that it spawned this way the oldest first.
///
/// # Examples
///
/// ```
/// let (tell, told) = std::sync::mpsc::channel();
/// paceline::spawn_fifo(move || tell.send("first come, first served").unwrap());
/// assert_eq!(told.recv(), Ok("first come, first served"));
/// ```
pub fn spawn_fifo<F>(func: F)
where
    F: FnOnce() + Send + 'static,
{
    global::with_current_registry(|registry| spawn_fifo_in(registry, func));
}

/// [`spawn`] in a given pool.
pub(crate) fn spawn_in<F>(registry: &Registry, func: F)
where
    F: FnOnce() + Send + 'static,
{
    Worker::with_current(|worker| {
        push(registry, worker, discardable(registry, worker, func));
    });
}

/// Puts a spawned job into the deque of a worker of the pool, or else into the injector.
fn push(registry: &Registry, worker: Option<&Worker>, job: JobRef) {
    match worker {
        Some(worker) if registry.has(worker) => worker.push(job),
        _ => registry.push(job, Class::Normal),
    }
}

/// As [`spawn_in`], for a caller that does not itself keep the pool alive, and that may wait for the job. The job gets
/// the caller's region, so that the caller can run it on top of its wait; except within `isolate`, which the job may
/// outlive. Returns whether the pool takes the job; if the pool has ended, `func` is dropped and a panic of the drop
/// swallowed.
pub(crate) fn try_spawn_in<F>(registry: &Registry, func: F) -> bool
where
    F: FnOnce() + Send + 'static,
{
    if !registry.try_begin_detached() {
        unwind::dispose(func);
        return false;
    }
    // Held until the job has a count of its own.
    Worker::with_current(|worker| {
        let region = match worker.filter(|worker| registry.has(worker)) {
            Some(worker) if worker.is_in_plain_job() => worker.region(),
            _ => Region::fresh(),
        };
        push(registry, worker, detached(registry, worker, region, |_| func()));
    });
    registry.end_detached();
    true
}

/// [`spawn_in`]; if the pool has ended, `func` runs on the calling thread at once.
#[cfg(feature = "stream")]
pub(crate) fn spawn_or_run_in<F>(registry: &Registry, func: F)
where
    F: FnOnce() + Send + 'static,
{
    if registry.try_begin_detached() {
        Worker::with_current(|worker| {
            push(registry, worker, detached(registry, worker, Region::fresh(), |_| func()));
        });
        registry.end_detached();
    } else {
        func();
    }
}

/// As [`try_spawn_in`], called from a job, but the new job comes after all jobs that wait in the pool.
pub(crate) fn spawn_last_in<F>(registry: &Registry, func: F)
where
    F: FnOnce() + Send + 'static,
{
    Worker::with_current(|worker| match worker.filter(|worker| registry.has(worker)) {
        Some(worker) if worker.is_in_plain_job() => {
            registry.push(detached(registry, Some(worker), worker.region(), |_| func()), Class::Deferred);
        }
        _ => registry.push(detached(registry, worker, Region::fresh(), |_| func()), Class::Normal),
    });
}

/// [`spawn_fifo`] in a given pool.
pub(crate) fn spawn_fifo_in<F>(registry: &Registry, func: F)
where
    F: FnOnce() + Send + 'static,
{
    Worker::with_current(|worker| {
        let job = discardable(registry, worker, func);
        match worker {
            // SAFETY: the queue belongs to a slot of the pool, and lives as long as any of the pool's jobs.
            Some(worker) if registry.has(worker) => worker.push(unsafe { worker.slot().fifo().push(job) }),
            // The injector is a FIFO queue already.
            _ => registry.push(job, Class::Normal),
        }
    });
}

/// The job of a spawn: [`detached`], and dropped unrun if it has not begun when the pool is shut down at once.
pub(super) fn discardable<F>(registry: &Registry, worker: Option<&Worker>, func: F) -> JobRef
where
    F: FnOnce() + Send + 'static,
{
    detached(
        registry,
        worker,
        Region::fresh(),
        |registry| {
            if registry.discard().is_on() { unwind::dispose(func) } else { func() }
        },
    )
}

/// A job that keeps the pool alive until it has run, and passes its panic to the panic handler. `func` is called with
/// the pool.
fn detached<F>(registry: &Registry, worker: Option<&Worker>, region: Region, func: F) -> JobRef
where
    F: FnOnce(&Registry) + Send + 'static,
{
    registry.begin_detached();
    let run = move || {
        Worker::with_current(|worker| {
            let registry = worker.expect("a queued job runs on a worker").registry();
            registry.handlers().catch(Detached::Spawn, || func(registry));
            context::leave_job();
            registry.end_detached();
        });
    };
    // SAFETY: queues hand a job out once; the closure borrows nothing.
    unsafe { HeapJob::place(region, worker.map(Worker::slab), run) }
}
