//! Whoever the calling thread is, a way for it to wait: a worker works meanwhile, any other thread sleeps.

use crate::job::Region;
use crate::job::latch::Wait;
use crate::pool::registry::{Registry, Worker};
use crate::sync::parker::Parker;
use crate::sync::thread;
use std::sync::Arc;

/// The calling thread in its quality as one that waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waiter<'a> {
    /// It is a worker, of whichever pool.
    Worker(&'a Worker),
    /// It is no worker.
    Outside(&'a Arc<Parker>),
}

impl Waiter<'_> {
    /// Calls `f` with the calling thread.
    pub(crate) fn with_current<R>(f: impl FnOnce(Waiter<'_>) -> R) -> R {
        Worker::with_current(|worker| match worker {
            Some(worker) => f(Waiter::Worker(worker)),
            None => Parker::with_own(|parker| f(Waiter::Outside(parker))),
        })
    }

    /// Where the thread is to be notified.
    pub(crate) fn parker(&self) -> &Arc<Parker> {
        match self {
            Waiter::Worker(worker) => worker.parker(),
            Waiter::Outside(parker) => parker,
        }
    }

    /// The region of a call that the thread makes into a pool from without: the isolated one that the thread is in, if it
    /// is in one, because the call is a part of that and somebody in it waits for it.
    pub(crate) fn region_of_call(&self) -> Region {
        match self {
            Waiter::Worker(worker) if worker.region().is_isolated() => worker.region(),
            Waiter::Worker(_) => Region::fresh(),
            Waiter::Outside(_) => Region::of_call_from_outside(),
        }
    }

    /// As [`Waiter::wait_until`], for a latch that is opened by the threads of a pool.
    ///
    /// # Panics
    ///
    /// When those threads did not survive a fork, and the latch is not open.
    pub(crate) fn wait_for(&self, registry: &Registry, latch: &dyn Wait) {
        if !latch.probe() {
            registry.check_process();
            self.wait_until(latch);
        }
    }

    /// Waits until the latch is open, as [`Waiter::wait_until`]; if it is open already, lets other jobs have a turn.
    pub(crate) fn wait_at_least_a_turn(&self, latch: &dyn Wait) {
        match self {
            Waiter::Worker(worker) if latch.probe() => worker.give_turn(),
            Waiter::Outside(_) if latch.probe() => thread::yield_now(),
            _ => self.wait_until(latch),
        }
    }

    /// Waits until the latch, of which the calling thread is the owner, is open.
    pub(crate) fn wait_until(&self, latch: &dyn Wait) {
        match self {
            Waiter::Worker(worker) => worker.wait_until(latch),
            Waiter::Outside(parker) => {
                while latch.fall_asleep() {
                    parker.park();
                    latch.wake_up();
                }
            }
        }
    }
}
