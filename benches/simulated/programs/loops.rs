//! Loops of even items, and loops in loops.

use super::super::program::Program;
use paceline::prelude::*;
use paceline::sim;

fn plain(items: u64, ns: u64) {
    (0..items).for_each(|_| sim::work(ns));
}

fn parallel(items: u64, ns: u64) {
    (0..items).into_par_iter().for_each(|_| sim::work(ns));
}

fn even(name: &'static str, title: &'static str, items: u64, ns: u64) -> Program {
    Program::new(name, title, move || plain(items, ns), move || parallel(items, ns))
}

/// Parallel loops in a loop, which is parallel as well, or is not.
fn nested(name: &'static str, title: &'static str, is_outer_parallel: bool) -> Program {
    let serial = || (0..64).for_each(|_| plain(256, 500));
    let inner = |_| parallel(256, 500);
    let parallel = move || {
        if is_outer_parallel { (0..64).into_par_iter().for_each(inner) } else { (0..64).for_each(inner) }
    };
    Program::new(name, title, serial, parallel)
}

pub(super) fn all() -> Vec<Program> {
    vec![
        even("loop-1e3-1us", "1,000 items of 1 us", 1_000, 1_000),
        even("loop-1e3-100us", "1,000 items of 100 us", 1_000, 100_000).whole(100_010),
        even("loop-1e3-10ms", "1,000 items of 10 ms", 1_000, 10_000_000).whole(10_001_000),
        even("loop-1e4-100ns", "10,000 items of 100 ns", 10_000, 100),
        even("loop-1e4-10us", "10,000 items of 10 us", 10_000, 10_000),
        even("loop-1e5-10ns", "100,000 items of 10 ns", 100_000, 10),
        even("loop-1e5-1us", "100,000 items of 1 us", 100_000, 1_000),
        even("loop-1e6-1ns", "1,000,000 items of 1 ns", 1_000_000, 1),
        even("loop-1e6-100ns", "1,000,000 items of 100 ns", 1_000_000, 100),
        even("loop-1e4-10ms", "10,000 items of 10 ms", 10_000, 10_000_000).whole(10_001_000),
        even("loop-1e7-1ns", "10,000,000 items of 1 ns", 10_000_000, 1),
        nested("nest-parallel", "64 parallel loops of 256 items of 500 ns in a parallel loop", true),
        nested("nest-serial", "64 parallel loops of 256 items of 500 ns, one after another", false),
    ]
}
