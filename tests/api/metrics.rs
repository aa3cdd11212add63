//! `metrics`: what a pool counts, and what waits in its queues.

use crate::gate::{Gate, WATCHDOG, receive};
use crate::meeting::join_with_theft;
use crate::pools::{at_each_size, pool_of};
use paceline::{PoolMetrics, Priority, ThreadPool, WaitingJobs, WorkerMetrics};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

/// The first snapshot that is as it must become at some time.
#[track_caller]
fn await_metrics(pool: &ThreadPool, what: &str, is_so: impl Fn(&PoolMetrics) -> bool) -> PoolMetrics {
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let metrics = pool.metrics();
        if is_so(&metrics) {
            return metrics;
        }
        thread::yield_now();
    }
    panic!("{what} never came: {}", pool.metrics());
}

fn counts(worker: &WorkerMetrics) -> [u64; 6] {
    [worker.jobs, worker.forks_published, worker.steals, worker.empty_looks, worker.parks, worker.wake_ups]
}

/// Spawns a job that holds a worker up until the gate is open, and waits for its beginning. It first calls `f`.
fn hold_worker(pool: &ThreadPool, gate: &Arc<Gate>, f: impl FnOnce() + Send + 'static) {
    let gate = Arc::clone(gate);
    let (tell, told) = channel();
    pool.spawn(move || {
        f();
        tell.send(()).unwrap();
        gate.pass("the end of the test");
    });
    receive(&told, "the job that holds a worker up");
}

#[test]
fn a_new_pool_has_done_nothing() {
    at_each_size(|pool, threads| {
        let metrics = pool.metrics();
        assert_eq!((metrics.num_threads, metrics.workers.len()), (threads, threads));
        assert_eq!((metrics.refused_threads, metrics.external_callers), (0, 0));
        assert_eq!((metrics.standby_threads, metrics.standby_threads_in_use), (0, 0));
        let total = metrics.total();
        assert_eq!([total.jobs, total.forks_published, total.steals], [0; 3]);
        assert_eq!(metrics.waiting, WaitingJobs::default());
    });
}

#[test]
fn each_job_from_a_queue_counts_once() {
    at_each_size(|pool, threads| {
        let jobs_of = |f: &dyn Fn()| {
            let before = pool.metrics();
            f();
            pool.metrics().since(&before).total().jobs
        };
        assert_eq!(jobs_of(&|| pool.install(|| ())), 1);
        assert_eq!(jobs_of(&|| drop(pool.broadcast(|_| ()))), threads as u64);
        let send_all = |spawn: &dyn Fn(Box<dyn FnOnce() + Send>)| {
            let (tell, told) = channel();
            for number in 0..50 {
                let tell = tell.clone();
                spawn(Box::new(move || tell.send(number).unwrap()));
            }
            (0..50).for_each(|_| _ = receive(&told, "a job"));
        };
        assert_eq!(jobs_of(&|| send_all(&|job| pool.spawn(job))), 50);
        assert_eq!(jobs_of(&|| send_all(&|job| pool.spawn_fifo(job))), 50);
        assert_eq!(jobs_of(&|| send_all(&|job| pool.spawn_with(Priority::Low, job))), 50);
        let in_scope = || pool.scope_fifo(|s| (0..20).for_each(|_| s.spawn_fifo(|_| ())));
        assert_eq!(jobs_of(&in_scope), 21);
    });
}

#[test]
fn a_pool_of_one_steals_nothing_and_shares_nothing() {
    let pool = pool_of(1);
    let halves = pool.install(|| {
        fn leaves(depth: u32) -> u32 {
            if depth == 0 {
                return 1;
            }
            let (left, right) = paceline::join(|| leaves(depth - 1), || leaves(depth - 1));
            left + right
        }
        leaves(8)
    });
    assert_eq!(halves, 256);
    let total = pool.metrics().total();
    assert_eq!((total.jobs, total.steals), (1, 0), "the forks are none of the jobs");
}

#[test]
fn the_total_is_the_sum_of_the_workers() {
    at_each_size(|pool, _| {
        pool.scope(|s| (0..100).for_each(|_| s.spawn(|_| ())));
        let metrics = pool.metrics();
        let mut sums = [0; 6];
        for worker in &metrics.workers {
            sums.iter_mut().zip(counts(worker)).for_each(|(sum, count)| *sum += count);
        }
        let total = metrics.total();
        assert_eq!(counts(&total), sums);
        assert_eq!(total.jobs, 101);
        let times = |time: fn(&WorkerMetrics) -> std::time::Duration| metrics.workers.iter().map(time).sum();
        assert_eq!(total.busy, times(|worker| worker.busy));
        assert_eq!(total.searching, times(|worker| worker.searching));
        assert_eq!(total.asleep, times(|worker| worker.asleep));
    });
}

#[test]
fn a_stolen_fork_is_published_stolen_and_a_job() {
    let pool = pool_of(2);
    let before = pool.metrics();
    join_with_theft(&pool, |_| (), |_| ());
    let total = pool.metrics().since(&before).total();
    assert!(total.forks_published >= 1 && total.steals >= 1, "{total:?}");
    assert!(total.jobs >= total.steals, "{total:?}");
}

#[test]
fn a_job_counts_for_the_index_that_it_runs_with() {
    let pool = pool_of(3);
    let before = pool.metrics();
    let indices = pool.install(|| {
        let mine = paceline::current_thread_index().unwrap();
        (mine, paceline::metrics().workers[mine].jobs)
    });
    let delta = pool.metrics().since(&before);
    let jobs: Vec<u64> = delta.workers.iter().map(|worker| worker.jobs).collect();
    assert_eq!(indices.1, 1, "inside a pool it is that pool's metrics, and the job has begun");
    assert_eq!(jobs.iter().sum::<u64>(), 1);
    assert_eq!(jobs[indices.0], 1);
}

#[test]
fn waiting_jobs_are_counted_by_the_kind_of_their_queue() {
    let pool = Arc::new(pool_of(2));
    let gate = Arc::new(Gate::default());
    hold_worker(&pool, &gate, || ());
    // The other worker is held already, so that it steals none of these.
    hold_worker(&pool, &gate, || (0..4).for_each(|_| paceline::spawn(|| ())));
    (0..3).for_each(|_| pool.spawn(|| ()));
    (0..2).for_each(|_| pool.spawn_with(Priority::High, || ()));
    pool.spawn_with(Priority::Low, || ());
    pool.spawn_broadcast(|_| ());
    let waiting = pool.metrics().waiting;
    let WaitingJobs { injected, high, low, deferred, mailboxes, deques, .. } = waiting;
    assert_eq!((injected, high, low), (3, 2, 1));
    assert_eq!((deferred, mailboxes, deques), (0, 2, 4));
    assert_eq!(waiting.total(), 12);
    let before = pool.metrics();
    gate.open();
    let after = await_metrics(&pool, "the end of the waiting jobs", |metrics| metrics.waiting.total() == 0);
    let after = after.since(&before);
    assert!(after.total().jobs <= 12);
    await_metrics(&pool, "the last of them", |metrics| metrics.since(&before).total().jobs == 12);
}

#[test]
fn jobs_of_an_isolated_call_are_deferred() {
    let pool = pool_of(1);
    let waiting = pool.install(|| {
        paceline::isolate(|| {
            paceline::scope(|s| {
                (0..5).for_each(|_| s.spawn(|_| ()));
                paceline::metrics().waiting
            })
        })
    });
    assert_eq!((waiting.deferred, waiting.total()), (5, 5));
    assert_eq!(pool.metrics().waiting.total(), 0);
}

#[test]
fn a_pool_without_work_parks_and_wakes_up_for_more() {
    let pool = pool_of(2);
    let all_have = |metrics: &PoolMetrics, number: fn(&WorkerMetrics) -> u64| {
        metrics.workers.iter().all(|worker| number(worker) >= 1)
    };
    let asleep = await_metrics(&pool, "sleep", |metrics| all_have(metrics, |worker| worker.parks));
    assert!(asleep.workers.iter().all(|worker| worker.wake_ups <= worker.parks));
    assert!(all_have(&asleep, |worker| worker.empty_looks), "each has looked for work first");
    pool.broadcast(|_| ());
    let woken = pool.metrics();
    assert!(woken.total().wake_ups >= 1);
    // A time that runs is counted up to the snapshot.
    await_metrics(&pool, "time asleep", |metrics| metrics.total().asleep > woken.total().asleep);
}

#[test]
fn the_time_of_a_job_that_goes_on_counts_as_busy() {
    let pool = pool_of(1);
    let gate = Arc::new(Gate::default());
    hold_worker(&pool, &gate, || ());
    let first = pool.metrics();
    let later =
        await_metrics(&pool, "time at work", |metrics| metrics.since(&first).workers[0].busy > first.workers[0].busy);
    let delta = later.since(&first).workers[0];
    assert_eq!((counts(&delta), delta.searching, delta.asleep), ([0; 6], Default::default(), Default::default()));
    gate.open();
}

#[test]
fn a_difference_has_nothing_below_zero() {
    let pool = pool_of(2);
    pool.install(|| ());
    let first = pool.metrics();
    let nothing = first.since(&first);
    assert_eq!(nothing.total(), WorkerMetrics::default());
    assert!(nothing.elapsed.is_zero());
    pool.install(|| ());
    let negative = first.since(&pool.metrics());
    assert_eq!(negative.total().jobs, 0);
    assert_eq!((negative.rule, negative.workers.len()), (first.rule, 2));
}

/// The standby thread has the index of the thread that blocks, and so counts for the same worker.
#[test]
fn a_standby_thread_counts_for_the_place_that_it_takes() {
    let pool = pool_of(1);
    let (tell, told) = channel();
    let (reply, replied) = channel();
    pool.spawn(move || reply.send(paceline::blocking(|| receive(&told, "the other job"))).unwrap());
    pool.spawn(move || tell.send(paceline::metrics()).unwrap());
    let during = receive(&replied, "the blocking job");
    assert_eq!((during.standby_threads, during.standby_threads_in_use), (1, 1));
    assert_eq!((during.num_threads, during.workers[0].jobs), (1, 2));
    await_metrics(&pool, "the way back of the standby thread", |metrics| metrics.standby_threads_in_use == 0);
}

#[test]
fn it_is_printed_as_a_table_with_a_line_for_each_worker() {
    let text = pool_of(3).metrics().to_string();
    let first: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(first, ["3", "worker", "0", "1", "2", "total", "waiting", "standby"]);
}
