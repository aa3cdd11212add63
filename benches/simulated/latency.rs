//! How soon work begins in a pool that rests, and what next to nothing costs.

use super::measure::Machine;
use super::options::Options;
use super::table::{print, span};
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

/// A latency's name, title and measurement.
type Case = (&'static str, &'static str, fn(Machine) -> Starts);

const CASES: [Case; 3] = [
    ("wake-one", "one spawn into a pool that rests", one_spawn),
    ("wake-all", "as many spawns of 5 ms as cores into a pool that rests, from the main thread", all_sleepers),
    (
        "wake-loop",
        "a loop of as many items of 5 ms as cores, from the main thread of a pool that rests",
        sleepers_of_a_loop,
    ),
];

/// The tables of those that were asked for.
pub(crate) fn print_all(options: &Options) {
    if options.topologies {
        return;
    }
    let is_wanted = |name: &str| options.only.as_deref().is_none_or(|text| name.contains(text));
    let machines: Vec<Machine> = options.cores.iter().map(|&cores| Machine::usual(cores, options.seed)).collect();
    for (name, title, measure) in CASES.into_iter().filter(|case| is_wanted(case.0)) {
        let heads = ["cores", "first begins", "median", "last begins", "begun", "wake-ups", "failed", "lines moved"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for &machine in &machines {
            let Starts { starts, counts } = measure(machine);
            let at = |place: usize| starts.get(place).map_or_else(|| "–".to_owned(), |&ns| span(ns));
            rows.push(vec![
                machine.cores.to_string(),
                at(0),
                at(starts.len() / 2),
                at(starts.len().wrapping_sub(1)),
                starts.len().to_string(),
                counts.wake_ups.to_string(),
                counts.failed_steals.to_string(),
                counts.lines_moved.to_string(),
            ]);
        }
        print(&format!("{name}: {title}"), &rows);
    }
    if is_wanted("trickle") {
        let heads = ["cores", "processor time", "spinning", "on lines", "system", "wake-ups", "failed", "lines moved"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for &machine in &machines {
            let counts = trickle(machine);
            rows.push(vec![
                machine.cores.to_string(),
                span(counts.busy_ns),
                span(counts.spin_ns),
                span(counts.line_ns),
                span(counts.system_ns + counts.switch_ns),
                counts.wake_ups.to_string(),
                counts.failed_steals.to_string(),
                counts.lines_moved.to_string(),
            ]);
        }
        print("trickle: an empty spawn each millisecond, 50 times", &rows);
    }
}
