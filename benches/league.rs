//! Recursive workloads by which a public comparison (tzcnt/runtime-benchmarks) ranks libraries: fib by `join`, skynet and
//! queens by small loops within loops, a product of matrices by scopes. The code is our own.
//!
//! `cargo bench --bench league` prints a table for each: the plain call, ours, rayon's and chili's, in turn, on one
//! worker and on two, wall time and processor time. Chili has no loops, so its recursion halves their range. The bounds
//! are those of two workers; with `--strict` a missed one is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;

use harness::{Bound, Contest, Floors, Options, Rival, Standings};
use workload::matmul::{self, Matrices};
use workload::pools::Pools;
use workload::{fib, queens, skynet};

/// The number of workers that the bounds are for.
const WORKERS: usize = 2;

/// The clock by which a call is measured.
#[derive(Clone, Copy)]
enum Clock {
    Wall,
    Processor,
}

/// Ours takes at most `most` times as long as the rival by that clock.
struct Promise {
    clock: Clock,
    rival: Rival,
    most: f64,
}

const fn promise(clock: Clock, rival: Rival, most: f64) -> Promise {
    Promise { clock, rival, most }
}

fn main() -> ExitCode {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([1, WORKERS]));
    let matrices = Matrices::new(options.sized(512, 256, 64));
    let mut floors = Floors::watch();
    let mut run = |mut contest: Contest<'_>, promises: &[Promise]| {
        if let Some(standings) = options.standings(&mut contest) {
            println!("{}", standings.ratio_table());
            promises.iter().for_each(|promise| check(&mut floors, &standings, promise));
        }
    };
    let (wall, processor) = (Clock::Wall, Clock::Processor);
    run(fib::contest(options.sized(35, 30, 15), &pools), &[promise(wall, Rival::Plain, 1.15)]);
    run(
        skynet::contest(options.sized(6, 5, 3), &pools),
        &[promise(wall, Rival::Plain, 0.7), promise(processor, Rival::Plain, 1.2)],
    );
    run(queens::contest(options.sized(12, 10, 6), &pools), &[promise(wall, Rival::Rayon, 0.97)]);
    run(matmul::contest(&matrices, &pools), &[promise(wall, Rival::Rayon, 1.0)]);
    floors.conclude(&options)
}

fn check(floors: &mut Floors, standings: &Standings, promise: &Promise) {
    let time = |rival| {
        let row = standings.row(rival, WORKERS)?;
        match promise.clock {
            Clock::Wall => Some(row.wall.median),
            Clock::Processor => row.processor,
        }
    };
    let Some((ours, theirs)) = time(Rival::Paceline).zip(time(promise.rival)) else { return };
    let unit = match (promise.clock, promise.rival) {
        (Clock::Wall, Rival::Plain) => "x the plain call's time",
        (Clock::Processor, Rival::Plain) => "x the plain call's processor time",
        (Clock::Wall, _) => "x rayon's time",
        (Clock::Processor, _) => "x rayon's processor time",
    };
    let what = format!("{}, on {WORKERS} workers", standings.title);
    floors.push(what, ours / theirs, Bound::AtMost(promise.most), unit);
}
