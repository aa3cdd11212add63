//! Scans in place and repeated neighbours: by a plain loop, by this crate, and by what one builds by hand with rayon.

use std::hint::black_box;

use super::grind::grind;
use super::site::Site;
use crate::harness::{Contest, Rival, Stopwatch, repeat};

/// What a contender does with its own copy of the items.
pub(crate) type Work<T> = fn(&mut [T]);

/// An item that can be scanned.
pub(crate) trait Item: Copy + Send + Sync + 'static {
    /// What changes no item.
    const NOTHING: Self;

    fn combine(&self, other: &Self) -> Self;

    /// What shows whether two contenders agree.
    fn value(&self) -> u64;
}

impl Item for u64 {
    const NOTHING: Self = 0;

    fn combine(&self, other: &Self) -> Self {
        self.wrapping_add(*other)
    }

    fn value(&self) -> u64 {
        *self
    }
}

impl Item for f64 {
    const NOTHING: Self = 0.0;

    fn combine(&self, other: &Self) -> Self {
        self + other
    }

    fn value(&self) -> u64 {
        self.to_bits()
    }
}

/// A number whose additions take about a hundred nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Heavy(pub(crate) u64);

impl Item for Heavy {
    const NOTHING: Self = Self(0);

    fn combine(&self, other: &Self) -> Self {
        black_box(grind(self.0, 70));
        Self(self.0.wrapping_add(other.0))
    }

    fn value(&self) -> u64 {
        self.0
    }
}

pub(crate) fn inclusive<T: Item>(items: &mut [T]) {
    let mut before = T::NOTHING;
    for item in items {
        before = before.combine(item);
        *item = before;
    }
}

pub(crate) fn exclusive<T: Item>(items: &mut [T]) {
    let mut before = T::NOTHING;
    for item in items {
        let with_item = before.combine(item);
        *item = std::mem::replace(&mut before, with_item);
    }
}

pub(crate) mod paceline {
    use super::Item;
    use ::paceline::extra::prelude::*;
    use std::hint::black_box;

    pub(crate) fn inclusive<T: Item>(items: &mut [T]) {
        items.par_inclusive_scan(T::combine);
    }

    pub(crate) fn exclusive<T: Item>(items: &mut [T]) {
        black_box(items.par_exclusive_scan(T::NOTHING, T::combine).value());
    }
}

/// Chunks are reduced, what they come to is scanned, and then the chunks.
pub(crate) mod rayon {
    use super::Item;
    use ::rayon::prelude::*;

    fn scan<T: Item>(items: &mut [T], scan_chunk: fn(&mut [T], T)) {
        let len = items.len().div_ceil(4 * ::rayon::current_num_threads()).max(1);
        let sum = |chunk: &[T]| chunk.iter().fold(T::NOTHING, |sum, item| sum.combine(item));
        let mut sums: Vec<T> = items.par_chunks(len).map(sum).collect();
        super::exclusive(&mut sums);
        items.par_chunks_mut(len).zip(sums).for_each(|(chunk, before)| scan_chunk(chunk, before));
    }

    pub(crate) fn inclusive<T: Item>(items: &mut [T]) {
        scan(items, |chunk, mut before| {
            for item in chunk {
                before = before.combine(item);
                *item = before;
            }
        });
    }

    pub(crate) fn exclusive<T: Item>(items: &mut [T]) {
        scan(items, |chunk, mut before| {
            for item in chunk {
                let with_item = before.combine(item);
                *item = std::mem::replace(&mut before, with_item);
            }
        });
    }
}

/// A contest of the plain work, this crate's and rayon's, each on a copy of the items of its own, which it changes again
/// and again.
pub(crate) fn contest<'a, T: Item>(title: String, items: &[T], works: [Work<T>; 3], site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "call", 1);
    for (rival, work) in [Rival::Plain, Rival::Paceline, Rival::Rayon].into_iter().zip(works) {
        let mut items = items.to_vec();
        let workers = if rival == Rival::Plain { 1 } else { site.workers() };
        contest.enter(rival, workers, move |times| {
            let mut run = || {
                repeat(times, || {
                    work(black_box(&mut items));
                    items[items.len() / 2].value()
                })
            };
            match (rival, site) {
                (Rival::Paceline, Site::Within(pools)) => pools.paceline.install(run),
                (Rival::Rayon, Site::Within(pools)) => pools.rayon.install(run),
                _ => run(),
            }
        });
    }
    contest
}

/// Items in runs of about four that are the same.
pub(crate) fn runs(len: usize) -> Vec<u64> {
    let starts_run = |place: u64| grind(place, 3) % 4 == 0;
    let run = |run: &mut u64, place| {
        *run += u64::from(starts_run(place));
        Some(*run)
    };
    (0..len as u64).scan(0, run).collect()
}

/// What a contender does with a vector.
type VecWork = fn(&mut Vec<u64>);

/// Removing repeated neighbours, by std and by this crate, each from a fresh copy.
pub(crate) fn dedup_contest<'a>(title: String, items: &'a [u64], site: Site<'a>) -> Contest<'a> {
    let works: [(Rival, VecWork); 2] = [
        (Rival::Plain, |items| items.dedup()),
        (Rival::Paceline, |items| ::paceline::extra::ParallelVec::par_dedup(items)),
    ];
    let mut contest = Contest::new(title, "call", 1);
    for (rival, work) in works {
        let mut copy = Vec::with_capacity(items.len());
        let workers = if rival == Rival::Plain { 1 } else { site.workers() };
        let entered = contest.enter_prepared(rival, workers, move |times, watch| {
            let mut value = 0;
            for _ in 0..times {
                copy.clear();
                copy.extend_from_slice(items);
                *watch = Stopwatch::start();
                let mut run = || work(black_box(&mut copy));
                match (rival, site) {
                    (Rival::Paceline, Site::Within(pools)) => pools.paceline.install(run),
                    _ => run(),
                }
                value = copy.len() as u64;
            }
            value
        });
        entered.singly();
    }
    contest
}
