//! The parameters of a run.

use super::cost::{Costs, Topology};

/// How the machine chooses at each point the thread that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// At each point a random one of the busy cores, all with the same probability. For hunting.
    Uniform,
    /// Burckhardt's PCT (ASPLOS 2010): each thread has a random priority, and the runnable thread with the highest one
    /// runs; at `depth - 1` random points of the first `length` the running thread falls below all others. Every thread
    /// has a core. For hunting: it finds a bug of that depth with a known probability.
    Pct {
        /// The number of ordering constraints of the bug to be found.
        depth: u32,
        /// The approximate number of points in a run.
        length: u64,
    },
    /// The core with the smallest virtual time goes on: discrete events. For measuring.
    Discrete,
}

/// A run: the seed, the machine, and the limits at which it is given up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The seed of all random decisions.
    pub seed: u64,
    /// The number of cores; `available_parallelism` tells it to the library.
    pub cores: usize,
    /// How the thread that goes on is chosen.
    pub schedule: Schedule,
    /// The cost of each operation.
    pub costs: Costs,
    /// The distances between cores.
    pub topology: Topology,
    /// True to keep the trace as text, in [`Report::trace`](super::Report::trace). Its hash is always kept.
    pub trace: bool,
    /// True to fill [`Report::places`](super::Report::places): the cost of the points in each line of code.
    pub profile: bool,
    /// True if a store may stay in its thread's store buffer for a while, where other threads do not see it. This finds
    /// a missing fence between a store and a load. Only for hunting: the costs are the same.
    pub store_buffers: bool,
    /// The run is given up after this number of points.
    pub most_steps: u64,
    /// The run is given up after this much busy virtual time without [progress](super::progress()). Time that passes
    /// while all threads sleep does not count.
    pub most_ns_without_progress: u64,
    /// The run is given up when all threads have slept until a timeout this number of times without progress.
    pub most_jumps_without_progress: u64,
    /// The system refuses to start more threads than this at once.
    pub most_threads: usize,
}

impl Config {
    /// A uniform schedule on `cores` cores.
    pub fn new(seed: u64, cores: usize) -> Self {
        Config {
            seed,
            cores: cores.max(1),
            schedule: Schedule::Uniform,
            costs: Costs::default(),
            topology: Topology::default(),
            trace: false,
            profile: false,
            store_buffers: false,
            most_steps: 50_000_000,
            most_ns_without_progress: 1_000_000_000,
            most_jumps_without_progress: 10_000,
            most_threads: 4096,
        }
    }

    /// Sets the schedule.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Sets the costs.
    #[must_use]
    pub fn costs(mut self, costs: Costs) -> Self {
        self.costs = costs;
        self
    }

    /// Sets the topology.
    #[must_use]
    pub fn topology(mut self, topology: Topology) -> Self {
        self.topology = topology;
        self
    }

    /// Sets whether there are store buffers.
    #[must_use]
    pub fn store_buffers(mut self, store_buffers: bool) -> Self {
        self.store_buffers = store_buffers;
        self
    }

    /// Sets whether the places are kept.
    #[must_use]
    pub fn profile(mut self, profile: bool) -> Self {
        self.profile = profile;
        self
    }

    /// Sets whether the trace is kept as text.
    #[must_use]
    pub fn trace(mut self, trace: bool) -> Self {
        self.trace = trace;
        self
    }
}
