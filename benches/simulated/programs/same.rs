//! Programs that benches on a real machine have too, with the items that those measured there: to see on one and two cores
//! how far the simulated machine can be trusted.

use super::super::program::Program;
use paceline::prelude::*;
use paceline::sim;

/// The cores of the real machine.
const CORES: usize = 2;

/// As in the bench `sizes`, a burst of calls. The access that ends an item takes a nanosecond of it.
fn size(name: &'static str, title: &'static str, items: u64, ns: u64) -> Program {
    let serial = move || (0..items).for_each(|_| sim::work(ns - 1));
    Program::new(name, title, serial, move || (0..items).into_par_iter().for_each(|_| sim::work(ns - 1))).up_to(CORES)
}

/// As in the bench `few`.
fn few(name: &'static str, title: &'static str, items: usize) -> Program {
    const NS: u64 = 20_000_000;
    let weights = vec![NS; items];
    let same = weights.clone();
    let serial = move || same.iter().for_each(|&ns| sim::work(ns));
    Program::new(name, title, serial, move || weights.par_iter().for_each(|&ns| sim::work(ns)))
        .whole(NS + NS / 10_000)
        .up_to(CORES)
}

/// As in the bench `spawn`, where each writes to a place of its own.
fn spawns() -> Program {
    const COUNT: u64 = 100_000;
    const NS: u64 = 15;
    let parallel = || {
        paceline::scope(|scope| {
            for _ in 0..COUNT {
                scope.spawn(|_| sim::work(NS));
            }
        });
    };
    let serial = || (0..COUNT).for_each(|_| sim::work(NS));
    Program::new("same-spawns", "100,000 spawns of 15 ns in one scope", serial, parallel).up_to(CORES)
}

pub(super) fn all() -> Vec<Program> {
    vec![
        size("same-4096-10ns", "4,096 items of 10 ns", 4_096, 10),
        size("same-32768-10ns", "32,768 items of 10 ns", 32_768, 10),
        size("same-262144-10ns", "262,144 items of 10 ns", 262_144, 10),
        size("same-64-510ns", "64 items of 510 ns", 64, 510),
        size("same-512-510ns", "512 items of 510 ns", 512, 510),
        size("same-4096-510ns", "4,096 items of 510 ns", 4_096, 510),
        size("same-32768-510ns", "32,768 items of 510 ns", 32_768, 510),
        size("same-2-10.8us", "2 items of 10.8 us", 2, 10_800),
        size("same-8-10.8us", "8 items of 10.8 us", 8, 10_800),
        size("same-64-10.8us", "64 items of 10.8 us", 64, 10_800),
        size("same-512-10.8us", "512 items of 10.8 us", 512, 10_800),
        few("same-few-2", "2 items of 20 ms", 2),
        few("same-few-3", "3 items of 20 ms", 3),
        few("same-few-7", "7 items of 20 ms", 7),
        spawns(),
    ]
}
