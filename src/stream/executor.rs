//! Layer 5: the executor of a stream: jobs in the pool in which the stream was made do its work.

use crate::fork::scope::Scope;
use crate::fork::{LoopContext, SlotLease, Ticks, spawn};
use crate::iter::schedule::tuning::WAKE_UP;
use crate::pool::global;
use crate::pool::registry::{Registry, Worker};
use crate::pool::waiter::Waiter;
use crate::stream::item_cost::Weight;
use crate::sync::atomic::spin_loop;
use std::sync::Arc;

/// Starts the jobs of a stream. The models have an executor of their own.
pub(super) trait Executor: Send + Sync + 'static {
    /// The consumer must call this before it leaves work to the executor.
    ///
    /// # Panics
    ///
    /// If the executor did not survive a fork.
    fn check(&self) {}

    /// Starts `job` on some thread of the executor, soon. If the executor is gone for good, drops the job and returns
    /// false.
    fn start(&self, job: impl FnOnce() + Send + 'static) -> bool;

    /// As [`Executor::start`], but behind all jobs that wait. Only a thread of the executor may call it.
    fn start_last(&self, job: impl FnOnce() + Send + 'static);

    /// How many jobs can run at a time.
    fn size(&self) -> usize;

    /// True if the calling thread is one of the executor's.
    fn is_here(&self) -> bool;

    /// True if the calling job should let others go first when it has run for a while.
    fn is_wanted_elsewhere(&self) -> bool;

    /// Calls `f`, on a thread of the executor if the calling thread can become one. For light items it waits a little
    /// for that.
    fn attend<R>(&self, weight: Weight, f: impl FnOnce() -> R) -> R;

    /// As [`apart`](Self::apart), on a thread of the executor. If `f` takes longer than it takes to tell an idle thread, one
    /// such thread calls `help` meanwhile. The wait for that thread counts as one of `f`.
    fn with_help<R>(&self, f: impl FnOnce() -> R, help: impl FnOnce() + Send) -> R;

    /// Calls `f`. On top of the waits of `f` the thread runs only jobs that `f` has begun.
    fn apart<R>(&self, f: impl FnOnce() -> R) -> R;

    /// Calls `f` with the waiter of the calling thread.
    fn with_waiter<R>(&self, f: impl FnOnce(Waiter<'_>) -> R) -> R;

    /// How many jobs run on the calling thread, one on top of the other; `None` if the thread is not one of the
    /// executor's.
    fn nesting(&self) -> Option<usize>;

    /// True if nothing is beneath the calling job on its stack.
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

    /// The pool of a scope's jobs.
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        PoolExecutor(scope.keep_pool())
    }

    #[cfg(feature = "stream")]
    pub(super) fn registry(&self) -> &Registry {
        &self.0
    }

    /// A slot of the pool. A worker that searches in vain falls asleep, and its slot can be leased then. That takes
    /// less time than a job and a wake-up of the caller would.
    fn slot_soon(&self) -> Option<SlotLease<'_>> {
        let mut slot = self.0.lease_slot();
        if slot.is_none() && self.0.may_lease() {
            let begun = Ticks::now();
            while slot.is_none() && self.0.sleep().has_searchers() && !Ticks::now().is_past(begun, WAKE_UP) {
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
        let outer = self.with_own_worker(Worker::region).expect("one of the executor is a worker");
        let help = move || Worker::with_current(|worker| worker.map(|worker| worker.in_region(outer, help)));
        // A job that ran on top of the wait for the helper could last. The job beneath would be counted meanwhile, and maps
        // nothing.
        Worker::apart(|| LoopContext::on_worker(|context| context.with_help(f, || _ = help())))
            .expect("one of the executor is a worker")
    }

    fn apart<R>(&self, f: impl FnOnce() -> R) -> R {
        Worker::apart(f)
    }

    fn with_waiter<R>(&self, f: impl FnOnce(Waiter<'_>) -> R) -> R {
        // The caller may have forked within a call that it has just made for the stream.
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
