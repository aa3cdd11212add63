//! Calls that are too small for a second thread, from the main thread: they cost hardly more than the plain loop.
//!
//! `cargo bench --bench small`; with `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival, default_workers};
use workload::tree::Tree;
use workload::{small_sum, tree};

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    sums(&options, &mut floors);
    small_tree(&options, &mut floors);
    floors.conclude(&options)
}

fn sums(options: &Options, floors: &mut Floors) {
    let workers = default_workers();
    let title = "par_iter().map(|x| x * x).sum() from the main thread, in a loop of such calls";
    let mut lineup = Lineup::new(title, "integers");
    for count in [1, 10, 100, 1000, 10_000] {
        let numbers = small_sum::numbers(count);
        let mut contest = small_sum::contest(&numbers);
        let Some(standings) = options.standings_within(Duration::from_secs(3), &mut contest) else {
            continue;
        };
        lineup.push(count.to_string(), &standings, workers, None);
        floors.push(
            format!("{}, against 1.1 plain loops and 300 ns", standings.title),
            standings.call(Rival::Paceline, workers),
            Bound::AtMost(1.1 * standings.call(Rival::Plain, workers) + 300.0),
            "ns",
        );
    }
    lineup.print();
}

fn small_tree(options: &Options, floors: &mut Floors) {
    let workers = default_workers();
    let grown = Tree::new(10);
    let Some(standings) = options.standings(&mut tree::contest_from_main(&grown)) else {
        return;
    };
    println!("{}", standings.ratio_table());
    let ours = standings.call(Rival::Paceline, workers);
    let what = standings.title.as_str();
    let plain = ours / standings.call(Rival::Plain, workers);
    floors.push(what, plain, Bound::AtMost(2.0), "x the plain call's time");
    let chili = standings.call(Rival::Chili, workers) / ours;
    floors.push(what, chili, Bound::AtLeast(1.0), "x chili's speed");
}
