//! Loops that compile to vector instructions, on one worker: the price of a part's innermost loop.
//!
//! `cargo bench --bench vector` prints a table for each length of the slices, with every loop's time for a thousand
//! items. On the short ones the price of the call can be seen, on the long ones it cannot. `ci/vector.sh` shows the
//! instructions.
//!
//! A loop of seven instructions runs up to a third slower, in whatever contender, where it happens to lie across a border of
//! 32 bytes. `RUSTFLAGS="-C llvm-args=-align-all-functions=6 -C llvm-args=-align-loops=32"` lays all loops alike.

mod harness;
mod workload;

use std::sync::Mutex;

use harness::{Neighbours, Options, Rival, Table, time};
use workload::loops::{self, LOOPS, Slices};
use workload::pools::Pools;

fn main() {
    let options = Options::from_args();
    let pools = Pools::each(&[1]);
    for thousands in options.sized([4, 64], [4, 64], [1, 2]) {
        let slices = Mutex::new(Slices::new(thousands * 1000));
        if options.checks() {
            LOOPS.iter().for_each(|each| loops::contest(each, &slices, &pools).check());
        } else if options.measures() {
            let title = format!("{thousands},000 items on one worker, ns per 1000 items");
            println!("{}", measured(&options, title, &slices, &pools));
        }
    }
}

/// A row for each loop.
fn measured(options: &Options, title: String, slices: &Mutex<Slices>, pools: &[Pools]) -> Table {
    let heads = ["loop", "plain", "paceline", "rayon", "time / plain", "speed / rayon"];
    let mut table = Table::new(title, heads);
    let neighbours = Neighbours::watch();
    for each in LOOPS.iter().filter(|each| options.wants(each.name)) {
        let standings = loops::contest(each, slices, pools).measure();
        let median = |rival| standings.median(rival, 1).expect("the contender took part");
        let (plain, paceline, rayon) = (median(Rival::Plain), median(Rival::Paceline), median(Rival::Rayon));
        let mut cells = vec![each.name.to_string()];
        cells.extend([plain, paceline, rayon].map(time));
        cells.extend([paceline / plain, rayon / paceline].map(|ratio| format!("{ratio:.2}")));
        table.push(cells);
    }
    table.annotate(neighbours.note());
    table
}
