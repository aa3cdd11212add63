//! Streams, from the main thread: items of a sequential or a parallel iterator worked on in parallel and taken one by one,
//! against pariter and the plain loop; and a filter over the lines of a file.
//!
//! `cargo bench --bench stream` prints a table for small windows with a row for each window and weight, then tables for
//! larger ones. A row's title is its order, window and weight: `-- --only "window 4, items of 1 us"` measures the rows
//! whose titles contain that. With `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Options, Rival, Standings, Table, default_workers, span};
use workload::filtered::{Batch, Log, contest as contest_of_filters};
use workload::grind::steps_in;
use workload::streamed::{Order, contest};

/// The windows, and the weights of items in nanoseconds, in which a stream takes no longer than pariter's.
const SMALL_WINDOWS: [usize; 5] = [1, 2, 4, 8, 16];
const WEIGHTS: [u64; 5] = [200, 1_000, 5_000, 20_000, 100_000];

/// How long the measuring of one row takes, about.
const BUDGET: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    for (order, name) in [(Order::Items, "ordered"), (Order::Done, "unordered")] {
        small_windows(&options, &mut floors, order, name);
    }
    for (order, name) in [
        (Order::Items, "ordered"),
        (Order::Done, "unordered"),
        (Order::Scoped, "in a scope"),
        (Order::Parallel, "into_seq_iter"),
    ] {
        for window in [2 * default_workers(), 64 * default_workers()] {
            for microseconds in [1, 10, 100] {
                let title = format!("{name}, window {window}, items of {microseconds} us");
                let Some(standings) = measured(&options, title, order, 1_000 * microseconds, window, None) else {
                    continue;
                };
                println!("{}", standings.ratio_table());
                let time = |rival| standings.call(rival, default_workers());
                println!("speed / pariter: {:.2}\n", time(Rival::Pariter) / time(Rival::Paceline));
            }
        }
    }
    filters(&options);
    floors.conclude(&options)
}

/// A filter program over a file of some megabytes.
fn filters(options: &Options) {
    let megabytes = options.sized(64, 16, 1);
    let log = Log::with(megabytes).expect("a file in the directory for temporary ones");
    for (batch, name) in [(Batch::Lines, "lines"), (Batch::Blocks, "blocks in a scope")] {
        let title = format!("filter of {megabytes} MB, by {name}");
        if let Some(standings) = options.standings(&mut contest_of_filters(title, &log, megabytes, batch)) {
            println!("{}", standings.ratio_table());
            let time = |rival| standings.call(rival, default_workers());
            println!("speed / pariter: {:.2}\n", time(Rival::Pariter) / time(Rival::Paceline));
        }
    }
}

/// Some 20 ms of items of that many nanoseconds, through such a window.
fn measured(
    options: &Options,
    title: String,
    order: Order,
    nanoseconds: u64,
    window: usize,
    budget: Option<Duration>,
) -> Option<Standings> {
    let items = options.sized(20_000_000 / nanoseconds, 5_000_000 / nanoseconds, 50);
    let mut contest = contest(title, order, items, steps_in(nanoseconds as f64), window);
    match budget {
        Some(budget) => options.standings_within(budget, &mut contest),
        None => options.standings(&mut contest),
    }
}

fn small_windows(options: &Options, floors: &mut Floors, order: Order, name: &str) {
    let heads = ["small windows", "plain", "time / plain", "pariter's", "time / pariter", "cpu / plain", "pariter's"];
    let mut table = Table::new(format!("{name} streams of some 20 ms, from the main thread"), heads);
    let mut rows = 0;
    for window in SMALL_WINDOWS {
        for nanoseconds in WEIGHTS {
            let title = format!("{name}, window {window}, items of {}", weight(nanoseconds));
            let Some(standings) = measured(options, title, order, nanoseconds, window, Some(BUDGET)) else {
                continue;
            };
            let workers = default_workers();
            let time = |rival| standings.call(rival, workers);
            let processor = |rival| {
                let used = |rival| standings.row(rival, workers)?.processor;
                used(rival).zip(used(Rival::Plain)).map_or_else(|| "–".into(), |(of, to)| format!("{:.2}", of / to))
            };
            let ratio = |of, to| time(of) / time(to);
            let against_pariter = ratio(Rival::Paceline, Rival::Pariter);
            table.push([
                standings.title.clone(),
                span(time(Rival::Plain)),
                format!("{:.2}", ratio(Rival::Paceline, Rival::Plain)),
                format!("{:.2}", ratio(Rival::Pariter, Rival::Plain)),
                format!("{against_pariter:.2}"),
                processor(Rival::Paceline),
                processor(Rival::Pariter),
            ]);
            floors.push(standings.title.as_str(), against_pariter, Bound::AtMost(1.0), "x pariter's time");
            rows += 1;
        }
    }
    if rows > 0 {
        println!("{table}");
    }
}

fn weight(nanoseconds: u64) -> String {
    if nanoseconds < 1_000 { format!("{nanoseconds} ns") } else { format!("{} us", nanoseconds / 1_000) }
}
