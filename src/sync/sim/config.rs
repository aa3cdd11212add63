//! What a run is made of.

use super::cost::{Costs, Topology};

/// How the machine decides who goes on at each point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Each point, one of the busy cores by chance, all alike. For hunting.
    Uniform,
    /// Burckhardt's PCT (ASPLOS 2010): each thread has a random priority, and the runnable thread with the highest one
    /// runs; at `depth - 1` random points of the first `length` the running thread falls below all others. Every thread
    /// has a core. For hunting: it finds a bug of that depth with a known probability.
    Pct {
        /// How many ordering constraints the bug to be found has.
        depth: u32,
        /// About how many points a run has.
        length: u64,
    },
    /// The core with the smallest virtual time goes on: discrete events. For measuring.
    Discrete,
}

/// A run: the seed, the machine, and the limits at which it is given up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// The number of cores; `available_parallelism` tells it to the library.
    pub cores: usize,
    /// Who goes on.
    pub schedule: Schedule,
    /// What takes how long.
    pub costs: Costs,
    /// Which cores are close to one another.
    pub topology: Topology,
    /// Whether the trace is kept as text, in [`Report::trace`](super::Report::trace). Its hash is always there.
    pub trace: bool,
    /// Whether [`Report::places`](super::Report::places) is kept: what the points of each line of code have cost.
    pub profile: bool,
    /// Whether a store may stay in its thread's store buffer for a while, where others do not see it: a fence that is missing
    /// between a store and a load is found. Only for hunting: the costs are the same.
    pub store_buffers: bool,
    /// After so many points the run is given up.
    pub most_steps: u64,
    /// After so much busy virtual time without [progress](super::progress()) the run is given up. Time that passes while
    /// all threads sleep does not count.
    pub most_ns_without_progress: u64,
    /// After so many times that all threads slept until a timeout, without progress, the run is given up.
    pub most_jumps_without_progress: u64,
    /// The system refuses to start more threads than this at once.
    pub most_threads: usize,
}

impl Config {
    /// A uniform schedule on so many cores.
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

    /// The same with another schedule.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// The same with another cost model.
    #[must_use]
    pub fn costs(mut self, costs: Costs) -> Self {
        self.costs = costs;
        self
    }

    /// The same with cores that lie otherwise.
    #[must_use]
    pub fn topology(mut self, topology: Topology) -> Self {
        self.topology = topology;
        self
    }

    /// The same with store buffers, or without.
    #[must_use]
    pub fn store_buffers(mut self, store_buffers: bool) -> Self {
        self.store_buffers = store_buffers;
        self
    }

    /// The same with the places kept, or not.
    #[must_use]
    pub fn profile(mut self, profile: bool) -> Self {
        self.profile = profile;
        self
    }

    /// The same with the trace kept as text, or not.
    #[must_use]
    pub fn trace(mut self, trace: bool) -> Self {
        self.trace = trace;
        self
    }
}
