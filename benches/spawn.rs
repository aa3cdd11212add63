//! Spawns: many in one scope, a tree of them, and the way of a single one to a worker that sleeps.
//!
//! `cargo bench --bench spawn` runs criterion and prints the tables; `cargo bench --bench spawn -- --ratios` only the tables.

mod harness;
mod workload;

use harness::Options;
use workload::pools::Pools;
use workload::slots::Slots;
use workload::{spawn_flat, spawn_tree, wake};

fn main() {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([1, 2]));
    let flat = Slots::new(options.sized(100_000, 10_000, 100));
    harness::run(&options, &mut spawn_flat::contest(&flat, &pools));
    let tree = Slots::new(options.sized((1 << 17) - 1, (1 << 13) - 1, 127));
    harness::run(&options, &mut spawn_tree::contest(&tree, &pools));
    let tries = options.sized(200, 50, 1);
    if options.checks() || (options.measures() && options.wants("sleeping pool")) {
        let table = wake::table(&pools, tries);
        options.show(&table);
    }
}
