//! Runs a program on a machine, and counts during the measured call.

use super::program::{Before, Program};
use paceline::sim::{self, Config, Counts, PlaceCost, Schedule, Topology};
use std::cell::Cell;
use std::rc::Rc;

/// A machine to measure on.
#[derive(Clone, Copy)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) clusters: usize,
    pub(crate) sockets: usize,
    pub(crate) seed: u64,
    pub(crate) profile: bool,
}

/// For so long everything rests, in nanoseconds: far longer than any worker looks for work.
const REST: u64 = 20_000_000;

impl Machine {
    /// So many cores as they usually lie.
    pub(crate) fn usual(cores: usize, seed: u64) -> Self {
        let clusters = if cores <= 8 { 1 } else { 2 } + if cores <= 32 { 0 } else { 6 };
        Machine { cores, clusters, sockets: if cores <= 64 { 1 } else { 2 }, seed, profile: false }
    }

    fn config(self) -> Config {
        let topology = Topology::of(self.cores, self.clusters, self.sockets);
        let mut config = Config::new(self.seed, self.cores).schedule(Schedule::Discrete).topology(topology);
        config.most_steps = 1_000_000_000;
        config.profile(self.profile)
    }

    /// Runs a program that puts what it has counted into the cell.
    pub(crate) fn run<T: Default + 'static>(self, program: impl FnOnce(&Cell<T>) + 'static) -> (T, Vec<PlaceCost>) {
        let counted = Rc::new(Cell::new(T::default()));
        let inner = Rc::clone(&counted);
        match sim::run(self.config(), move || program(&inner)) {
            Ok(report) => (counted.take(), report.places),
            Err(fault) => panic!("{fault}"),
        }
    }

    /// What one call of the program counts.
    pub(crate) fn measure(self, program: &Program) -> (Counts, Vec<PlaceCost>) {
        let (call, before) = (Rc::clone(&program.parallel), program.before);
        self.run(move |counted| {
            call();
            sim::sleep(REST);
            if before == Before::Alike {
                call();
            }
            let begun = sim::counts();
            call();
            counted.set(sim::counts() - begun);
        })
    }
}

/// How long the program takes by plain calls, in nanoseconds.
pub(crate) fn serial_ns(program: &Program) -> u64 {
    let call = Rc::clone(&program.serial);
    let (ns, _) = Machine::usual(1, 1).run(move |counted: &Cell<u64>| {
        let begun = sim::now();
        call();
        counted.set(sim::now() - begun);
    });
    ns
}
