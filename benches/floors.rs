//! The promises as bounds: one line for each, its measured value, and PASS or miss.
//!
//! The numbers of workers are part of the promises: `--workers` changes nothing here. A wrong value panics. A missed
//! floor does not change the exit code, unless `--strict` is given: machines differ.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Options, Rival, Standings, default_workers};
use workload::pools::Pools;
use workload::slots::Slots;
use workload::tree::Tree;
use workload::{fib, rest, spawn_flat, tree, wake};

fn main() -> ExitCode {
    let options = Options::from_args();
    if !options.checks() && !options.measures() {
        return ExitCode::SUCCESS;
    }
    let mut floors = Floors::watch();
    forks(&options, &mut floors);
    small_tree(&options, &mut floors);
    spawns(&options, &mut floors);
    wakes(&options, &mut floors);
    idle(&options, &mut floors);
    floors.conclude(&options)
}

/// How many times as fast as `rival` paceline is.
fn speed(standings: &Standings, rival: Rival, workers: usize) -> f64 {
    let median = |rival| standings.median(rival, workers).expect("the contender took part");
    median(rival) / median(Rival::Paceline)
}

fn on(workers: usize) -> String {
    let s = if workers == 1 { "" } else { "s" };
    format!("on {workers} worker{s}")
}

fn forks(options: &Options, floors: &mut Floors) {
    let pools = Pools::each(&[1, 2]);
    let n = options.sized(32, 28, 15);
    let Some(standings) = options.standings(&mut fib::contest(n, &pools)) else {
        return;
    };
    let cost = 1.0 / speed(&standings, Rival::Plain, 1);
    floors.push(format!("fib({n}) without cut-off, {}", on(1)), cost, Bound::AtMost(2.2), "x the plain call's time");
    let rivals = [
        (Rival::Rayon, 1, 4.0, "x rayon's speed"),
        (Rival::Chili, 1, 1.1, "x chili's speed"),
        (Rival::Rayon, 2, 3.5, "x rayon's speed"),
        (Rival::Chili, 2, 1.1, "x chili's speed"),
    ];
    for (rival, workers, least, unit) in rivals {
        floors.push(
            format!("fib({n}) without cut-off, {}", on(workers)),
            speed(&standings, rival, workers),
            Bound::AtLeast(least),
            unit,
        );
    }
}

fn small_tree(options: &Options, floors: &mut Floors) {
    let workers = default_workers();
    let pools = Pools::each(&[workers]);
    let grown = Tree::new(10);
    if let Some(standings) = options.standings(&mut tree::contest(&grown, &pools)) {
        floors.push(
            format!("tree sum over 1023 nodes within install, {}", on(workers)),
            1.0 / speed(&standings, Rival::Plain, workers),
            Bound::AtMost(1.8),
            "x the plain call's time",
        );
    }
}

fn spawns(options: &Options, floors: &mut Floors) {
    let pools = Pools::each(&[1, 2]);
    let slots = Slots::new(options.sized(100_000, 10_000, 100));
    let Some(standings) = options.standings(&mut spawn_flat::contest(&slots, &pools)) else {
        return;
    };
    for workers in [1, 2] {
        floors.push(
            format!("{} spawns in one scope, {}", slots.len(), on(workers)),
            speed(&standings, Rival::Rayon, workers),
            Bound::AtLeast(1.3),
            "x rayon's speed",
        );
    }
}

fn wakes(options: &Options, floors: &mut Floors) {
    let pools = Pools::new(default_workers());
    let latencies = wake::latencies(&pools, options.sized(200, 50, 1));
    if options.checks() {
        return;
    }
    let median = |rival| {
        let found = latencies.iter().find(|latency| latency.rival == rival);
        found.expect("the contender took part").median / 1e3
    };
    floors.push(
        format!("spawn to start in a sleeping pool, {}", on(pools.workers)),
        median(Rival::Paceline),
        Bound::AtMost(median(Rival::Rayon)),
        "us, rayon's median the bound",
    );
}

fn idle(options: &Options, floors: &mut Floors) {
    let pools = Pools::new(16);
    let span = Duration::from_millis(options.sized(1000, 1000, 10));
    let rest = rest::at_rest(|| pools.paceline.install(|| fib::paceline(20)), span);
    if options.checks() {
        return;
    }
    let Some(asleep) = rest.asleep else {
        println!("this system does not tell processor time");
        return;
    };
    floors.push(
        "16 workers at rest for a second, processor time",
        asleep.as_secs_f64() * 1e3,
        Bound::AtMost(1.0),
        "ms, less than one counts as none",
    );
}
