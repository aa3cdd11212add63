//! `blocking`: a call that blocks, during which another thread works in the caller's place.

use crate::pool::registry::Worker;
use crate::pool::watchdog::waits::{self, Awaited, Listed};
use crate::trace::{EventKind, Span};

/// Calls `f`, which blocks (on a file, a connection, a lock, a channel), while another thread of the pool works in the
/// caller's place.
///
/// A pool has as many threads as there are processors. A job that blocks a thread takes its processor away from all
/// other jobs. When every thread blocks in a job that waits for another job of the same pool, all of them wait for
/// ever. Inside of `blocking` a job holds up no other: a *standby thread*, which the pool has in addition to its number
/// of threads, takes its place, with the jobs that wait there, until `f` has returned. When the standby thread has
/// finished its current job, or has to wait itself, the caller gets its place back, and `blocking` returns. So no more
/// threads are at work in a pool than it was built for, not counting those that are in `f`. The exception is a standby
/// thread that runs one job for longer than a tenth of a second, perhaps because the job is blocked on a lock that the
/// caller holds: then the caller goes on beside it.
///
/// The call itself costs some microseconds, because two threads have to be woken one after the other, and more when a
/// standby thread has to be started. Use it where `f` is likely to block for longer than that. `f` should do nothing
/// but block, and the work that follows should come after it.
///
/// While `f` runs, its thread does not belong to the pool: there is no
/// [`current_thread_index`](crate::current_thread_index), and a parallel call that `f` makes is a call from outside (in
/// the global pool, unless it names another).
///
/// # Where `f` runs like any other code
///
/// `f` blocks the calling thread, and no other thread works in its place,
///
/// - outside of all pools;
/// - on a thread that its pool did not start itself: where there is a
///   [`spawn_handler`](crate::ThreadPoolBuilder::spawn_handler), or on the thread of
///   [`use_current_thread`](crate::ThreadPoolBuilder::use_current_thread);
/// - inside of [`isolate`](crate::isolate()), and in the iterator beneath a `par_bridge`, because other jobs could wait
///   there for a lock that the caller holds;
/// - while all the standby threads that [`max_blocking_threads`](crate::ThreadPoolBuilder::max_blocking_threads) allows
///   are in use, or when the system gives no more.
///
/// # What must not be waited for
///
/// A job that waits (in `join`, a scope, a loop) runs other parts of its own task, scope or call upon its stack
/// meanwhile. If such a part blocks until the job beneath it has done something after its wait, both wait for ever,
/// inside of `blocking` or not. So parts of one scope or loop should not block for each other.
///
/// The value of a [`WorkerLocal`](crate::WorkerLocal) that is in use across the call is in use for the thread that
/// takes the place, too. And `f` must not shut down the pool that runs the calling job: the shutdown would wait for
/// that very job.
///
/// # Panics
///
/// With `f`'s panic, when the caller has its place in the pool back.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// use std::sync::mpsc::channel;
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
/// let (replies, lines): (Vec<_>, Vec<_>) = (0..8).map(|_| channel::<u32>()).unzip();
/// let (tell, told) = channel();
/// for line in lines {
///     let tell = tell.clone();
///     // Eight jobs wait at a time in a pool of two.
///     pool.spawn(move || tell.send(paceline::blocking(|| line.recv().unwrap()) * 2).unwrap());
/// }
/// // There are still two threads to do this.
/// pool.scope(|s| {
///     for (i, reply) in (1..).zip(&replies) {
///         s.spawn(move |_| reply.send(i).unwrap());
///     }
/// });
/// assert_eq!(told.iter().take(8).sum::<u32>(), 2 * 36);
/// # Ok(())
/// # }
/// ```
pub fn blocking<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    let _span = Span::begin(EventKind::Blocking);
    Worker::with_current(|worker| match worker {
        Some(worker) => {
            let _listed = waits::list(Awaited::Blocking);
            worker.suspended(f)
        }
        None => f(),
    })
}

/// While this value lives, no other thread takes the calling thread's place in its pool, even if the caller blocks or
/// waits. For a caller that holds an internal lock on which other jobs block.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// For the watchdog.
    _listed: Option<Listed>,
    /// True if the calling thread was a worker. It is the same worker when this is dropped, because a pinned thread
    /// keeps its slot.
    is_worker: bool,
}

/// Enters the calling thread in the watchdog's list as one that waits for the iterator of a `par_bridge`, until the result is
/// dropped.
pub(crate) fn for_shared_iter() -> Option<Listed> {
    waits::list(Awaited::SharedIter)
}

impl Pinned {
    pub(crate) fn here() -> Self {
        Worker::with_current(|worker| {
            worker.into_iter().for_each(Worker::pin);
            Pinned { _listed: worker.and_then(waits::list_bridge_holder), is_worker: worker.is_some() }
        })
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if self.is_worker {
            // The worker kept its slot. But in a forked process the thread is no worker any more.
            Worker::with_current(|worker| worker.into_iter().for_each(Worker::unpin));
        }
    }
}
