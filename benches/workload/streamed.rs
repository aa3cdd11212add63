//! Items that are worked on in parallel and come out of a sequential iterator, from a sequential iterator or a parallel one.

use std::hint::black_box;

use super::grind::grind;
use crate::harness::{Contest, Rival, default_workers, repeat};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use pariter::IteratorExt;

/// In which order results come, and of what.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Items,
    Done,
    /// In that of the items, as jobs of a scope.
    Scoped,
    /// In that of the items of a parallel iterator.
    Parallel,
}

fn plain(items: u64, steps: u32) -> u64 {
    (0..items).map(|seed| grind(seed, steps)).sum()
}

fn paceline(order: Order, items: u64, steps: u32, window: usize) -> u64 {
    match order {
        Order::Items => (0..items).par_map_ordered(window, move |seed| grind(seed, steps)).sum(),
        Order::Done => (0..items).par_map_unordered(window, move |seed| grind(seed, steps)).sum(),
        Order::Scoped => paceline::in_place_scope(|s| {
            // Neither the input nor the closure could be sent into a pool for good.
            let (steps, unsendable) = (&steps, std::rc::Rc::new(()));
            let seeds = (0..items).inspect(|_| _ = &unsendable);
            seeds.par_map_ordered_in(s, window, move |seed| grind(seed, *steps)).sum()
        }),
        Order::Parallel => {
            let seeds = (0..items as usize).into_par_iter();
            seeds.map(move |seed| grind(seed as u64, steps)).into_seq_iter(window).sum()
        }
    }
}

/// As pariter has no stream in another order, it takes part with this one in both contests.
fn pariter(items: u64, steps: u32, window: usize) -> u64 {
    let options = |o: pariter::ParallelMapBuilder<_>| o.threads(default_workers()).buffer_size(window);
    (0..items).parallel_map_custom(options, move |seed| grind(seed, steps)).sum()
}

/// That many items of that many steps, from the main thread.
pub(crate) fn contest<'a>(title: String, order: Order, items: u64, steps: u32, window: usize) -> Contest<'a> {
    let mut contest = Contest::new(title, "item", items);
    let workers = default_workers();
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(items), steps)));
    contest.enter(Rival::Paceline, workers, move |times| {
        repeat(times, || paceline(order, black_box(items), steps, window))
    });
    contest.enter(Rival::Pariter, workers, move |times| repeat(times, || pariter(black_box(items), steps, window)));
    contest
}
