//! From one worker to all processors: forks, and iterators bound by the processor and by the memory.
//!
//! The binary stands alone: build it with `cargo bench --bench scaling --no-run`, carry it to another machine, and run it
//! there with `--workers 1,2,4,8`. Criterion has no part in it, since the contenders take turns.

mod harness;
mod workload;

use harness::{Contest, Options, default_workers, scaling_table};
use workload::pools::Pools;
use workload::tree::Tree;
use workload::{fib, heavy_map, memory_sum, tree};

fn main() {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or(1..=default_workers()));
    show(&options, &mut fib::contest(options.sized(34, 30, 15), &pools));
    {
        let grown = Tree::new(options.sized(22, 20, 10));
        show(&options, &mut tree::contest(&grown, &pools));
    }
    let seeds = heavy_map::seeds(options.sized(100_000, 20_000, 100));
    show(&options, &mut heavy_map::contest(&seeds, &pools));
    let words = memory_sum::words(options.sized(256, 64, 1));
    show(&options, &mut memory_sum::contest(&words, &pools));
}

/// Checks or measures a contest, as asked for, and prints its table.
fn show(options: &Options, contest: &mut Contest<'_>) {
    if options.checks() {
        contest.check();
    }
    if options.measures() && options.wants(contest.title()) {
        println!("{}", scaling_table(&contest.measure()));
    }
}
