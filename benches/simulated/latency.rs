//! How soon work begins in a pool that rests, and what next to nothing costs.

use super::measure::Machine;
use paceline::sim::{self, Counts};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// For so long the pool rests, in nanoseconds.
const REST: u64 = 20_000_000;

/// When jobs began, after they were spawned, in nanoseconds.
#[derive(Clone, Default)]
pub(crate) struct Starts {
    pub(crate) starts: Vec<u64>,
    pub(crate) counts: Counts,
}

/// Starts the pool, and lets it rest.
fn warm_up() {
    paceline::broadcast(|_| sim::work(1_000));
    sim::sleep(REST);
}

/// A spawn into a pool that rests: when does it begin?
pub(crate) fn one_spawn(machine: Machine) -> Starts {
    spawns(machine, 1)
}

/// As many long spawns as there are cores: when has the last begun?
pub(crate) fn all_sleepers(machine: Machine) -> Starts {
    spawns(machine, machine.cores)
}

fn spawns(machine: Machine, jobs: usize) -> Starts {
    let run = move |counted: &Cell<Starts>| {
        warm_up();
        let begun = sim::counts();
        let starts = Arc::new(Mutex::new(Vec::new()));
        for _ in 0..jobs {
            let starts = Arc::clone(&starts);
            paceline::spawn(move || {
                let start = sim::now() - begun.now;
                starts.lock().expect("no job panics").push(start);
                sim::work(5_000_000);
            });
        }
        sim::sleep(REST);
        let mut starts = starts.lock().expect("no job panics").clone();
        starts.sort_unstable();
        counted.set(Starts { starts, counts: sim::counts() - begun });
    };
    machine.run(run).0
}

/// A loop of as many long items as there are cores, from a pool that rests: when has the last begun?
pub(crate) fn sleepers_of_a_loop(machine: Machine) -> Starts {
    let run = move |counted: &Cell<Starts>| {
        use paceline::prelude::*;
        warm_up();
        let begun = sim::counts();
        let starts = Mutex::new(Vec::new());
        (0..machine.cores).into_par_iter().with_max_len(1).for_each(|_| {
            let start = sim::now() - begun.now;
            starts.lock().expect("no item panics").push(start);
            sim::work(5_000_000);
        });
        let counts = sim::counts() - begun;
        let mut starts = starts.into_inner().expect("no item panics");
        starts.sort_unstable();
        counted.set(Starts { starts, counts });
    };
    machine.run(run).0
}

/// What a pool does that gets an empty spawn each millisecond.
pub(crate) fn trickle(machine: Machine) -> Counts {
    const SPAWNS: u64 = 50;
    let run = move |counted: &Cell<Counts>| {
        warm_up();
        let begun = sim::counts();
        let done = Arc::new(AtomicU64::new(0));
        for _ in 0..SPAWNS {
            let done = Arc::clone(&done);
            paceline::spawn(move || {
                done.fetch_add(1, Ordering::Relaxed);
            });
            sim::sleep(1_000_000);
        }
        assert_eq!(done.load(Ordering::Relaxed), SPAWNS);
        counted.set(sim::counts() - begun);
    };
    machine.run(run).0
}
