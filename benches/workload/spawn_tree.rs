//! Tasks that spawn tasks: a binary tree of spawns within one scope.

use std::hint::black_box;

use super::pools::Pools;
use super::slots::Slots;
use crate::harness::{Contest, Rival};

/// The same with boxed closures that are called where they would be spawned.
fn plain(slots: &Slots, task: usize) {
    slots.mark(task);
    for child in children(slots, task) {
        let boxed: Box<dyn FnOnce() + Send + '_> = Box::new(move || plain(slots, child));
        black_box(boxed)();
    }
}

/// The tasks that a task spawns: tasks are numbered level by level, from 0.
fn children(slots: &Slots, task: usize) -> std::ops::Range<usize> {
    let first = 2 * task + 1;
    first..slots.len().min(first + 2).max(first)
}

/// The tree on a library that has rayon's scope.
macro_rules! spawned {
    ($library:ident) => {
        mod $library {
            use super::{Slots, children};

            fn grow<'scope>(scope: &::$library::Scope<'scope>, slots: &'scope Slots, task: usize) {
                slots.mark(task);
                for child in children(slots, task) {
                    scope.spawn(move |scope| grow(scope, slots, child));
                }
            }

            pub(super) fn tree(slots: &Slots) {
                ::$library::scope(|scope| grow(scope, slots, 0));
            }
        }
    };
}

spawned!(paceline);
spawned!(rayon);

/// One spawn for each slot but the first, called in place and spawned in each of the pools.
pub(crate) fn contest<'a>(slots: &'a Slots, pools: &'a [Pools]) -> Contest<'a> {
    let title = format!("tree of {} spawns in one scope", slots.len() - 1);
    let mut contest = Contest::new(title, "spawn", slots.len() as u64 - 1);
    contest.enter(Rival::Plain, 1, move |times| slots.account(times, || plain(slots, 0)));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || slots.account(times, || paceline::tree(slots));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || slots.account(times, || rayon::tree(slots));
            pool.rayon.install(work)
        });
    }
    contest
}
