//! Every size of item by every number of items, from the main thread: sharing pays or costs nothing.
//!
//! `cargo bench --bench sizes`; with `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival, Standings, default_workers, efficiency};
use workload::grind::steps_in;
use workload::site::Site;
use workload::weights;

/// Dependent multiplications of an item.
const STEPS: [u32; 4] = [1, 20, 400, 8000];

/// Numbers of items.
const ITEMS: [usize; 7] = [2, 8, 64, 512, 4096, 32_768, 262_144];

/// Calls whose plain loop takes longer than this many nanoseconds are left out.
const LONGEST: f64 = 30e6;

/// From this many nanoseconds of the plain loop on, and this many items for a worker, there is work for all.
const ENOUGH: (f64, usize) = (1e6, 8);

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    let longest = options.sized(LONGEST, LONGEST / 10.0, LONGEST / 100.0);
    for steps in STEPS {
        let title = format!("items of {steps} dependent multiplications, from the main thread");
        let mut lineup = Lineup::new(title, "items");
        for items in ITEMS {
            if f64::from(steps) * items as f64 > f64::from(steps_in(longest)) {
                break;
            }
            let weights = vec![steps; items];
            let title = format!("{items} x {steps} multiplications");
            let mut contest = weights::contest(title, &weights, Site::Main);
            if let Some(standings) = options.standings_within(Duration::from_secs(2), &mut contest) {
                lineup.push(items.to_string(), &standings, default_workers(), Some(1.0));
                promise(&mut floors, &standings, items);
            }
        }
        lineup.print();
    }
    floors.conclude(&options)
}

fn promise(floors: &mut Floors, standings: &Standings, items: usize) {
    let workers = default_workers();
    let what = standings.title.as_str();
    let call = |rival| standings.call(rival, workers);
    let (plain, ours, rayon) = (call(Rival::Plain), call(Rival::Paceline), call(Rival::Rayon));
    let most = Bound::AtMost(1.15 * plain + 300.0);
    floors.push(format!("{what}, against 1.15 plain loops and 300 ns"), ours, most, "ns");
    floors.push(what, ours / rayon, Bound::AtMost(1.1), "x rayon's time");
    if plain >= ENOUGH.0 && items >= ENOUGH.1 * workers {
        let percent = |rival| 100.0 * efficiency(standings, rival, workers, 1.0).expect("both took part");
        floors.push(
            format!("{what}, rayon's efficiency being {:.0} %", percent(Rival::Rayon)),
            percent(Rival::Paceline),
            Bound::AtLeast(93.0),
            "% efficiency",
        );
    }
}
