//! Forks at every call and every node, without any cut-off.
//!
//! `cargo bench --bench join` runs criterion and prints the tables; `cargo bench --bench join -- --ratios` only the tables.

mod harness;
mod workload;

use harness::Options;
use workload::pools::Pools;
use workload::tree::Tree;
use workload::{fib, tree};

fn main() {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([1, 2]));
    for n in options.sized([25, 32], [25, 30], [10, 15]) {
        harness::run(&options, &mut fib::contest(n, &pools));
    }
    for levels in options.sized([10, 22], [10, 20], [4, 10]) {
        let grown = Tree::new(levels);
        harness::run(&options, &mut tree::contest(&grown, &pools));
    }
}
