//! Fibonacci numbers by naive recursion without a cut-off: nothing but forks.

use std::hint::black_box;

use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

pub(crate) fn plain(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    plain(n - 1) + plain(n - 2)
}

/// The recursion on a library that has rayon's `join`.
macro_rules! forked {
    ($library:ident) => {
        pub(crate) fn $library(n: u32) -> u64 {
            if n < 2 {
                return u64::from(n);
            }
            let (left, right) = ::$library::join(|| $library(n - 1), || $library(n - 2));
            left + right
        }
    };
}

forked!(paceline);
forked!(rayon);

pub(crate) fn chili(scope: &mut ::chili::Scope<'_>, n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (left, right) = scope.join(|s| chili(s, n - 1), |s| chili(s, n - 2));
    left + right
}

/// How many forks the recursion makes: the calls that do not end at once.
pub(crate) fn forks(n: u32) -> u64 {
    plain(n + 1) - 1
}

/// fib(n) by plain calls and by `join` in each of the pools.
pub(crate) fn contest(n: u32, pools: &[Pools]) -> Contest<'_> {
    let mut contest = Contest::new(format!("fib({n}) without cut-off"), "fork", forks(n));
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(n))));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || repeat(times, || paceline(black_box(n)));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || repeat(times, || rayon(black_box(n)));
            pool.rayon.install(work)
        });
        contest.enter(Rival::Chili, pool.workers, move |times| {
            let mut scope = pool.chili.scope();
            repeat(times, || chili(&mut scope, black_box(n)))
        });
    }
    contest
}
