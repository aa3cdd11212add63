//! Reading the numbers of a pool: `metrics` and `ThreadPool::metrics`.

use super::origin::Age;
use super::pool_metrics::{PoolMetrics, WaitingJobs};
use super::slot_meter::{Activity, SlotMeter, Tallied};
use super::worker_metrics::WorkerMetrics;
use crate::pool::global;
use crate::pool::queues::Class;
use crate::pool::registry::Registry;
use crate::pool::thread_pool::ThreadPool;

/// The numbers of the current pool: what its workers have done since it was made, and the jobs that wait now. Outside a pool,
/// those of the global one, which this call makes if needed.
///
/// It never waits for a job; the first call in a process takes up to a millisecond. It reads some ten numbers for each worker, and is meant to be called now and then, by a thread that
/// reports them, say. [`PoolMetrics`] has more.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
///
/// let sum: u64 = (0..10_000_u64).into_par_iter().map(|x| x * x).sum();
/// assert_eq!(sum, 333_283_335_000);
///
/// let metrics = paceline::metrics();
/// assert_eq!(metrics.workers.len(), paceline::current_num_threads());
/// println!("{metrics}");
/// ```
pub fn metrics() -> PoolMetrics {
    global::with_current_registry(Registry::metrics)
}

impl ThreadPool {
    /// The numbers of this pool: what its workers have done since it was made, and the jobs that wait now. As
    /// [`metrics`](crate::metrics()), on any thread.
    ///
    /// # Panics
    ///
    /// In a forked child of the process that made the pool: the threads are not there.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// let metrics = pool.metrics();
    /// assert_eq!((metrics.num_threads, metrics.workers.len()), (2, 2));
    /// assert_eq!(metrics.total().jobs, 0);
    /// ```
    pub fn metrics(&self) -> PoolMetrics {
        self.registry().metrics()
    }
}

impl Registry {
    pub(in crate::pool) fn metrics(&self) -> PoolMetrics {
        // In a child the lock of the standby threads may never be free.
        self.check_process();
        let age = self.origin.age();
        let num_threads = self.num_threads();
        let (standby_threads, standby_threads_in_use) = self.standby_threads().numbers();
        PoolMetrics {
            num_threads,
            rule: self.origin.rule(),
            refused_threads: self.refused_threads(),
            elapsed: age.time,
            workers: self.slots()[..num_threads].iter().map(|slot| slot.meter.read(age)).collect(),
            waiting: self.waiting_jobs(),
            standby_threads,
            standby_threads_in_use,
            external_callers: self.slots().iter().filter(|slot| slot.meter.is_held_by_external_caller()).count(),
        }
    }

    fn waiting_jobs(&self) -> WaitingJobs {
        let shared = || self.slots().iter().map(|slot| slot.shared());
        WaitingJobs {
            injected: self.queues().len(Class::Normal),
            high: self.queues().len(Class::High),
            low: self.queues().len(Class::Low),
            deferred: self.queues().len(Class::Deferred),
            mailboxes: shared().map(|shared| shared.mailbox.len()).sum(),
            deques: shared().map(|shared| shared.stealer.len()).sum(),
        }
    }
}

impl SlotMeter {
    /// The numbers so far, at the moment of the `age`.
    fn read(&self, age: Age) -> WorkerMetrics {
        let time = |activity| age.time_of(self.time(activity, age.now));
        WorkerMetrics {
            jobs: self.counted(Tallied::JobBegun),
            forks_published: self.counted(Tallied::ForkPublished),
            steals: self.counted(Tallied::Stolen),
            empty_looks: self.counted(Tallied::EmptyLook),
            parks: self.counted(Tallied::Parked),
            wake_ups: self.counted(Tallied::WokenUp),
            busy: time(Activity::Busy),
            searching: time(Activity::Searching),
            asleep: time(Activity::Asleep),
        }
    }
}
