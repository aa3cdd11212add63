//! Collecting beside std's own loop and rayon: what is known to have so many items, and what is not; into vectors,
//! strings and maps.
//!
//! `cargo bench --bench collect`; with `--strict` a missed bound is an exit code of 1. Each outcome is dropped within the
//! time that is measured. Criterion has no part in it.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival};
use workload::collecting::{CASES, Input};
use workload::pools::Pools;
use workload::site::Site;

/// How long the measuring of one row takes, about.
const BUDGET: Duration = Duration::from_millis(1500);

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    let pools = Pools::each(&options.workers_or([]));
    let input = Input::new(options.sized(4_000_000, 500_000, 10_000));
    for site in Site::each(&pools) {
        collect(&options, site, &input, &mut floors);
    }
    floors.conclude(&options)
}

fn collect(options: &Options, site: Site<'_>, input: &Input, floors: &mut Floors) {
    let mut lineup = Lineup::new(format!("collect, {site}"), "case");
    for case in CASES {
        let Some(standings) = options.standings_within(BUDGET, &mut case.contest(site, input)) else {
            continue;
        };
        lineup.push(case.name, &standings, site.workers(), None);
        if let Some(most) = case.promise.most() {
            let call = |rival| standings.call(rival, site.workers());
            let ratio = call(Rival::Paceline) / call(Rival::Rayon);
            floors.push(format!("{}, {site}", case.name), ratio, Bound::AtMost(most), "x rayon's time");
        }
    }
    lineup.print();
}
