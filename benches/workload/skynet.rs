//! Skynet: a tree in which every node is a loop over its ten children, and every leaf a number; nothing but small loops.
//!
//! Each node and each leaf is a call: inlined, the lowest levels of the plain tree would be a formula.

use std::hint::black_box;

use super::halves;
use super::pools::Pools;
use crate::harness::Contest;

/// Children of a node.
const CHILDREN: u64 = 10;

#[inline(never)]
fn plain(first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let share = leaves / CHILDREN;
    (0..CHILDREN).map(|child| plain(first + child * share, share)).sum()
}

/// The tree on a library that has rayon's iterators.
macro_rules! grown {
    ($library:ident) => {
        #[inline(never)]
        fn $library(first: u64, leaves: u64) -> u64 {
            use ::$library::prelude::*;
            if leaves == 1 {
                return first;
            }
            let share = leaves / CHILDREN;
            (0..CHILDREN).into_par_iter().map(|child| $library(first + child * share, share)).sum()
        }
    };
}

grown!(paceline);
grown!(rayon);

#[inline(never)]
fn chili(scope: &mut ::chili::Scope<'_>, first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let share = leaves / CHILDREN;
    halves::sum(scope, 0..CHILDREN as usize, &|scope, child| chili(scope, first + child as u64 * share, share))
}

/// A tree of that many levels of nodes, in each of the pools.
pub(crate) fn contest(levels: u32, pools: &[Pools]) -> Contest<'_> {
    let leaves = CHILDREN.pow(levels);
    let mut contest = Contest::new(format!("skynet of {leaves} leaves"), "leaf", leaves);
    Pools::enter_each(
        pools,
        &mut contest,
        move || plain(black_box(0), leaves),
        move || paceline(black_box(0), leaves),
        move || rayon(black_box(0), leaves),
        move |scope| chili(scope, black_box(0), leaves),
    );
    contest
}
