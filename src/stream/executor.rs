//! Layer 5: who does a stream's work: jobs in the pool in which the stream was made.

use crate::fork::{LoopContext, SlotLease, Ticks, spawn};
use crate::iter::schedule::tuning::WAKE_UP;
use crate::pool::global;
use crate::pool::registry::Registry;
use crate::pool::waiter::Waiter;
use crate::pool::worker::Worker;
use crate::stream::item_cost::Weight;
use crate::sync::atomic::spin_loop;
use std::sync::Arc;

/// Where jobs are started. The models have one of their own.
pub(super) trait Executor: Send + Sync + 'static {
    /// To be called before anything is left to the executor.
    ///
    /// # Panics
    ///
    /// When it did not survive a fork.
    fn check(&self) {}

    /// Has `job` run, soon, on some thread of the executor. Says no, and drops the job, if the executor has gone for good.
    fn start(&self, job: impl FnOnce() + Send + 'static) -> bool;

    /// As [`Executor::start`], but after all that waits to be run; called by one of the executor's own.
    fn start_last(&self, job: impl FnOnce() + Send + 'static);

    /// How many jobs can run at a time.
    fn size(&self) -> usize;

    /// Whether the calling thread is one of the executor's.
    fn is_here(&self) -> bool;

    /// Whether the calling job should let others go first when it has run for a while.
    fn is_wanted_elsewhere(&self) -> bool;

    /// Calls `f`, if it can be as one of the executor. For a light item it waits a little for a place.
    fn attend<R>(&self, weight: Weight, f: impl FnOnce() -> R) -> R;

    /// Calls `f` on a thread of the executor, and lets another that is idle call `help` if `f` turns out to take longer than to
    /// tell that one.
    fn with_help<R>(&self, f: impl FnOnce() -> R, help: impl FnOnce() + Send) -> R;

    /// Calls `f`, on top of whose waits nothing runs but what it has begun.
    fn apart<R>(&self, f: impl FnOnce() -> R) -> R;

    /// Calls `f` with the calling thread in its quality as one that waits.
    fn with_waiter<R>(&self, f: impl FnOnce(Waiter<'_>) -> R) -> R;

    /// How many jobs run on the calling thread, one above the other; `None` if it is not one of the executor's.
    fn nesting(&self) -> Option<usize>;

    /// Whether the calling job has nothing beneath it on its stack.
    fn is_at_bottom(&self) -> bool;
}

/// The workers of a pool.
#[derive(Debug)]
pub(super) struct PoolExecutor(Arc<Registry>);

impl PoolExecutor {
    /// The pool of the calling thread; outside a pool, the global one.
    pub(super) fn current() -> Self {
        PoolExecutor(global::with_current_registry(Registry::keep))
    }

    #[cfg(feature = "stream")]
    pub(super) fn registry(&self) -> &Registry {
        &self.0
    }

    /// A slot of the pool. A worker that searches in vain falls asleep, and its slot can be leased,, sooner than a job and the
    /// wake-up of the caller would have taken.
    fn slot_soon(&self) -> Option<SlotLease<'_>> {
        let mut slot = self.0.lease_slot();
        if slot.is_none() && self.0.leases_slots() {
            let begun = Ticks::now();
            while slot.is_none() && self.0.sleep().is_anybody_searching() && !Ticks::now().is_past(begun, WAKE_UP) {
                spin_loop();
                slot = self.0.lease_slot();
            }
        }
        slot
    }

    fn with_own_worker<R>(&self, f: impl FnOnce(&Worker) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.filter(|worker| self.0.has(worker)).map(f))
    }
}

impl Executor for PoolExecutor {
    fn check(&self) {
        self.0.check_process();
    }

    fn start(&self, job: impl FnOnce() + Send + 'static) -> bool {
        spawn::try_spawn_in(&self.0, job)
    }

    fn start_last(&self, job: impl FnOnce() + Send + 'static) {
        spawn::spawn_last_in(&self.0, job);
    }

    fn size(&self) -> usize {
        self.0.num_threads()
    }

    fn is_here(&self) -> bool {
        self.with_own_worker(|_| ()).is_some()
    }

    fn is_wanted_elsewhere(&self) -> bool {
        self.with_own_worker(|worker| !self.0.is_job_at_bottom(worker) || worker.has_mail() || self.0.more_work() > 0)
            .unwrap_or(true)
    }

    fn attend<R>(&self, weight: Weight, f: impl FnOnce() -> R) -> R {
        self.check();
        let is_outside = Worker::with_current(|worker| worker.is_none());
        let _slot = is_outside.then(|| match weight {
            Weight::Light => self.slot_soon(),
            Weight::Heavy => self.0.lease_slot(),
        });
        f()
    }

    fn with_help<R>(&self, f: impl FnOnce() -> R, help: impl FnOnce() + Send) -> R {
        LoopContext::on_worker(|context| context.with_help(f, help)).expect("one of the executor is a worker")
    }

    fn apart<R>(&self, f: impl FnOnce() -> R) -> R {
        Worker::apart(f)
    }

    fn with_waiter<R>(&self, f: impl FnOnce(Waiter<'_>) -> R) -> R {
        // The fork may have been made by what the caller itself has just called for the stream.
        self.check();
        Waiter::with_current(f)
    }

    fn nesting(&self) -> Option<usize> {
        self.with_own_worker(Worker::nesting)
    }

    fn is_at_bottom(&self) -> bool {
        self.with_own_worker(|worker| self.0.is_job_at_bottom(worker)).unwrap_or(false)
    }
}
