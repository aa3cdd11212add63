//! Calls that may block, made in jobs of the pool: what `blocking` costs one that does not, and several that do.
//!
//! The plain way, and tokio's, have a thread for each call that blocks; rayon has nothing of the kind.

use std::sync::{Arc, Barrier};
use std::thread;

use super::pools::Pools;
use super::trips::{Runtime, work};
use crate::harness::{Contest, Rival, repeat};

/// How many calls block at once: more than there are workers.
const BLOCKED: usize = 8;

/// One call after the other that returns at once. The plain one is only made, tokio's is made on another thread.
pub(crate) fn returning_at_once<'a>(pools: &'a [Pools], runtimes: &'a [Runtime]) -> Contest<'a> {
    let mut contest = Contest::new("a call in `blocking` that does not block", "call", 1);
    contest.enter(Rival::Plain, 1, |times| repeat(times, || work(1)));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            pool.paceline.install(|| repeat(times, || paceline::blocking(|| work(1))))
        });
    }
    for runtime in runtimes {
        let call = || async { tokio::task::spawn_blocking(|| work(1)).await.expect("it does not panic") };
        contest.enter(Rival::Tokio, runtime.workers, move |times| repeat(times, || runtime.tokio.block_on(call())));
    }
    contest
}

/// Calls that block until all of them have been made.
pub(crate) fn all_at_once<'a>(pools: &'a [Pools], runtime: &'a Runtime) -> Contest<'a> {
    let title = format!("{BLOCKED} calls at once that block until all are made");
    let mut contest = Contest::new(title, "call", BLOCKED as u64);
    contest.enter(Rival::Plain, BLOCKED, |times| repeat(times, plain));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| repeat(times, || paceline(&pool.paceline)));
    }
    contest.enter(Rival::Tokio, BLOCKED, move |times| repeat(times, || tokio(runtime)));
    contest
}

fn meet(barrier: &Barrier) -> u64 {
    u64::from(barrier.wait().is_leader())
}

fn plain() -> u64 {
    let barrier = Barrier::new(BLOCKED);
    thread::scope(|s| {
        let calls: Vec<_> = (0..BLOCKED).map(|_| s.spawn(|| meet(&barrier))).collect();
        calls.into_iter().map(|call| call.join().expect("it does not panic")).sum()
    })
}

fn paceline(pool: &paceline::ThreadPool) -> u64 {
    let barrier = Barrier::new(BLOCKED);
    pool.scope(|s| {
        let calls: Vec<_> = (0..BLOCKED).map(|_| s.spawn_task(|_| paceline::blocking(|| meet(&barrier)))).collect();
        calls.into_iter().map(|call| call.join().expect("it does not panic")).sum()
    })
}

fn tokio(runtime: &Runtime) -> u64 {
    let barrier = Arc::new(Barrier::new(BLOCKED));
    runtime.tokio.block_on(async {
        let call = |_| {
            let barrier = Arc::clone(&barrier);
            tokio::task::spawn_blocking(move || meet(&barrier))
        };
        let calls: Vec<_> = (0..BLOCKED).map(call).collect();
        let mut leaders = 0;
        for call in calls {
            leaders += call.await.expect("it does not panic");
        }
        leaders
    })
}

/// A runtime that has a thread for each call.
pub(crate) fn runtime() -> Runtime {
    Runtime::new(BLOCKED)
}
