//! Loops of light items in every shape, from the main thread: no shape is left behind.
//!
//! `cargo bench --bench shapes` prints a table for each number of items: the plain loop, which is compiled to vector
//! instructions where the compiler can, rayon's, and ours, in turn. A row's title is its loop and its number of items:
//! `-- --only "any, 1000 items"` measures the rows whose titles contain that. With `--strict` a missed bound is an exit
//! code of 1. A loop of a few instructions runs up to twice as slow where it happens to lie badly: run it by
//! `ci/aligned.sh --bench shapes -- --ratios`.

mod harness;
mod workload;

use std::cell::RefCell;
use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival, Standings, default_workers};
use workload::shaped::{Input, SHAPES};

/// Numbers of items.
const ITEMS: [u32; 4] = [1000, 4096, 32_768, 1_000_000];

/// How long the measuring of one row takes, about.
const BUDGET: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    let lens: &[u32] = options.sized(&ITEMS, &ITEMS, &[1, 20_000]);
    for &len in lens {
        let input = RefCell::new(Input::new(len));
        let mut lineup = Lineup::new(format!("{len} light items, from the main thread"), "loop");
        for shape in SHAPES {
            if let Some(standings) = options.standings_within(BUDGET, &mut shape.contest(&input)) {
                lineup.push(shape.name, &standings, default_workers(), None);
                promise(&mut floors, &standings);
            }
        }
        lineup.print();
    }
    floors.conclude(&options)
}

fn promise(floors: &mut Floors, standings: &Standings) {
    let call = |rival| standings.call(rival, default_workers());
    let (plain, ours, rayon) = (call(Rival::Plain), call(Rival::Paceline), call(Rival::Rayon));
    let what = standings.title.as_str();
    floors.push(format!("{what}, against 1.1 plain loops and 100 ns"), ours, Bound::AtMost(1.1 * plain + 100.0), "ns");
    floors.push(what, ours / rayon, Bound::AtMost(1.05), "x rayon's time");
}
