//! The sum of more words than any cache holds: bound by the memory.

use std::hint::black_box;

use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

/// The words to sum, small enough for the sum to fit.
pub(crate) fn words(mebibytes: usize) -> Vec<u64> {
    let count = mebibytes * (1 << 20) / size_of::<u64>();
    (0..count as u64).map(|index| index & 0xffff).collect()
}

fn plain(words: &[u64]) -> u64 {
    words.iter().sum()
}

/// The sum on a library that has rayon's iterators.
macro_rules! summed {
    ($library:ident) => {
        fn $library(words: &[u64]) -> u64 {
            use ::$library::prelude::*;
            words.par_iter().sum()
        }
    };
}

summed!(paceline);
summed!(rayon);

/// The sum in a plain loop and in each of the pools.
pub(crate) fn contest<'a>(words: &'a [u64], pools: &'a [Pools]) -> Contest<'a> {
    let title = format!("sum over {} MiB of words", size_of_val(words) >> 20);
    let mut contest = Contest::new(title, "word", words.len() as u64);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(words))));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || repeat(times, || paceline(black_box(words)));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || repeat(times, || rayon(black_box(words)));
            pool.rayon.install(work)
        });
    }
    contest
}
