//! Recursion by `join`, and spawns.

use super::super::program::Program;
use paceline::sim;
use std::sync::atomic::{AtomicU64, Ordering};

/// A call of fib beside its forks, in nanoseconds.
const CALL: u64 = 2;

fn plain_fib(n: u32) -> u64 {
    sim::work(CALL);
    if n < 2 { n.into() } else { plain_fib(n - 1) + plain_fib(n - 2) }
}

fn fib(n: u32) -> u64 {
    sim::work(CALL);
    if n < 2 {
        return n.into();
    }
    let (left, right) = paceline::join(|| fib(n - 1), || fib(n - 2));
    left + right
}

fn plain_tree(levels: u32, ns: u64) {
    sim::work(ns);
    if levels > 1 {
        plain_tree(levels - 1, ns);
        plain_tree(levels - 1, ns);
    }
}

fn tree(levels: u32, ns: u64) {
    sim::work(ns);
    if levels > 1 {
        paceline::join(|| tree(levels - 1, ns), || tree(levels - 1, ns));
    }
}

/// A chain from whose every link a short branch leaves.
fn comb(links: u32, ns: u64) {
    sim::work(ns);
    if links > 1 {
        paceline::join(|| comb(links - 1, ns), || sim::work(100 * ns));
    }
}

fn plain_comb(links: u32, ns: u64) {
    (0..links).for_each(|_| sim::work(ns));
    (1..links).for_each(|_| sim::work(100 * ns));
}

fn spawns(count: u64, ns: u64) {
    let done = AtomicU64::new(0);
    paceline::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|_| {
                sim::work(ns);
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.into_inner(), count);
}

pub(super) fn all() -> Vec<Program> {
    let plain_spawns = |count, ns| move || (0..count).for_each(|_: u64| sim::work(ns));
    vec![
        Program::new(
            "fib",
            "fib(25) by join at every call, calls of 2 ns",
            || assert_eq!(plain_fib(25), 75_025),
            || assert_eq!(fib(25), 75_025),
        ),
        Program::new("tree-fine", "a tree of 65,535 nodes of 10 ns by join", || plain_tree(16, 10), || tree(16, 10)),
        Program::new(
            "tree-coarse",
            "a tree of 8,191 nodes of 5 us by join",
            || plain_tree(13, 5_000),
            || tree(13, 5_000),
        )
        .span(13 * 5_000),
        Program::new(
            "comb",
            "a chain of 1,000 joins of 100 ns, each beside a branch of 10 us",
            || plain_comb(1_000, 100),
            || comb(1_000, 100),
        )
        .span(110_000),
        Program::new("spawns-fine", "100,000 spawns of 100 ns in one scope", plain_spawns(100_000, 100), || {
            spawns(100_000, 100)
        }),
        Program::new("spawns-coarse", "20,000 spawns of 5 us in one scope", plain_spawns(20_000, 5_000), || {
            spawns(20_000, 5_000)
        }),
        Program::new("spawns-1e5-5us", "100,000 spawns of 5 us in one scope", plain_spawns(100_000, 5_000), || {
            spawns(100_000, 5_000)
        }),
    ]
}
