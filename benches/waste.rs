//! Work that nobody asked for, counted: predicates called past the answer, states made anew, memory.
//!
//! `cargo bench --bench waste`; with `--strict` a missed bound is an exit code of 1. Counts but for the last table.

mod harness;
mod workload;

use std::process::ExitCode;

use harness::{Bound, Floors, Heap, Options, Rival, Table, default_workers, quantile};
use workload::bridged;
use workload::grind::steps_in;
use workload::waste::{Waster, paceline, rayon};

#[global_allocator]
static HEAP: Heap = Heap;

/// How often each is counted.
const RUNS: usize = 5;

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    counts(&options, &mut floors);
    bridge(&options, &mut floors);
    floors.conclude(&options)
}

/// The counts of paceline and of rayon, in turn, sorted.
fn count(options: &Options, counted: impl Fn(&Waster) -> u64) -> [Vec<f64>; 2] {
    let mut counts = [const { Vec::new() }; 2];
    for _ in 0..options.sized(RUNS, RUNS, 1) {
        for (waster, counts) in [&paceline::WASTER, &rayon::WASTER].into_iter().zip(&mut counts) {
            counts.push(counted(waster) as f64);
        }
    }
    counts
}

fn counts(options: &Options, floors: &mut Floors) {
    let workers = default_workers();
    let title = format!("waste on {workers} workers: medians of {RUNS}, from the main thread");
    let wanted = options.checks() || (options.measures() && options.wants(&title));
    if !wanted {
        return;
    }
    let heads = ["count", "per", "paceline", "at most", "rayon", "at most"];
    let mut table = Table::new(title, heads);
    let answer = options.sized(1_000_000, 1_000_000, 1000);
    let bytes = 4.0 * f64::from(answer);
    let items = vec![steps_in(1000.0); 4000];
    let mut row = |what: &str, per: &str, scale: f64, counted: &dyn Fn(&Waster) -> u64| {
        let [mut ours, mut theirs] = count(options, counted);
        let mut cells = |q| [&mut ours, &mut theirs].map(|counts| quantile(counts, q) / scale);
        let (median, most) = (cells(0.5), cells(1.0));
        let numbers = [median[0], most[0], median[1], most[1]].map(|count| format!("{count:.2}"));
        table.push([what.to_owned(), per.to_owned()].into_iter().chain(numbers));
        most[0]
    };
    let asked = row("find_first: predicates", "index", f64::from(answer), &|waster| (waster.find_first)(answer));
    let inits = row("map_init: inits", "worker", workers as f64, &|waster| (waster.map_init)(&items));
    let identities = row("fold: identities", "worker", workers as f64, &|waster| (waster.fold)(&items));
    row("flat_map_iter: peak of bytes", "byte collected", bytes, &|waster| (waster.flat_map_iter)(answer));
    options.show(&table);
    let what = format!("find_first at {answer} of 4 billion, the most of {RUNS}");
    floors.push(what, asked, Bound::AtMost(4.0), "predicates for each number up to the answer");
    let what = format!("map_init over {} items, the most of {RUNS}", items.len());
    floors.push(what, inits, Bound::AtMost(8.0), "inits for each worker");
    let what = format!("fold over {} items, the most of {RUNS}", items.len());
    floors.push(what, identities, Bound::AtMost(8.0), "identities for each worker");
}

fn bridge(options: &Options, floors: &mut Floors) {
    let (items, workers) = (options.sized(200_000, 50_000, 1000), default_workers());
    let steps = bridged::steps_in_loop(options.sized(30.0, 30.0, 1.0));
    let mut contest = bridged::contest("par_bridge over items of 30 ns, from the main thread", items, steps);
    let Some(standings) = options.standings(&mut contest) else {
        return;
    };
    println!("{}", standings.ratio_table());
    let speed = standings.call(Rival::Plain, workers) / standings.call(Rival::Paceline, workers);
    let what = format!("{items} items of 30 ns through par_bridge, {workers} workers");
    floors.push(what, speed, Bound::AtLeast(1.3), "x the plain loop's speed");
}
