//! Short loops over slices that compile to vector instructions, as the loop inside each part of a slice should too.
//!
//! `ci/vector.sh` looks for them in the compiled bench, by the names of their modules and their own. So each is a
//! function that is never inlined.

use std::hint::black_box;
use std::sync::{Mutex, MutexGuard};

use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

/// The slices that the loops go over.
pub(crate) struct Slices {
    numbers: Vec<u32>,
    others: Vec<u32>,
    /// The only one that a loop changes.
    totals: Vec<f64>,
    factors: Vec<f64>,
    scales: Vec<f64>,
    /// How many items a chunk has. A part of a parallel iterator carries it as a number, so the plain loop does too:
    /// the compiler would make more of a constant.
    chunk_len: usize,
}

impl Slices {
    /// Slices of `len` items.
    pub(crate) fn new(len: usize) -> Self {
        let number = |index: usize| (index as u32).wrapping_mul(2_654_435_769) >> 16;
        let numbers: Vec<u32> = (0..len).map(number).collect();
        let others: Vec<u32> = (len..2 * len).map(number).collect();
        let factors = numbers.iter().copied().map(f64::from).collect();
        let scales = others.iter().map(|&other| f64::from(other) * 1e-9).collect();
        Self { numbers, others, totals: vec![0.0; len], factors, scales, chunk_len: 16 }
    }
}

type Run = fn(&mut Slices) -> u64;

/// A loop by its name, and everybody's way to run it.
pub(crate) struct Loop {
    pub(crate) name: &'static str,
    plain: Run,
    paceline: Run,
    rayon: Run,
}

macro_rules! every_loop {
    ($($name:ident)*) => {
        /// All of the loops.
        pub(crate) const LOOPS: &[Loop] = &[$(
            Loop { name: stringify!($name), plain: plain::$name, paceline: paceline::$name, rayon: rayon::$name },
        )*];
    };
}

every_loop! { sum map_sum zip_map_sum chunk_sums max add_product filter_count in_order }

/// The loops, on an iterator that is made by methods of these names.
macro_rules! loops {
    ($module:ident { $($import:item)? } $iter:ident $iter_mut:ident $chunks_exact:ident) => {
        mod $module {
            use super::Slices;
            $($import)?

            #[inline(never)]
            pub(super) fn sum(slices: &mut Slices) -> u64 {
                u64::from(slices.numbers.$iter().sum::<u32>())
            }

            #[inline(never)]
            pub(super) fn map_sum(slices: &mut Slices) -> u64 {
                slices.numbers.$iter().map(|&number| u64::from(number) * 3).sum()
            }

            #[inline(never)]
            pub(super) fn zip_map_sum(slices: &mut Slices) -> u64 {
                let pairs = slices.numbers.$iter().zip(slices.others.$iter());
                pairs.map(|(&number, &other)| u64::from(number) * u64::from(other)).sum()
            }

            #[inline(never)]
            pub(super) fn chunk_sums(slices: &mut Slices) -> u64 {
                let chunks = slices.numbers.$chunks_exact(slices.chunk_len);
                chunks.map(|chunk| u64::from(chunk.iter().sum::<u32>())).sum()
            }

            #[inline(never)]
            pub(super) fn max(slices: &mut Slices) -> u64 {
                slices.numbers.$iter().copied().max().map_or(0, u64::from)
            }

            #[inline(never)]
            pub(super) fn add_product(slices: &mut Slices) -> u64 {
                let Slices { totals, factors, scales, .. } = slices;
                let terms = factors.$iter().zip(scales.$iter());
                totals.$iter_mut().zip(terms).for_each(|(total, (factor, scale))| *total += factor * scale);
                totals.last().map_or(0, |last| last.to_bits())
            }

            #[inline(never)]
            pub(super) fn filter_count(slices: &mut Slices) -> u64 {
                slices.numbers.$iter().filter(|&&number| number > 1 << 15).count() as u64
            }

            /// Never done in vectors, because a sum of floats depends on their order: for comparison.
            #[inline(never)]
            pub(super) fn in_order(slices: &mut Slices) -> u64 {
                slices.factors.$iter().sum::<f64>().to_bits()
            }
        }
    };
}

loops! { plain {} iter iter_mut chunks_exact }
loops! { paceline { use ::paceline::prelude::*; } par_iter par_iter_mut par_chunks_exact }
loops! { rayon { use ::rayon::prelude::*; } par_iter par_iter_mut par_chunks_exact }

/// A loop over some thousands of items, the same for all, plain and in each of the pools.
pub(crate) fn contest<'a>(which: &Loop, slices: &'a Mutex<Slices>, pools: &'a [Pools]) -> Contest<'a> {
    let Loop { name, plain, paceline, rayon } = *which;
    let thousands = lock(slices).numbers.len() as u64 / 1000;
    let mut contest = Contest::new(name, "1000 items", thousands);
    contest.enter(Rival::Plain, 1, move |times| run(plain, times, &mut lock(slices)));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let slices = &mut *lock(slices);
            pool.paceline.install(|| run(paceline, times, slices))
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let slices = &mut *lock(slices);
            pool.rayon.install(|| run(rayon, times, slices))
        });
    }
    contest
}

fn lock(slices: &Mutex<Slices>) -> MutexGuard<'_, Slices> {
    slices.lock().expect("no loop panics")
}

fn run(run: Run, times: u64, slices: &mut Slices) -> u64 {
    slices.totals.fill(1.0);
    repeat(times, || run(black_box(slices)))
}
