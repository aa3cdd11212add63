//! How the numbers of a pool are printed: a table, with a line for each worker.

use super::pool_metrics::PoolMetrics;
use super::worker_metrics::WorkerMetrics;
use std::fmt;
use std::time::Duration;

/// As a table of a few lines, which ends without a line break.
impl fmt::Display for PoolMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads by {}", self.num_threads, self.rule)?;
        if self.refused_threads > 0 {
            write!(f, " ({} more were refused)", self.refused_threads)?;
        }
        writeln!(f, ", over {}", Shown(self.elapsed))?;
        writeln!(
            f,
            "{:<6} {:>10} {:>10} {:>10} {:>11} {:>9} {:>9} {:>10} {:>10} {:>10}",
            "worker", "jobs", "forks", "steals", "empty looks", "parks", "wake-ups", "busy", "searching", "asleep"
        )?;
        for (index, worker) in self.workers.iter().enumerate() {
            line(f, index, worker)?;
        }
        line(f, "total", &self.total())?;
        let waiting = self.waiting;
        writeln!(
            f,
            "waiting jobs: {} injected, {} high, {} low, {} deferred, {} in mailboxes, {} in deques",
            waiting.injected, waiting.high, waiting.low, waiting.deferred, waiting.mailboxes, waiting.deques
        )?;
        write!(
            f,
            "standby threads: {}, {} of them in use; callers from outside: {}",
            self.standby_threads, self.standby_threads_in_use, self.external_callers
        )
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: impl fmt::Display, worker: &WorkerMetrics) -> fmt::Result {
    writeln!(
        f,
        "{name:<6} {:>10} {:>10} {:>10} {:>11} {:>9} {:>9} {:>10} {:>10} {:>10}",
        worker.jobs,
        worker.forks_published,
        worker.steals,
        worker.empty_looks,
        worker.parks,
        worker.wake_ups,
        Shown(worker.busy),
        Shown(worker.searching),
        Shown(worker.asleep),
    )
}

/// A time, in the unit that suits it.
struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        f.pad(&if seconds >= 1.0 {
            format!("{seconds:.3} s")
        } else if seconds >= 1e-3 {
            format!("{:.3} ms", seconds * 1e3)
        } else {
            format!("{:.1} us", seconds * 1e6)
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{PoolMetrics, WorkerMetrics};
    use crate::pool::metrics::pool_metrics::WaitingJobs;
    use crate::pool::metrics::rule::NumThreadsRule;
    use std::time::Duration;

    #[test]
    fn each_worker_has_a_line_and_their_total_another() {
        let worker = WorkerMetrics {
            jobs: 10,
            forks_published: 2,
            steals: 1,
            empty_looks: 70,
            parks: 5,
            wake_ups: 4,
            busy: Duration::from_micros(1_500),
            searching: Duration::from_nanos(700),
            asleep: Duration::from_secs(1),
        };
        let metrics = PoolMetrics {
            num_threads: 2,
            rule: NumThreadsRule::RayonNumThreads,
            refused_threads: 6,
            elapsed: Duration::from_millis(1_250),
            workers: vec![worker, WorkerMetrics::default()],
            waiting: WaitingJobs { injected: 1, high: 2, low: 3, deferred: 4, mailboxes: 5, deques: 6 },
            standby_threads: 3,
            standby_threads_in_use: 2,
            external_callers: 1,
        };
        let expected = "\
2 threads by RAYON_NUM_THREADS (6 more were refused), over 1.250 s
worker       jobs      forks     steals empty looks     parks  wake-ups       busy  searching     asleep
0              10          2          1          70         5         4   1.500 ms     0.7 us    1.000 s
1               0          0          0           0         0         0     0.0 us     0.0 us     0.0 us
total          10          2          1          70         5         4   1.500 ms     0.7 us    1.000 s
waiting jobs: 1 injected, 2 high, 3 low, 4 deferred, 5 in mailboxes, 6 in deques
standby threads: 3, 2 of them in use; callers from outside: 1";
        assert_eq!(metrics.to_string(), expected);
        assert_eq!(metrics.waiting.total(), 21);
    }
}
