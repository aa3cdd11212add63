//! Processor time of a wide pool at rest, and of one that gets an empty task every millisecond.
//!
//! Criterion has no part in it: it measures time that passes, and here processor time is the subject.

mod harness;
mod workload;

use std::time::Duration;

use harness::{Neighbours, Options, Table};
use workload::pools::Pools;
use workload::rest;

fn main() {
    let options = Options::from_args();
    if !options.checks() && !options.measures() {
        return;
    }
    for workers in options.workers_or([16]) {
        let pools = Pools::new(workers);
        options.show(&resting(&options, &pools));
        options.show(&spaced(&options, &pools));
    }
}

fn resting(options: &Options, pools: &Pools) -> Table {
    let milliseconds = options.sized(1000, 1000, 10);
    let neighbours = Neighbours::watch();
    let rests = rest::at_rest(pools, Duration::from_millis(milliseconds));
    let title = format!(
        "{} workers at rest for {milliseconds} ms after 50 ms of work, then as long again (plain: no pool)",
        pools.workers
    );
    let mut table = Table::new(title, ["contender", "cpu ms after work", "cpu ms asleep"]);
    for rest in rests {
        table.push([rest.rival.to_string(), milliseconds_of(rest.after_work), milliseconds_of(rest.asleep)]);
    }
    table.annotate(neighbours.note());
    table
}

fn spaced(options: &Options, pools: &Pools) -> Table {
    let neighbours = Neighbours::watch();
    let spawns = options.sized(1000, 1000, 12);
    let title = format!(
        "{spawns} empty spawns a millisecond apart on {} workers (plain: a thread behind a channel)",
        pools.workers
    );
    let mut table = Table::new(title, ["contender", "cpu ms", "cpu us per spawn"]);
    for (rival, used) in rest::spaced_spawns(pools, spawns) {
        table.push([
            rival.to_string(),
            milliseconds_of(used),
            used.map_or_else(|| "–".into(), |used| format!("{:.2}", used.as_secs_f64() * 1e6 / spawns as f64)),
        ]);
    }
    table.annotate(neighbours.note());
    table
}

fn milliseconds_of(time: Option<Duration>) -> String {
    time.map_or_else(|| "–".into(), |time| format!("{:.3}", time.as_secs_f64() * 1e3))
}
