//! A scope that spawns many tasks which do next to nothing.

use std::hint::black_box;

use super::pools::Pools;
use super::slots::Slots;
use crate::harness::{Contest, Rival};

/// The same in a plain loop: box a closure, call it.
fn plain(slots: &Slots) {
    for task in 0..slots.len() {
        let boxed: Box<dyn FnOnce() + Send + '_> = Box::new(move || slots.mark(task));
        black_box(boxed)();
    }
}

/// The scope of a library that has rayon's.
macro_rules! spawned {
    ($library:ident) => {
        fn $library(slots: &Slots) {
            ::$library::scope(|scope| {
                for task in 0..slots.len() {
                    scope.spawn(move |_| slots.mark(task));
                }
            });
        }
    };
}

spawned!(paceline);
spawned!(rayon);

/// One spawn for each slot, in a plain loop and in each of the pools.
pub(crate) fn contest<'a>(slots: &'a Slots, pools: &'a [Pools]) -> Contest<'a> {
    let title = format!("{} spawns in one scope", slots.len());
    let mut contest = Contest::new(title, "spawn", slots.len() as u64);
    contest.enter(Rival::Plain, 1, move |times| slots.account(times, || plain(slots)));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || slots.account(times, || paceline(slots));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || slots.account(times, || rayon(slots));
            pool.rayon.install(work)
        });
    }
    contest
}
