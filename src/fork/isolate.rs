//! `isolate`: a call whose thread runs nothing but the call's own work while it waits.

use crate::job::{Isolation, Region};
use crate::pool::registry::Worker;

/// Calls `f`, and while `f` waits (in `join`, a scope, a parallel iterator, an `install`) the thread works on nothing but
/// what `f` has begun.
///
/// A thread of a pool that waits runs other jobs of the same task, scope or loop meanwhile, and for all others lets another thread
/// have its place. If it holds a lock, and a job of the same loop asks for the same lock, the thread can wait for itself. So hold a
/// lock, a `RefCell`'s borrow or a thread-local's state across something parallel only inside of `isolate`. There the thread
/// keeps its place; and all threads that help with `f`'s work are bound in the same way while they wait for parts of it: none of
/// them turns to a job that is not `f`'s, which might block on the lock. Other threads may take whatever `f`'s thread leaves, and
/// `f` may be in a pool or outside of all; outside it holds for the calls into pools that `f`'s thread makes. Calls of `isolate`
/// nest: a thread that waits in the inner one runs nothing of the outer one; one that waits in the outer one helps with the
/// inner.
///
/// The price is idle time: if others have taken all of `f`'s work, this thread sleeps until they are done.
///
/// # What it does not do
///
/// - Jobs that `f` [spawns](crate::spawn) without a scope are not a part of it. They run on other threads, or on this one
///   when `f` has returned. So do not wait in `f` for such a job: in a pool of one thread nobody could run it.
/// - A broadcast that comes from elsewhere reaches this thread when `f` has returned, so it waits for `f`. One that `f`
///   itself makes is run here at once, but waits for every thread that is in another isolated call: two of them in one pool that
///   broadcast at the same time wait for each other for ever.
/// - It takes no lock. A job of `f`'s that asks for a lock that `f` holds still waits for ever.
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
