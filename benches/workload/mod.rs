//! The workloads: each file holds one, done by every contender, and makes the contest of them.
//!
//! What paceline and rayon run is written once, in a macro over the library's name, so that it cannot differ.

#![allow(dead_code, reason = "every bench compiles this module and uses its own part of it")]

pub(crate) mod blocking;
pub(crate) mod bridged;
pub(crate) mod busy;
pub(crate) mod collecting;
pub(crate) mod fed;
pub(crate) mod few;
pub(crate) mod fib;
pub(crate) mod filtered;
pub(crate) mod grind;
pub(crate) mod halves;
pub(crate) mod heavy_map;
pub(crate) mod loops;
pub(crate) mod matmul;
pub(crate) mod memory_sum;
pub(crate) mod nested;
pub(crate) mod outside;
pub(crate) mod pools;
pub(crate) mod queens;
pub(crate) mod regions;
pub(crate) mod reproduced;
pub(crate) mod resident;
pub(crate) mod rest;
pub(crate) mod scanned;
pub(crate) mod shaped;
pub(crate) mod site;
pub(crate) mod skew;
pub(crate) mod skynet;
pub(crate) mod slots;
pub(crate) mod small_sum;
pub(crate) mod sort_race;
pub(crate) mod sorting;
pub(crate) mod spawn_flat;
pub(crate) mod spawn_tree;
pub(crate) mod spinning;
pub(crate) mod streamed;
pub(crate) mod sudden;
pub(crate) mod ticks;
pub(crate) mod tree;
pub(crate) mod trips;
pub(crate) mod wake;
pub(crate) mod waste;
pub(crate) mod weights;
