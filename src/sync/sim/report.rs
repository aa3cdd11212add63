//! What comes of a run.

use super::counts::{Counts, PlaceCost};
use std::fmt;

/// A run that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When the program ended, in virtual nanoseconds.
    pub virtual_ns: u64,
    /// For how long cores were busy, all together, in virtual nanoseconds. With schedules other than the discrete one,
    /// where one thread runs at a time, about the same as `virtual_ns`.
    pub busy_ns: u64,
    /// How many points there were.
    pub steps: u64,
    /// How often the machine went from one thread to another.
    pub switches: u64,
    /// How many sleeping threads were woken by others.
    pub wake_ups: u64,
    /// How many waits ended by a timeout.
    pub timeouts: u64,
    /// How many threads there were, the program's among them.
    pub threads: usize,
    /// The names of the threads that were asleep for good when all was at rest.
    pub left_over: Vec<String>,
    /// All that was counted, when the run was over.
    pub counts: Counts,
    /// What the points of each line of code have cost, the most first, if it was asked for.
    pub places: Vec<PlaceCost>,
    /// The hash of the trace.
    pub trace_hash: u64,
    /// The trace, if it was asked for.
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
    /// Time passed, and nothing was done.
    NoProgress,
}

/// A run that was given up.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Why.
    pub kind: FaultKind,
    /// The seed, to repeat the run.
    pub seed: u64,
    /// When, in virtual nanoseconds.
    pub virtual_ns: u64,
    /// After how many points.
    pub steps: u64,
    /// Each thread that had not ended.
    pub threads: Vec<ThreadReport>,
    /// The hash of the trace up to then.
    pub trace_hash: u64,
    /// The trace up to then, if it was asked for.
    pub trace: Option<String>,
}

/// What a thread was doing when a run was given up.
#[derive(Debug, Clone)]
pub struct ThreadReport {
    /// Its number; the program's is 0.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// What it waits for, if it waits.
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
