//! A way to wait for any thread: a worker works meanwhile, any other thread sleeps.

use crate::job::Region;
use crate::job::latch::Wait;
use crate::pool::registry::{Registry, Worker};
use crate::sync::parker::Parker;
use crate::sync::thread;
use crate::trace::{EventKind, Span};
use std::sync::Arc;

/// The calling thread, as one that waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waiter<'a> {
    /// A worker, of any pool.
    Worker(&'a Worker),
    /// A thread that is no worker, with its parker.
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

    /// The parker at which the thread waits.
    pub(crate) fn parker(&self) -> &Arc<Parker> {
        match self {
            Waiter::Worker(worker) => worker.parker(),
            Waiter::Outside(parker) => parker,
        }
    }

    /// The region of a call that the thread makes into a pool from outside. In an isolated call it is that call's
    /// region, because the call is a part of it, and a frame of it waits for the result.
    pub(crate) fn region_of_call(&self) -> Region {
        match self {
            Waiter::Worker(worker) if worker.region().is_isolated() => worker.region(),
            Waiter::Worker(_) => Region::fresh(),
            Waiter::Outside(_) => Region::of_call_from_outside(),
        }
    }

    /// As [`Waiter::wait_until`], for a latch that the threads of a pool open.
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

    /// Waits until the latch is open, as [`Waiter::wait_until`]. If it is open already, lets other threads or jobs run
    /// first.
    pub(crate) fn wait_at_least_a_turn(&self, latch: &dyn Wait) {
        match self {
            Waiter::Worker(worker) if latch.probe() => worker.give_turn(),
            Waiter::Outside(_) if latch.probe() => thread::yield_now(),
            _ => self.wait_until(latch),
        }
    }

    /// Waits until the latch, which the calling thread owns, is open.
    pub(crate) fn wait_until(&self, latch: &dyn Wait) {
        match self {
            Waiter::Worker(worker) => worker.wait_until(latch),
            Waiter::Outside(parker) => {
                let _span = Span::begin(EventKind::Wait);
                while latch.fall_asleep() {
                    parker.park();
                    latch.wake_up();
                }
            }
        }
    }
}
