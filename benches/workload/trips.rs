//! Tasks with results: a thread outside the pool spawns them and waits for what they give.
//!
//! The plain way is a thread for each. rayon's spawns have no result, so a channel of std's carries it. tokio's are those
//! of `spawn_blocking`, awaited by the thread that runs the runtime, with as many threads as the pools have.

use std::hint::black_box;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::pools::Pools;
use crate::harness::{Contest, Rival, repeat};

/// tokio's runtime on the calling thread, and how many threads there are for what blocks.
pub(crate) struct Runtime {
    pub(super) workers: usize,
    pub(super) tokio: tokio::runtime::Runtime,
}

impl Runtime {
    pub(crate) fn new(workers: usize) -> Self {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(workers)
            .build()
            .expect("a runtime without timers and sockets can be built");
        Self { workers, tokio }
    }
}

/// What a task does: next to nothing, but the optimiser does not know.
pub(super) fn work(i: usize) -> u64 {
    black_box(i as u64) + 1
}

/// Spawns all of the tasks by `spawn`, then takes all of their results by `join`.
fn all<H>(tasks: usize, spawn: impl Fn(usize) -> H, join: impl Fn(H) -> u64) -> u64 {
    let handles: Vec<H> = (0..tasks).map(spawn).collect();
    handles.into_iter().map(join).sum()
}

fn plain(tasks: usize) -> u64 {
    all(tasks, |i| thread::spawn(move || work(i)), |handle| handle.join().expect("it does not panic"))
}

fn paceline(tasks: usize, pool: &paceline::ThreadPool) -> u64 {
    all(tasks, |i| pool.spawn_task(move || work(i)), |handle| handle.join().expect("it does not panic"))
}

fn rayon(tasks: usize, pool: &rayon::ThreadPool) -> u64 {
    let spawn = |i| {
        let (send, receive) = sync_channel(1);
        pool.spawn(move || send.send(work(i)).expect("somebody waits"));
        receive
    };
    all(tasks, spawn, |receive| receive.recv().expect("it does not panic"))
}

fn tokio(tasks: usize, runtime: &Runtime) -> u64 {
    runtime.tokio.block_on(async {
        let handles: Vec<_> = (0..tasks).map(|i| tokio::task::spawn_blocking(move || work(i))).collect();
        let mut sum = 0;
        for handle in handles {
            sum += handle.await.expect("it does not panic");
        }
        sum
    })
}

fn contest<'a>(title: String, tasks: usize, pools: &'a [Pools], runtimes: &'a [Runtime]) -> Contest<'a> {
    let mut contest = Contest::new(title, "task", tasks as u64);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(tasks)));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| repeat(times, || paceline(tasks, &pool.paceline)));
        contest.enter(Rival::Rayon, pool.workers, move |times| repeat(times, || rayon(tasks, &pool.rayon)));
    }
    for runtime in runtimes {
        contest.enter(Rival::Tokio, runtime.workers, move |times| repeat(times, || tokio(tasks, runtime)));
    }
    contest
}

/// One task at a time.
pub(crate) fn round_trips<'a>(pools: &'a [Pools], runtimes: &'a [Runtime]) -> Contest<'a> {
    contest("a task spawned outside and waited for there".to_owned(), 1, pools, runtimes)
}

/// Many tasks, then all of their results.
pub(crate) fn throughput<'a>(tasks: usize, pools: &'a [Pools], runtimes: &'a [Runtime]) -> Contest<'a> {
    contest(format!("{tasks} tasks spawned outside, then waited for"), tasks, pools, runtimes)
}

/// The same by a worker, which rayon's channel would block.
pub(crate) fn from_within(tasks: usize, pools: &[Pools]) -> Contest<'_> {
    let title = format!("{tasks} tasks spawned in a worker, then waited for");
    let mut contest = Contest::new(title, "task", tasks as u64);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(tasks)));
    for pool in pools {
        let spawn = |i| paceline::spawn_task(move || work(i));
        let join = |handle: paceline::JoinHandle<u64>| handle.join().expect("it does not panic");
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            pool.paceline.install(|| repeat(times, || all(tasks, spawn, join)))
        });
    }
    contest
}
