//! Spines of nested joins that are far deeper than any private stack of jobs.
#![cfg(target_pointer_width = "64")]

use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const DEPTH: usize = 100_000;

/// Address space, not memory: only the pages that the recursion touches are ever backed.
const STACK: usize = 2 << 30;

fn deep_pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().unwrap()
}

fn left_spine(depth: usize) -> usize {
    if depth == 0 {
        return 0;
    }
    let (below, leaf) = paceline::join(|| left_spine(depth - 1), || 1);
    below + leaf
}

fn right_spine(depth: usize) -> usize {
    if depth == 0 {
        return 0;
    }
    let (leaf, below) = paceline::join(|| 1, || right_spine(depth - 1));
    below + leaf
}

fn zigzag(depth: usize) -> usize {
    match depth {
        0 => 0,
        _ if depth % 2 == 0 => {
            let (below, leaf) = paceline::join(|| zigzag(depth - 1), || 1);
            below + leaf
        }
        _ => {
            let (leaf, below) = paceline::join(|| 1, || zigzag(depth - 1));
            below + leaf
        }
    }
}

#[test]
fn a_left_spine_keeps_every_second_half() {
    for threads in [1, 2] {
        let pool = deep_pool(threads);
        assert_eq!(pool.install(|| left_spine(DEPTH)), DEPTH);
    }
}

#[test]
fn a_right_spine_unwinds_in_order() {
    for threads in [1, 2] {
        let pool = deep_pool(threads);
        assert_eq!(pool.install(|| right_spine(DEPTH)), DEPTH);
    }
}

#[test]
fn a_zigzag_spine_counts_every_leaf() {
    for threads in [1, 2] {
        let pool = deep_pool(threads);
        assert_eq!(pool.install(|| zigzag(DEPTH)), DEPTH);
    }
}

/// Both halves lead on, so the job stack fills, empties and fills again.
#[test]
fn a_wide_tree_over_a_deep_spine() {
    fn comb(depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        let (tooth, back) = paceline::join(|| left_spine(32), || comb(depth - 1));
        tooth + back
    }
    for threads in [1, 2] {
        let pool = deep_pool(threads);
        assert_eq!(pool.install(|| comb(2_000)), 64_000);
    }
}

/// A panic at the bottom of a spine passes through every frame of it.
#[test]
fn a_panic_climbs_a_deep_spine() {
    fn spine(depth: usize) {
        if depth == 0 {
            resume_unwind(Box::new("bottom"));
        }
        paceline::join(|| spine(depth - 1), || ());
    }
    for threads in [1, 2] {
        let pool = deep_pool(threads);
        let caught = catch_unwind(AssertUnwindSafe(|| pool.install(|| spine(1_000))));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"bottom"));
        assert_eq!(pool.install(|| left_spine(1_000)), 1_000);
    }
}
