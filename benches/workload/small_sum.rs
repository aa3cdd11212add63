//! The sum of the squares of a few integers: nothing that a second thread could help with.

use std::hint::black_box;

use super::site::Site;
use crate::harness::{Contest, Rival};

pub(crate) fn plain(numbers: &[u64]) -> u64 {
    numbers.iter().map(|x| x * x).sum()
}

/// The sum on a library that has rayon's iterators.
macro_rules! summed {
    ($library:ident) => {
        pub(crate) fn $library(numbers: &[u64]) -> u64 {
            use ::$library::prelude::*;
            numbers.par_iter().map(|x| x * x).sum()
        }
    };
}

summed!(paceline);
summed!(rayon);

/// A contender's sum.
pub(crate) fn of(rival: Rival) -> fn(&[u64]) -> u64 {
    match rival {
        Rival::Plain => plain,
        Rival::Paceline => paceline,
        Rival::Rayon => rayon,
        _ => panic!("{rival} has no iterators"),
    }
}

/// The integers, small enough for the sum of their squares to fit.
pub(crate) fn numbers(count: u64) -> Vec<u64> {
    (1..=count).collect()
}

/// The sum, called from the main thread; its unit is the whole call.
pub(crate) fn contest(numbers: &[u64]) -> Contest<'_> {
    let mut contest = Contest::new(format!("sum of {} squares", numbers.len()), "call", 1);
    Site::Main.enter(
        &mut contest,
        move || plain(black_box(numbers)),
        move || paceline(black_box(numbers)),
        move || rayon(black_box(numbers)),
    );
    contest
}
