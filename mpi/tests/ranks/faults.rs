//! A panic on one rank ends all, and ranks that make different calls say so.

use paceline::prelude::*;
use paceline_mpi::AcrossRanks;

use crate::launch::Launch;

/// One item panics; the other ranks wait for that rank's result.
pub(crate) fn panic_in_item() {
    let world = paceline_mpi::init().unwrap();
    let check = |n: usize| if n == 777 { panic!("{n} is no good") } else { n };
    let sum: usize = world.block(0..1000).map(check).sum_all(&world);
    unreachable!("the sum is {sum}");
}

/// The rank that draws an item panics; the other ranks wait at the end of the loop.
pub(crate) fn panic_in_dynamic() {
    let world = paceline_mpi::init().unwrap();
    world.dynamic(0..1000, 10).for_each(|n| assert_ne!(n, 555, "a number that is no good"));
    unreachable!("the loop has an end");
}

/// One rank panics outside of all loops.
pub(crate) fn panic_outside() {
    let world = paceline_mpi::init().unwrap();
    assert!(world.rank() != 1, "rank 1 gives up");
    world.barrier();
}

pub(crate) fn different_calls() {
    let world = paceline_mpi::init().unwrap();
    let numbers = world.block(0..10);
    if world.rank() == 0 {
        let sum: usize = numbers.sum_all(&world);
        unreachable!("the sum is {sum}");
    }
    let all = numbers.collect_at(&world, 0);
    unreachable!("the numbers are {all:?}");
}

pub(crate) fn different_lengths() {
    let world = paceline_mpi::init().unwrap();
    let block = world.block(0..10 + world.rank());
    unreachable!("the block is {block:?}");
}

pub(crate) fn different_roots() {
    let world = paceline_mpi::init().unwrap();
    let all = world.block(0..10).map(|n| n as u16).collect_at(&world, world.rank());
    unreachable!("the numbers are {all:?}");
}

/// The second rank has one call less.
pub(crate) fn early_end() {
    let world = paceline_mpi::init().unwrap();
    if world.rank() == 0 {
        world.barrier();
    }
}

pub(crate) fn panics_end_all_ranks() {
    let message = "rank 2 of 3 panicked: item 777: 777 is no good";
    Launch::new("panic_in_item", 3).threads(2).fails(&[message, "all ranks end"]);
    Launch::new("panic_in_item", 1).threads(1).fails(&["rank 0 of 1 panicked: item 777: 777 is no good"]);
    Launch::new("panic_in_dynamic", 3).threads(1).fails(&["of 3 panicked: item 555: ", "a number that is no good"]);
    Launch::new("panic_outside", 3).threads(1).fails(&["rank 1 of 3 panicked: rank 1 gives up"]);
}

/// In debug builds, in which alone this program is compiled by `cargo test`.
pub(crate) fn mistakes_are_named() {
    if !cfg!(debug_assertions) {
        return;
    }
    let cases = [
        (
            "different_calls",
            "rank 0 comes to sum_all (bytes for an item 8), rank 1 to collect_at (bytes for an item 8, root 0)",
        ),
        ("different_lengths", "rank 0 comes to block (length 10), rank 1 to block (length 11)"),
        (
            "different_roots",
            "collect_at (bytes for an item 2, root 0), rank 1 to collect_at (bytes for an item 2, root 1)",
        ),
        ("early_end", "rank 0 comes to barrier, rank 1 to the end of its World"),
    ];
    for (case, message) in cases {
        Launch::new(case, 2).threads(1).fails(&[message]);
    }
}
