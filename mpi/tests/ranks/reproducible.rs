//! Sums of floats are equal to the last bit on any number of ranks and threads, and without MPI.

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline_mpi::AcrossRanks;

use crate::launch::{DONE, Launch};

/// What the launcher looks for.
const BITS: &str = "bits: ";

/// Numbers of items with trees of all kinds: none, fewer items than ranks, leaves of one item, of a few, of many.
const LENS: [usize; 9] = [0, 1, 3, 4, 255, 1000, 16_385, 100_003, 300_000];

fn term(n: usize) -> f64 {
    1.0 / (n as f64 + 0.3)
}

/// A step for which the grouping and the order matter.
fn mix(left: f64, right: f64) -> f64 {
    left * 0.75 - right
}

/// Prints the bits of all results in one line, once.
pub(crate) fn print_bits() {
    let world = paceline_mpi::init().unwrap();
    let mut bits: Vec<u64> = Vec::new();
    for len in LENS {
        let sum: f64 = world.block(0..len).map(term).deterministic_in(&world).sum_all();
        let mixed = world.block(0..len).map(term).deterministic_in(&world).reduce_all(|| 0.125, mix);
        // Blocks of other lengths, the first ones empty, give the same.
        let own = if world.rank() + 1 == world.size() { 0..len } else { 0..0 };
        let on_last: f64 = own.into_par_iter().map(term).deterministic_in(&world).sum_all();
        assert_eq!(on_last.to_bits(), sum.to_bits());
        bits.extend([sum.to_bits(), mixed.to_bits()]);
    }
    let all = world.combine_all(vec![bits.clone()], |left, right| [left, right].concat());
    assert_eq!(all, vec![bits.clone(); world.size()], "every rank has the same bits");
    if world.rank() == 0 {
        println!("{BITS}{}", line(&bits));
    }
    println!("{DONE}");
}

fn line(bits: &[u64]) -> String {
    bits.iter().map(|bits| format!("{bits:x}")).collect::<Vec<_>>().join(" ")
}

pub(crate) fn the_same_bits() {
    let mut bits = Vec::new();
    for len in LENS {
        let terms = || (0..len).into_par_iter().map(term).deterministic();
        bits.extend([terms().sum::<f64>().to_bits(), terms().reduce(|| 0.125, mix).to_bits()]);
    }
    let expected = format!("{BITS}{}\n", line(&bits));
    for (ranks, threads) in [(1, 1), (1, 2), (2, 1), (3, 2), (4, 3), (7, 1)] {
        let printed = Launch::new("bits", ranks).threads(threads).succeeds();
        assert!(
            printed.contains(&expected),
            "{ranks} ranks with {threads} threads:\n{printed}\nwithout MPI:\n{expected}"
        );
    }
}
