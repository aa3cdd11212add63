//! A thread has one token for `std::thread::park`, and it belongs to the program: no call of ours takes it or leaves one.

#[path = "support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "support/in_time.rs"]
mod in_time;

use crate::gate::WATCHDOG;
use crate::in_time::in_time;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::workers::{Order, WorkerPool};
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How many threads [`work`] starts and joins.
const ROUNDS: usize = 4;

/// Takes a while, so that a thread that waits for it falls asleep.
fn work() -> usize {
    (0..ROUNDS).map(|_| thread::spawn(|| ()).join().unwrap()).count()
}

/// Checks that the calling thread has kept its token over `call`.
fn keep_token(call: impl FnOnce()) {
    thread::current().unpark();
    call();
    // Without the token nobody would wake it.
    thread::park();
}

/// Checks that `call` has left no token with the calling thread.
fn leave_none(call: impl FnOnce()) {
    call();
    let is_woken = Arc::new(AtomicBool::new(false));
    let waker = {
        let (is_woken, sleeper) = (Arc::clone(&is_woken), thread::current());
        thread::spawn(move || {
            is_woken.store(true, Ordering::SeqCst);
            sleeper.unpark();
        })
    };
    thread::park();
    assert!(is_woken.load(Ordering::SeqCst), "there was a token");
    waker.join().unwrap();
}

/// Checks both, on threads of their own, some times.
fn check(what: &'static str, call: impl Fn() + Send + Clone + 'static) {
    for _ in 0..3 {
        let (first, second) = (call.clone(), call.clone());
        in_time(what, move || keep_token(first));
        in_time(what, move || leave_none(second));
    }
}

fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn pool() -> Arc<ThreadPool> {
    Arc::new(pool_of(2))
}

#[test]
fn calls_into_a_pool() {
    let pool = pool();
    let check = |what, call: fn(&ThreadPool)| {
        let pool = Arc::clone(&pool);
        check(what, move || call(&pool));
    };
    check("install", |pool| _ = pool.install(work));
    check("join", |pool| _ = pool.join(work, work));
    check("scope", |pool| pool.scope(|scope| scope.spawn(|_| _ = work())));
    check("in_place_scope", |pool| pool.in_place_scope(|scope| scope.spawn(|_| _ = work())));
    check("scope_fifo", |pool| pool.in_place_scope_fifo(|scope| scope.spawn_fifo(|_| _ = work())));
    check("broadcast", |pool| _ = pool.broadcast(|_| work()));
    check("a call from another pool", |pool| pool_of(1).install(|| _ = pool.install(work)));
    check("a loop", |pool| pool.install(|| (0..8).into_par_iter().for_each(|_| _ = work())));
}

#[test]
fn calls_into_the_global_pool() {
    check("join", || _ = paceline::join(work, work));
    check("scope", || paceline::scope(|scope| (0..4).for_each(|_| scope.spawn(|_| _ = work()))));
    check("broadcast", || _ = paceline::broadcast(|_| work()));
    check("a loop", || (0..8).into_par_iter().for_each(|_| _ = work()));
    check("an isolated call", || _ = paceline::isolate(|| paceline::join(work, work)));
}

/// The job's own thread waits, in the ways that a job can.
#[test]
fn waiting_in_a_job() {
    let pool = pool();
    let check = |what, call: fn()| {
        let pool = Arc::clone(&pool);
        check(what, move || pool.install(|| in_job(call)));
    };
    check("join", || _ = paceline::join(work, work));
    check("scope", || paceline::scope(|scope| (0..4).for_each(|_| scope.spawn(|_| _ = work()))));
    check("broadcast", || _ = paceline::broadcast(|_| work()));
    check("blocking", || _ = paceline::blocking(work));
    check("a task", || _ = paceline::spawn_task(work).join());
}

/// As `keep_token` and `leave_none`, for a thread of the pool.
fn in_job(call: fn()) {
    keep_token(call);
    leave_none(call);
}

#[test]
fn tasks_and_futures() {
    let pool = pool();
    let check = |what, call: fn(&ThreadPool)| {
        let pool = Arc::clone(&pool);
        check(what, move || call(&pool));
    };
    check("JoinHandle::join", |pool| _ = pool.spawn_task(work).join());
    check("block_on", |pool| _ = paceline::block_on(pool.spawn_task(work)));
    check("a future", |pool| _ = pool.spawn_future(async { work() }).join());
    check("a task of a scope", |pool| pool.in_place_scope(|scope| _ = scope.spawn_task(|_| work()).join()));
}

#[test]
fn streams() {
    check("par_map_ordered", || _ = (0..20).par_map_ordered(4, |_| work()).count());
    check("par_map_unordered", || _ = (0..20).par_map_unordered(4, |_| work()).count());
    check("into_seq_iter", || _ = (0..20).into_par_iter().map(|_| work()).into_seq_iter(4).count());
    check("a stream that is dropped", || _ = (0..20).par_map_ordered(4, |_| work()).next());
    check("par_bridge", || _ = (0..20).par_bridge().map(|_| work()).count());
}

#[test]
fn the_life_of_a_pool() {
    let builder = || ThreadPoolBuilder::new().num_threads(2);
    check("shutdown", move || {
        let pool = builder().build().unwrap();
        pool.spawn(|| _ = work());
        pool.shutdown();
    });
    check("build_scoped", move || {
        let all = builder().build_scoped(|thread| thread.run(), |pool| pool.install(work));
        assert_eq!(all.unwrap(), ROUNDS);
    });
}

#[test]
fn worker_pools() {
    check("submit, results and shutdown", || {
        let work = |_: &mut (), _: usize| work();
        let builder = WorkerPool::builder().threads(2).capacity(1);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        let reader = thread::spawn(move || results.count());
        (0..20).for_each(|item| _ = pool.submit(item).unwrap());
        pool.shutdown().unwrap();
        assert_eq!(reader.join().unwrap(), 20);
    });
    check("submit_timeout, recv_timeout and shutdown_now", || {
        let work = |_: &mut (), _: usize| work();
        let builder = WorkerPool::builder().threads(1).capacity(1);
        let (pool, mut results) = builder.build_with_results(Order::Completion, work).unwrap();
        (0..3).for_each(|item| _ = pool.submit_timeout(item, WATCHDOG).unwrap());
        assert_eq!(results.recv_timeout(WATCHDOG).unwrap().unwrap(), ROUNDS);
        let short = Duration::from_millis(1);
        while pool.submit_timeout(3, short).is_ok() {}
        while results.recv_timeout(short).is_ok() {}
        drop(pool.shutdown_now());
    });
    check("results", || {
        let work = |_: &mut (), _: usize| work();
        let builder = WorkerPool::builder().threads(1).capacity(20);
        let (pool, results) = builder.build_with_results(Order::Completion, work).unwrap();
        (0..20).for_each(|item| _ = pool.submit(item).unwrap());
        pool.close();
        assert_eq!(results.count(), 20);
    });
}
