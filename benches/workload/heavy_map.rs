//! A parallel map whose items cost about a microsecond of arithmetic each: bound by the processor alone.

use std::hint::black_box;

use super::grind::grind;
use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

/// Steps of [`grind`] for an item.
const STEPS: u32 = 600;

fn plain(seeds: &[u64]) -> u64 {
    seeds.iter().map(|&seed| grind(seed, STEPS)).sum()
}

/// The map on a library that has rayon's iterators.
macro_rules! mapped {
    ($library:ident) => {
        fn $library(seeds: &[u64]) -> u64 {
            use ::$library::prelude::*;
            seeds.par_iter().map(|&seed| grind(seed, STEPS)).sum()
        }
    };
}

mapped!(paceline);
mapped!(rayon);

/// The items: each seed makes one.
pub(crate) fn seeds(items: u64) -> Vec<u64> {
    (1..=items).collect()
}

/// The map over the items in a plain loop and in each of the pools.
pub(crate) fn contest<'a>(seeds: &'a [u64], pools: &'a [Pools]) -> Contest<'a> {
    let items = seeds.len() as u64;
    let title = format!("map and sum of {items} items of a microsecond");
    let mut contest = Contest::new(title, "item", items);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(seeds))));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || repeat(times, || paceline(black_box(seeds)));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || repeat(times, || rayon(black_box(seeds)));
            pool.rayon.install(work)
        });
    }
    contest
}
