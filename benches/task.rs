//! Tasks with results, asked for by a thread outside: the way there and back, and many at once; and calls that block.
//!
//! `cargo bench --bench task` runs criterion and prints the tables; `cargo bench --bench task -- --ratios` only the tables.

mod harness;
mod workload;

use harness::Options;
use workload::blocking;
use workload::pools::Pools;
use workload::trips::{self, Runtime};

fn main() {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([1, 2]));
    let runtimes: Vec<_> = pools.iter().map(|pools| Runtime::new(pools.workers)).collect();
    harness::run(&options, &mut trips::round_trips(&pools, &runtimes));
    let tasks = options.sized(1000, 1000, 20);
    harness::run(&options, &mut trips::throughput(tasks, &pools, &runtimes));
    harness::run(&options, &mut trips::from_within(tasks, &pools));
    harness::run(&options, &mut blocking::returning_at_once(&pools, &runtimes));
    harness::run(&options, &mut blocking::all_at_once(&pools, &blocking::runtime()));
}
