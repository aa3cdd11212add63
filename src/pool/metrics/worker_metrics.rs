//! `WorkerMetrics`: the numbers of one worker of a pool, or the sum of several.

use std::ops::Add;
use std::time::Duration;

/// The numbers of one worker, which are those of an index: of all threads that have had it as their
/// [`current_thread_index`](crate::current_thread_index). So they include a thread that took the place of one that waited or
/// blocked, and a thread from outside that worked in the place of a sleeping one.
///
/// See [`PoolMetrics`](crate::PoolMetrics) for how they are read.
///
/// # Examples
///
/// ```
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// pool.install(|| paceline::spawn(|| ()));
/// pool.install(|| ());
/// let metrics = pool.metrics();
/// let worker = &metrics.workers[0];
/// // The call of `install` that came first, and at least the second one or the spawn.
/// assert!(worker.jobs >= 2);
/// assert_eq!(worker.steals, 0, "there is no other worker");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WorkerMetrics {
    /// Jobs from queues that were begun here: spawns, calls that came from other threads, forks that were stolen, polls of
    /// futures, broadcasts. A fork that its own thread runs is none, and neither is a call that a thread from outside runs
    /// itself.
    pub jobs: u64,
    /// Forks that were made public because a thread was idle, or because this worker began to wait. (All others cost as much
    /// as a call, and are not counted.)
    pub forks_published: u64,
    /// Jobs that were taken from another worker.
    pub steals: u64,
    /// Looks at all queues that found no job. A worker that searches looks some times in each microsecond.
    pub empty_looks: u64,
    /// How often a thread has fallen asleep here because there was no work for it.
    pub parks: u64,
    /// How often a thread has woken up from that. One that has fallen asleep and not yet woken up makes the difference.
    pub wake_ups: u64,
    /// The time in which a thread had this index and was neither searching nor asleep: it ran a job, was on its way from one
    /// to the next, or blocked in one outside of [`blocking`](crate::blocking()). That of a thread from outside counts from
    /// when it publishes a fork for a thread that has asked for work, runs a job, waits, or begins a loop that is not
    /// expected to be light: a light call would take longer if the clock were read for it. What such a thread does in a call
    /// before that counts as asleep, so a `join` from outside whose halves fork nothing counts only from when it waits.
    pub busy: Duration,
    /// The time in which a thread looked for work here.
    pub searching: Duration,
    /// The time in which no thread was active here, and what `busy` leaves out of calls from outside. (Sleepers have no index
    /// while they sleep.)
    pub asleep: Duration,
}

impl WorkerMetrics {
    /// The difference to numbers that were read before; zero where those are greater.
    pub(super) fn since(&self, earlier: &WorkerMetrics) -> WorkerMetrics {
        WorkerMetrics {
            jobs: self.jobs.saturating_sub(earlier.jobs),
            forks_published: self.forks_published.saturating_sub(earlier.forks_published),
            steals: self.steals.saturating_sub(earlier.steals),
            empty_looks: self.empty_looks.saturating_sub(earlier.empty_looks),
            parks: self.parks.saturating_sub(earlier.parks),
            wake_ups: self.wake_ups.saturating_sub(earlier.wake_ups),
            busy: self.busy.saturating_sub(earlier.busy),
            searching: self.searching.saturating_sub(earlier.searching),
            asleep: self.asleep.saturating_sub(earlier.asleep),
        }
    }
}

impl Add for WorkerMetrics {
    type Output = WorkerMetrics;

    fn add(self, other: WorkerMetrics) -> WorkerMetrics {
        WorkerMetrics {
            jobs: self.jobs + other.jobs,
            forks_published: self.forks_published + other.forks_published,
            steals: self.steals + other.steals,
            empty_looks: self.empty_looks + other.empty_looks,
            parks: self.parks + other.parks,
            wake_ups: self.wake_ups + other.wake_ups,
            busy: self.busy + other.busy,
            searching: self.searching + other.searching,
            asleep: self.asleep + other.asleep,
        }
    }
}
