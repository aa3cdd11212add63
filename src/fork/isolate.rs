//! `isolate`: a call during which the calling thread, while it waits, runs only the call's own work.

use crate::job::{Isolation, Region};
use crate::pool::registry::Worker;

/// Calls `f`, and while `f` waits (in `join`, a scope, a parallel iterator, an `install`) the thread works only on
/// `f`'s own jobs.
///
/// A thread of a pool that waits meanwhile runs other jobs of the same task, scope or loop, and for all other jobs
/// another thread takes its place. If the waiting thread holds a lock, and a job of the same loop asks for that lock,
/// the thread can wait for itself. So keep a lock, a `RefCell`'s borrow or a thread-local's state across a parallel
/// call only inside of `isolate`. There the thread keeps its place. All threads that help with `f`'s work are bound in
/// the same way while they wait for parts of it: none of them begins a job from outside `f`, which might block on the
/// lock. Other threads may take any of `f`'s jobs. `f` may be in a pool or outside of all; outside, the isolation
/// covers the calls into pools that `f`'s thread makes. Calls of `isolate` nest: a thread that waits in the inner one
/// runs nothing of the outer one; one that waits in the outer one helps with the inner.
///
/// The price is idle time: if other threads have taken all of `f`'s work, this thread sleeps until they are done.
///
/// # What it does not do
///
/// - Jobs that `f` [spawns](crate::spawn) without a scope are not a part of it. They run on other threads, or on this
///   one when `f` has returned. So do not wait in `f` for such a job: a pool of one thread has no other thread to run
///   it.
/// - A broadcast that comes from elsewhere reaches this thread when `f` has returned, so the broadcast waits for `f`.
///   One that `f` itself makes is run here at once, but waits for every thread that is in another isolated call: two
///   isolated calls in one pool that broadcast at the same time wait for each other for ever.
/// - No other thread takes the place of a thread that waits in it. So an isolated call occupies a thread of the pool, as
///   a call that blocks does: if all threads of a pool wait in isolated calls or block on a lock, and the holder of the
///   lock waits for a job of that pool, they wait for ever.
/// - It takes no lock. If one of `f`'s own jobs asks for a lock that `f` holds, it still waits for ever.
///
/// # Panics
///
/// With `f`'s panic.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
/// use std::sync::Mutex;
///
/// let total = Mutex::new(0_u64);
/// (0..100_u64).into_par_iter().for_each(|i| {
///     paceline::isolate(|| {
///         let mut total = total.lock().unwrap();
///         // Waiting for parts of this sum, the thread could otherwise begin another `i`, and ask for the lock it holds.
///         *total += (0..i).into_par_iter().sum::<u64>();
///     });
/// });
/// assert_eq!(total.into_inner().unwrap(), 161_700);
/// ```
pub fn isolate<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    Worker::with_current(|worker| match worker {
        Some(worker) => {
            let isolation = Isolation::within(worker.region());
            worker.in_region(isolation.region(), f)
        }
        None => Region::isolate_outside(f),
    })
}
