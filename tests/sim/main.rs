//! The simulated machine, and the library on it: compiled under `--cfg sim` alone.
#![cfg(sim)]

mod costs;
#[path = "../support/dice.rs"]
mod dice;
mod faults;
mod hunt;
mod library;
mod machine;
mod rate;
mod regions;
mod scalability;
mod scaling;

use paceline::sim::{Config, Report, Schedule, run};

/// Under the system's, addresses would be used again as the whole process has it.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: paceline::sim::Allocator = paceline::sim::Allocator;

/// Runs a program that must come to its end.
#[track_caller]
pub(crate) fn completed(config: Config, program: impl FnOnce() + 'static) -> Report {
    run(config, program).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The machines on which a program is tried: each schedule, on few cores and more.
pub(crate) fn machines(seeds: std::ops::Range<u64>) -> impl Iterator<Item = Config> {
    seeds.flat_map(|seed| {
        [1, 2, 8].into_iter().flat_map(move |cores| {
            let schedules = [Schedule::Uniform, Schedule::Pct { depth: 3, length: 5_000 }, Schedule::Discrete];
            let config = move |schedule| Config::new(seed, cores).schedule(schedule).store_buffers(seed % 2 == 1);
            schedules.into_iter().map(config)
        })
    })
}
