//! A loop whose items are light in every run but one of many, and then long. Long items sleep, so that a machine with fewer
//! processors than workers shows as well how many of them run at once.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

/// So many items, each of which sleeps for so long in one of `every` runs.
#[derive(Clone, Copy)]
pub(crate) struct Sudden {
    pub(crate) items: u64,
    pub(crate) each: Duration,
    pub(crate) every: u64,
}

fn visit(item: u64, sleep: Duration) -> u64 {
    if !sleep.is_zero() {
        thread::sleep(sleep);
    }
    black_box(item)
}

/// The loop on a library that has rayon's iterators.
macro_rules! looped {
    ($library:ident) => {
        fn $library(items: u64, sleep: Duration) -> u64 {
            use ::$library::prelude::*;
            (0..items).into_par_iter().map(|item| visit(item, sleep)).sum()
        }
    };
}

looped!(paceline);
looped!(rayon);

/// The run in which items are long, after those in which they are light, in a pool of each library.
pub(crate) fn contest(title: String, sudden: Sudden, pools: &Pools) -> Contest<'_> {
    let Sudden { items, each, every } = sudden;
    let mut contest = Contest::new(title, "call", 1);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || (0..items).map(|item| visit(item, each)).sum()));
    macro_rules! enter {
        ($rival:expr, $library:ident) => {
            contest
                .enter_prepared($rival, pools.workers, move |times, watch| {
                    pools.$library.install(|| {
                        repeat(every - 1, || $library(items, black_box(Duration::ZERO)));
                        watch.restart();
                        repeat(times, || $library(items, black_box(each)))
                    })
                })
                .singly();
        };
    }
    enter!(Rival::Paceline, paceline);
    enter!(Rival::Rayon, rayon);
    contest
}
