//! `PoolMetrics`: the numbers of a pool at one moment, or of the time between two.

use super::rule::NumThreadsRule;
use super::worker_metrics::WorkerMetrics;
use std::ops::Add;
use std::time::Duration;

/// A snapshot of the numbers of a pool: what its workers have done so far, and the jobs that wait now.
///
/// [`metrics`](crate::metrics) and [`ThreadPool::metrics`](crate::ThreadPool::metrics) take one, and
/// [`since`](PoolMetrics::since) gives the numbers of the time between two. `Display` prints a table. With the feature
/// `serde` the snapshot, and all that is in it, implements `serde::Serialize`.
///
/// The workers count all the time. Each counts for itself, so that it costs next to nothing; and each number is read by
/// itself, while the workers go on. So a snapshot of a busy pool is not of one instant: a job may be counted as begun, and
/// the steal that brought it not yet. All that a thread has done is counted for another thread that has learnt of it, by a
/// channel, a lock or the end of a call. Two kinds of time are not measured: that of a thread which has gone on without its
/// [place](crate#waiting), though its jobs are counted, and all time on the rare targets that have no atomics of 64 bits.
/// (There the counts have 32 bits and wrap around.)
///
/// Times are read from the processor's counter. How long its tick is has been measured once, to about a thousandth, so no time
/// goes back. The three times of a worker add up to [`elapsed`](Self::elapsed).
/// A state that lasts counts up to the snapshot.
///
/// # Examples
///
/// ```
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
/// let before = pool.metrics();
/// for _ in 0..10 {
///     pool.install(|| ());
/// }
/// let delta = pool.metrics().since(&before);
/// assert_eq!(delta.total().jobs, 10);
/// assert_eq!(delta.waiting.total(), 0);
/// println!("{delta}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PoolMetrics {
    /// The number of the pool's threads, as [`current_num_threads`](crate::current_num_threads) gives it.
    pub num_threads: usize,
    /// The rule that the number comes from.
    pub rule: NumThreadsRule,
    /// How many threads fewer these are than by the rule, because the system did not start them. (Only the global pool makes
    /// do with fewer.)
    pub refused_threads: usize,
    /// The time since the pool was made; in a difference, that between the snapshots.
    pub elapsed: Duration,
    /// The numbers of each worker, by its index.
    pub workers: Vec<WorkerMetrics>,
    /// The jobs that no thread has begun to run.
    pub waiting: WaitingJobs,
    /// The threads there are that take the place of one that waits or blocks, at work or not. They are not counted in
    /// `num_threads`.
    pub standby_threads: usize,
    /// Those of them that are in such a place, or on their way.
    pub standby_threads_in_use: usize,
    /// The threads from outside that work in the place of a sleeping thread. (Only the global pool has such
    /// [callers](crate#the-global-pool).)
    pub external_callers: usize,
}

impl PoolMetrics {
    /// The sum of the workers' numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    /// pool.broadcast(|_| ());
    /// let metrics = pool.metrics();
    /// assert_eq!(metrics.total().jobs, 3);
    /// assert_eq!(metrics.total().jobs, metrics.workers.iter().map(|worker| worker.jobs).sum());
    /// ```
    pub fn total(&self) -> WorkerMetrics {
        self.workers.iter().copied().fold(WorkerMetrics::default(), WorkerMetrics::add)
    }

    /// The numbers of the time between an earlier snapshot of the same pool and this one: counts and times are differences,
    /// or zero where the earlier one is greater. All else (threads, waiting jobs, callers) is as it is in this snapshot.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// let earlier = pool.metrics();
    /// pool.install(|| ());
    /// let later = pool.metrics();
    /// assert_eq!(later.since(&earlier).total().jobs, 1);
    /// assert_eq!(earlier.since(&later).total().jobs, 0, "there is nothing below zero");
    /// ```
    #[must_use]
    pub fn since(&self, earlier: &PoolMetrics) -> PoolMetrics {
        let before = earlier.workers.iter().copied().chain(std::iter::repeat(WorkerMetrics::default()));
        PoolMetrics {
            elapsed: self.elapsed.saturating_sub(earlier.elapsed),
            workers: self.workers.iter().zip(before).map(|(worker, before)| worker.since(&before)).collect(),
            ..self.clone()
        }
    }
}

/// How many jobs wait in the queues of a pool, by the kind of queue. (Forks that are not public are in none.)
///
/// # Examples
///
/// ```
/// use std::sync::mpsc::channel;
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// let (begun, has_begun) = channel();
/// let (tell, told) = channel::<()>();
/// pool.spawn(move || {
///     begun.send(()).unwrap();
///     drop(told.recv());
/// });
/// has_begun.recv().unwrap();
/// // The only thread is at work.
/// pool.spawn(|| ());
/// assert_eq!(pool.metrics().waiting.injected, 1);
/// drop(tell);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WaitingJobs {
    /// Jobs from outside the pool: spawns, and calls such as `install`.
    pub injected: usize,
    /// Jobs of [`Priority::High`](crate::Priority::High).
    pub high: usize,
    /// Jobs of [`Priority::Low`](crate::Priority::Low).
    pub low: usize,
    /// Jobs in the list where threads look that run only jobs of their own call: jobs of [`isolate`](crate::isolate()), jobs
    /// that are spawned into a scope of the global pool from outside, and others that such a thread has come upon.
    pub deferred: usize,
    /// Jobs for one thread alone: those of broadcasts.
    pub mailboxes: usize,
    /// Jobs that threads of the pool have spawned, and forks that they have made public.
    pub deques: usize,
}

impl WaitingJobs {
    /// All of them.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// assert_eq!(pool.metrics().waiting.total(), 0);
    /// ```
    pub fn total(&self) -> usize {
        self.injected + self.high + self.low + self.deferred + self.mailboxes + self.deques
    }
}
