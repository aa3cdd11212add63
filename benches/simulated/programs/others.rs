//! `par_bridge`, sorting and collecting.

use super::super::program::Program;
use paceline::prelude::*;
use paceline::sim;

fn bridge(name: &'static str, title: &'static str, items: u64, ns: u64) -> Program {
    let serial = move || (0..items).for_each(|_| sim::work(ns));
    Program::new(name, title, serial, move || (0..items).par_bridge().for_each(|_| sim::work(ns)))
}

/// How long a comparison takes, in nanoseconds.
const COMPARE: u64 = 4;

/// Numbers in no order.
fn numbers(count: u64) -> Vec<u64> {
    (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20).collect()
}

fn compare(a: &u64, b: &u64) -> std::cmp::Ordering {
    sim::work(COMPARE);
    a.cmp(b)
}

fn collected(count: u64) -> Vec<u64> {
    let square = |n: u64| {
        sim::work(50);
        n * n
    };
    (0..count).into_par_iter().map(square).collect()
}

pub(super) fn all() -> Vec<Program> {
    vec![
        bridge("bridge-1us", "20,000 items of 1 us by par_bridge", 20_000, 1_000),
        bridge("bridge-10us", "10,000 items of 10 us by par_bridge", 10_000, 10_000),
        Program::new(
            "sort",
            "par_sort_by of 50,000 numbers, comparisons of 4 ns",
            || numbers(50_000).sort_by(compare),
            || {
                let mut numbers = numbers(50_000);
                numbers.par_sort_by(compare);
                assert!(numbers.is_sorted());
            },
        ),
        Program::new(
            "collect",
            "100,000 items of 50 ns collected into a vector",
            || (0..100_000).for_each(|_| sim::work(50)),
            || assert_eq!(collected(100_000).len(), 100_000),
        ),
    ]
}
