//! Sums of floats that are equal to the last bit on any number of workers, by a map that takes as long as one likes.

use std::hint::black_box;

use super::grind::grind;
use super::site::Site;
use crate::harness::Contest;

/// What an item of this weight comes to: whole, and so small that every order of adding gives the same sum, which the
/// contenders must share.
fn item(steps: u32) -> f64 {
    (grind(u64::from(steps), steps) & 0xFFFF) as f64
}

/// The items themselves, which are whole numbers.
pub(crate) fn plain_sum(items: &[f64]) -> f64 {
    items.iter().sum()
}

pub(crate) fn plain_map(weights: &[u32]) -> f64 {
    weights.iter().map(|&steps| item(steps)).sum()
}

/// By this crate's `deterministic`.
pub(crate) mod paceline {
    use super::item;
    use ::paceline::extra::prelude::*;
    use ::paceline::prelude::*;

    pub(crate) fn sum(items: &[f64]) -> f64 {
        items.par_iter().deterministic().sum()
    }

    pub(crate) fn map(weights: &[u32]) -> f64 {
        weights.par_iter().map(|&steps| item(steps)).deterministic().sum()
    }
}

/// By chunks whose sums are kept, and added up in order.
pub(crate) mod rayon {
    use super::{item, plain_sum};
    use ::rayon::prelude::*;

    fn chunk_len<T>(items: &[T]) -> usize {
        items.len().div_ceil(1024).max(64)
    }

    pub(crate) fn sum(items: &[f64]) -> f64 {
        let sums: Vec<f64> = items.par_chunks(chunk_len(items)).map(plain_sum).collect();
        plain_sum(&sums)
    }

    pub(crate) fn map(weights: &[u32]) -> f64 {
        let chunks = weights.par_chunks(chunk_len(weights));
        let sums: Vec<f64> = chunks.map(|chunk| chunk.iter().map(|&steps| item(steps)).sum()).collect();
        plain_sum(&sums)
    }
}

/// The sum of some whole numbers.
pub(crate) fn sum_contest<'a>(title: String, items: &'a [f64], site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "call", 1);
    site.enter(
        &mut contest,
        move || plain_sum(black_box(items)).to_bits(),
        move || paceline::sum(black_box(items)).to_bits(),
        move || rayon::sum(black_box(items)).to_bits(),
    );
    contest
}

/// The sum of what items of these weights, in steps of [`grind`], come to.
pub(crate) fn map_contest<'a>(title: String, weights: &'a [u32], site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "call", 1);
    site.enter(
        &mut contest,
        move || plain_map(black_box(weights)).to_bits(),
        move || paceline::map(black_box(weights)).to_bits(),
        move || rayon::map(black_box(weights)).to_bits(),
    );
    contest
}
