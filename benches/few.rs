//! A few long items, from the main thread: nobody waits while an item waits. And loops whose items are light in every run
//! but one of many, and then long, on eight workers.
//!
//! `cargo bench --bench few`; with `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival, default_workers};
use workload::few::{Before, contest};
use workload::grind::steps_in;
use workload::pools::Pools;
use workload::sudden::{self, Sudden};
use workload::weights::attainable;

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    let workers = default_workers();
    let milliseconds = options.sized(20.0, 5.0, 0.1);
    let mut counts = vec![2, workers, workers + 1, 3 * workers + 1];
    counts.sort_unstable();
    counts.dedup();
    for before in Before::ALL {
        let title = format!(
            "items of {milliseconds} ms, from the main thread, {workers} workers; a call {} (plain: in a burst)",
            before.words()
        );
        let mut lineup = Lineup::new(title, "items");
        for &count in &counts {
            let items = vec![steps_in(milliseconds * 1e6); count];
            let what = format!("{count} items of {milliseconds} ms, a call {}", before.words());
            let Some(standings) = options.standings(&mut contest(what, &items, before)) else {
                continue;
            };
            let attainable = attainable(&items, workers);
            lineup.push(count.to_string(), &standings, workers, Some(attainable));
            let ideal = standings.call(Rival::Plain, workers) / (workers as f64 * attainable);
            let ours = standings.call(Rival::Paceline, workers);
            let most = if matches!(before, Before::Rest) { 1.25 } else { 1.05 };
            floors.push(&standings.title, ours / ideal, Bound::AtMost(most), "x the ideal time");
            let rayon = standings.call(Rival::Rayon, workers);
            floors.push(&standings.title, ours / rayon, Bound::AtMost(1.05), "x rayon's time");
        }
        lineup.print();
    }
    light_then_long(&options, &mut floors);
    floors.conclude(&options)
}

/// A call whose items are long for once takes at most one item longer than rayon's.
fn light_then_long(options: &Options, floors: &mut Floors) {
    const WORKERS: usize = 8;
    let pools = Pools::new(WORKERS);
    let mut lineup = Lineup::new(format!("loops that are long for once, {WORKERS} workers"), "loop");
    for (items, milliseconds) in [(16, 10), (256, 1)] {
        for every in options.sized(&[50, 5000, 50_000][..], &[50, 5000], &[50]) {
            let each = Duration::from_millis(options.sized(milliseconds, milliseconds, 1));
            let what = format!("{items} items of {each:?}, one run in {every}");
            let sudden = Sudden { items, each, every: *every };
            let Some(standings) = options.standings(&mut sudden::contest(what.clone(), sudden, &pools)) else {
                continue;
            };
            lineup.push(what, &standings, WORKERS, None);
            let lengths = |rival| standings.call(rival, WORKERS) / each.as_nanos() as f64;
            let (ours, rayon) = (lengths(Rival::Paceline), lengths(Rival::Rayon));
            floors.push(&standings.title, ours, Bound::AtMost(rayon + 1.0), "item lengths");
        }
    }
    lineup.print();
}
