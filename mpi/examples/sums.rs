//! Sums over ranks, one of them equal to the last bit on any number of ranks; the program of the book's chapter about MPI.

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline_mpi::{AcrossRanks, InitError};

const LEN: usize = 1_000_000;

fn term(n: usize) -> f64 {
    1.0 / (n as f64 + 1.0)
}

fn main() -> Result<(), InitError> {
    let world = paceline_mpi::init()?;

    // Each rank has its block of the items. The pool of the rank works on it.
    let multiples: usize = world.block(0..LEN).filter(|n| n % 7 == 0).map(|_| 1).sum_all(&world);
    assert_eq!(multiples, LEN.div_ceil(7));

    // Every rank gets the result. These bits depend on the number of items alone.
    let sum: f64 = world.block(0..LEN).map(term).deterministic_in(&world).sum_all();
    let without_mpi: f64 = (0..LEN).into_par_iter().map(term).deterministic().sum();
    assert_eq!(sum.to_bits(), without_mpi.to_bits());

    // Rows that weigh differently are drawn by the ranks that have time for them.
    let weigh = |row: usize| (row, (0..row * row).map(|n| n as u64).sum::<u64>());
    let rows = world.dynamic(0..1000, 8).map(weigh).collect_at(&world, 0);

    // The collected items are at the named rank, here 0.
    if let Some(mut rows) = rows {
        rows.sort_unstable();
        assert!(rows.iter().enumerate().all(|(place, (row, _))| place == *row));
        println!("{} ranks: {multiples} multiples, the sum {sum}", world.size());
    }
    Ok(())
}
