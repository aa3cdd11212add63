//! The results of a run.

use super::counts::{Counts, PlaceCost};
use std::fmt;

/// A run that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When the program ended, in virtual nanoseconds.
    pub virtual_ns: u64,
    /// The total busy time of all cores, in virtual nanoseconds. In schedules other than the discrete one, one thread
    /// runs at a time, so this is about `virtual_ns`.
    pub busy_ns: u64,
    /// The number of points.
    pub steps: u64,
    /// The number of switches from one thread to another.
    pub switches: u64,
    /// The number of sleeping threads that other threads have woken.
    pub wake_ups: u64,
    /// The number of waits that ended by a timeout.
    pub timeouts: u64,
    /// The number of threads, including the program's.
    pub threads: usize,
    /// The names of the threads that were asleep for ever at the end of the run.
    pub left_over: Vec<String>,
    /// The counters at the end of the run.
    pub counts: Counts,
    /// The cost of the points in each line of code, the greatest first, if [`Config::profile`](super::Config::profile)
    /// is set.
    pub places: Vec<PlaceCost>,
    /// The hash of the trace.
    pub trace_hash: u64,
    /// The trace, if [`Config::trace`](super::Config::trace) is set.
    pub trace: Option<String>,
}

/// Why a run was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// No thread can go on, no timeout is pending, and the program has not ended.
    Deadlock,
    /// The program panicked, with this message.
    Panic(String),
    /// There were too many points.
    StepLimit,
    /// Time passed without progress.
    NoProgress,
}

/// A run that was given up.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The reason.
    pub kind: FaultKind,
    /// The seed, to repeat the run.
    pub seed: u64,
    /// When the run was given up, in virtual nanoseconds.
    pub virtual_ns: u64,
    /// The number of points up to then.
    pub steps: u64,
    /// The threads that had not ended.
    pub threads: Vec<ThreadReport>,
    /// The hash of the trace up to then.
    pub trace_hash: u64,
    /// The trace up to then, if [`Config::trace`](super::Config::trace) is set.
    pub trace: Option<String>,
}

/// The state of a thread when a run was given up.
#[derive(Debug, Clone)]
pub struct ThreadReport {
    /// Its number; the program's is 0.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// The object or thread that it waits for, if it waits.
    pub waits_for: Option<String>,
    /// Where it began to wait.
    pub at: String,
    /// Its last steps, the oldest first.
    pub last_steps: Vec<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}, seed {}, after {} points and {} ns", self.kind, self.seed, self.steps, self.virtual_ns)?;
        for thread in &self.threads {
            let what = thread.waits_for.as_deref().unwrap_or("nothing: it can go on");
            writeln!(f, "thread {} ({}) waits for {what}, at {}", thread.id, thread.name, thread.at)?;
            for step in &thread.last_steps {
                writeln!(f, "    {step}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
