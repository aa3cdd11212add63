//! Items of uneven length, where the bench `skew` has them, and a few long items, as in the bench `few`.

use super::super::program::Program;
use paceline::prelude::*;
use paceline::sim;

/// The lengths of light and heavy items, in nanoseconds, and the number of all.
const LIGHT: u64 = 200;
const HEAVY: u64 = 200_000;
const ITEMS: usize = 4_096;

fn skewed(name: &'static str, title: &'static str, heavy: std::ops::Range<usize>) -> Program {
    let weights = (0..ITEMS).map(|index| if heavy.contains(&index) { HEAVY } else { LIGHT }).collect();
    weighed(name, title, weights).span(HEAVY)
}

fn weighed(name: &'static str, title: &'static str, weights: Vec<u64>) -> Program {
    let same = weights.clone();
    let serial = move || same.iter().for_each(|&ns| sim::work(ns));
    Program::new(name, title, serial, move || weights.par_iter().for_each(|&ns| sim::work(ns)))
}

fn growing() -> Program {
    let last = 128 * HEAVY / ITEMS as u64;
    let weights = (1..=ITEMS as u64).map(|place| last * place / ITEMS as u64).collect();
    weighed("skew-growing", "4,096 items that grow with the index up to 6.2 us", weights)
}

/// How long a long item is, in nanoseconds.
const LONG: u64 = 2_000_000;

fn few(name: &'static str, title: &'static str, items: usize) -> Program {
    // `sim::work` cuts items into pieces of 10 us, and each piece takes a nanosecond more.
    weighed(name, title, vec![LONG; items]).whole(LONG + LONG / 10_000)
}

pub(super) fn all() -> Vec<Program> {
    vec![
        skewed("skew-first", "4,096 items of 200 ns, the first 64 of 200 us", 0..64),
        skewed("skew-middle", "4,096 items of 200 ns, 64 in the middle of 200 us", ITEMS / 2 - 32..ITEMS / 2 + 32),
        skewed("skew-last", "4,096 items of 200 ns, the last 64 of 200 us", ITEMS - 64..ITEMS),
        skewed("skew-last8", "4,096 items of 200 ns, the last 8 of 200 us", ITEMS - 8..ITEMS),
        growing(),
        few("few-burst", "25 items of 2 ms, in a burst of calls", 25),
        few("few-rest", "25 items of 2 ms, after a rest", 25).at_rest(),
        few("many-rest", "256 items of 2 ms, after a rest", 256).at_rest(),
    ]
}
