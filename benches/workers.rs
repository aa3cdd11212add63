//! Worker pools against what is built by hand: std's threads with its `sync_channel` ("plain"), and rayon's scope with
//! crossbeam's bounded channel ("rayon").
//!
//! `cargo bench --bench workers`; with `--strict` a missed bound is an exit code of 1. Ratios alone, without criterion.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Options, Rival, default_workers};
use workload::fed::{Feed, Values, contest};
use workload::grind::steps_in;

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    for workers in options.workers_or([default_workers()]) {
        let rayon =
            rayon::ThreadPoolBuilder::new().num_threads(workers).build().expect("the system grants the threads");
        for (values, what) in [
            (Values::Kept, "nothing sent on"),
            (Values::Sent, "results sent on"),
            (Values::SentInOrder, "results in order (by hand: in none)"),
        ] {
            for nanoseconds in [1.0, 300.0, 5000.0] {
                let items = options.sized(20_000, 5_000, 200);
                let feed = Feed { items, steps: steps_in(nanoseconds), workers };
                let title = format!("{items} items of {nanoseconds} ns, {what}");
                let mut contest = contest(title, feed, values, &rayon);
                let Some(standings) = options.standings_within(Duration::from_secs(2), &mut contest) else {
                    continue;
                };
                println!("{}", standings.ratio_table());
                let ours = standings.call(Rival::Paceline, workers);
                let what = standings.title.as_str();
                let threads = ours / standings.call(Rival::Plain, workers);
                floors.push(what, threads, Bound::AtMost(1.0), "x the time of std's threads and channels");
                let rayon = ours / standings.call(Rival::Rayon, workers);
                // A bare channel knows no order, no panics and no early end, which shows where items do nothing.
                let most = if nanoseconds < 100.0 { 6.0 } else { 1.5 };
                floors.push(what, rayon, Bound::AtMost(most), "x the time of rayon's scope and crossbeam's channels");
            }
        }
    }
    floors.conclude(&options)
}
