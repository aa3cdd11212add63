//! A parallel map over items that each say how heavy they are, and its sum.

use std::cmp::Reverse;
use std::hint::black_box;

use super::grind::grind;
use super::site::Site;
use crate::harness::{Contest, Rival};

pub(crate) fn plain(weights: &[u32]) -> u64 {
    weights.iter().map(|&steps| grind(u64::from(steps), steps)).sum()
}

/// The map on a library that has rayon's iterators.
macro_rules! mapped {
    ($library:ident) => {
        pub(crate) fn $library(weights: &[u32]) -> u64 {
            use ::$library::prelude::*;
            weights.par_iter().map(|&steps| grind(u64::from(steps), steps)).sum()
        }
    };
}

mapped!(paceline);
mapped!(rayon);

/// A contender's map.
pub(crate) fn of(rival: Rival) -> fn(&[u32]) -> u64 {
    match rival {
        Rival::Plain => plain,
        Rival::Paceline => paceline,
        Rival::Rayon => rayon,
        _ => panic!("{rival} has no iterators"),
    }
}

/// The map over items of these weights, in steps of [`grind`]; its unit is the whole call.
pub(crate) fn contest<'a>(title: String, weights: &'a [u32], site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "call", 1);
    site.enter(
        &mut contest,
        move || plain(black_box(weights)),
        move || paceline(black_box(weights)),
        move || rayon(black_box(weights)),
    );
    contest
}

/// The share of all workers' time that a good schedule of whole items uses: the heaviest first, each to whoever is free.
pub(crate) fn attainable(weights: &[u32], workers: usize) -> f64 {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by_key(|&weight| Reverse(weight));
    let mut loads = vec![0_u64; workers];
    for weight in sorted {
        let least = loads.iter_mut().min().expect("there are workers");
        *least += u64::from(weight);
    }
    let total: u64 = loads.iter().sum();
    let makespan = loads.into_iter().max().expect("there are workers");
    total as f64 / (workers as f64 * makespan as f64)
}
