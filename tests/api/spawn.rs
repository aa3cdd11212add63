//! `spawn` and `spawn_fifo`: detached work runs, in order where there is one, and outlives the pool.

use crate::meeting::{Gate, receive};
use crate::pools::{at_each_size, pool_of};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

#[test]
fn from_outside_work_runs_on_the_pool() {
    at_each_size(|pool, threads| {
        let (to, from) = channel();
        for fifo in [false, true] {
            let to = to.clone();
            let work = move || {
                let index = paceline::current_thread_index();
                to.send((index, paceline::current_num_threads())).unwrap();
            };
            if fifo {
                pool.spawn_fifo(work);
            } else {
                pool.spawn(work);
            }
            let (index, around) = receive(&from, "the spawned work");
            assert!(index.is_some_and(|index| index < threads));
            assert_eq!(around, threads);
        }
    });
}

#[test]
fn the_global_pool_takes_work_from_anywhere() {
    let (to, from) = channel();
    let again = to.clone();
    paceline::spawn(move || {
        let index = paceline::current_thread_index();
        to.send(index).unwrap();
    });
    paceline::spawn_fifo(move || {
        let index = paceline::current_thread_index();
        again.send(index).unwrap();
    });
    assert!(receive(&from, "the spawned work").is_some());
    assert!(receive(&from, "the spawned work").is_some());
}

#[test]
fn from_inside_work_stays_in_its_pool() {
    let pools = [pool_of(2), pool_of(3)];
    for (pool, threads) in pools.iter().zip([2, 3]) {
        let (to, from) = channel();
        pool.install(move || {
            paceline::spawn(move || {
                let inner = to.clone();
                to.send(paceline::current_num_threads()).unwrap();
                paceline::spawn_fifo(move || inner.send(paceline::current_num_threads()).unwrap());
            });
        });
        assert_eq!(receive(&from, "the spawned work"), threads);
        assert_eq!(receive(&from, "what it spawned"), threads);
    }
}

#[test]
fn one_worker_spawns_into_another_pool() {
    let (home, abroad) = (pool_of(1), pool_of(2));
    let (to, from) = channel();
    home.install(move || {
        abroad.spawn(move || to.send(paceline::current_num_threads()).unwrap());
        // The worker of one pool may block on the other: the work does not need it.
        assert_eq!(receive(&from, "the spawned work"), 2);
    });
}

/// What one worker finds queued when it comes free, in the order in which it runs it.
fn order_of(spawn: impl Fn(usize, Sender<usize>) + Sync) -> Vec<usize> {
    let (to, from) = channel();
    let spawn = &spawn;
    pool_of(1).install(move || {
        for i in 0..10 {
            spawn(i, to.clone());
        }
    });
    (0..10).map(|_| receive(&from, "a spawn")).collect()
}

#[test]
fn a_worker_runs_its_newest_spawn_first() {
    let order = order_of(|i, to| paceline::spawn(move || to.send(i).unwrap()));
    assert!(order.into_iter().eq((0..10).rev()));
}

#[test]
fn a_worker_runs_its_oldest_fifo_spawn_first() {
    let order = order_of(|i, to| paceline::spawn_fifo(move || to.send(i).unwrap()));
    assert!(order.into_iter().eq(0..10));
}

#[test]
fn from_outside_fifo_spawns_reach_one_worker_in_order() {
    let pool = pool_of(1);
    let (to, from) = channel();
    for i in 0..100 {
        let to = to.clone();
        pool.spawn_fifo(move || to.send(i).unwrap());
    }
    for i in 0..100 {
        assert_eq!(receive(&from, "a spawn"), i);
    }
}

/// The worker is held while the handle goes: the drop neither waits for it nor loses the queue.
#[test]
fn a_dropped_pool_runs_all_that_was_queued() {
    at_each_size(|_, threads| {
        let pool = pool_of(threads);
        let gate = Arc::new(Gate::default());
        let (to, from) = channel();
        for _ in 0..threads {
            let gate = Arc::clone(&gate);
            pool.spawn(move || gate.pass("the drop of the pool"));
        }
        for i in 0..1_000 {
            let to = to.clone();
            let work = move || to.send(i).unwrap();
            if i % 2 == 0 {
                pool.spawn(work);
            } else {
                pool.spawn_fifo(work);
            }
        }
        drop(pool);
        gate.open();
        let mut seen: Vec<usize> = (0..1_000).map(|_| receive(&from, "a spawn")).collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..1_000));
    });
}

#[test]
fn spawns_go_on_spawning_after_the_pool_is_dropped() {
    fn link(left: usize, threads: usize, to: Sender<usize>) {
        assert_eq!(paceline::current_num_threads(), threads);
        match left {
            0 => to.send(threads).unwrap(),
            _ if left % 2 == 0 => paceline::spawn(move || link(left - 1, threads, to)),
            _ => paceline::spawn_fifo(move || link(left - 1, threads, to)),
        }
    }
    at_each_size(|_, threads| {
        let pool = pool_of(threads);
        let gate = Arc::new(Gate::default());
        let (to, from) = channel();
        let held = Arc::clone(&gate);
        pool.spawn(move || {
            held.pass("the drop of the pool");
            link(1_000, threads, to);
        });
        drop(pool);
        gate.open();
        assert_eq!(receive(&from, "the end of the chain"), threads);
    });
}

/// A pool may be dropped by its own worker: that thread goes on, and the queue with it.
#[test]
fn a_worker_drops_the_last_handle_of_its_own_pool() {
    at_each_size(|_, threads| {
        let pool = Arc::new(pool_of(threads));
        let (to, from) = channel();
        let own = Arc::clone(&pool);
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        pool.spawn(move || {
            held.pass("the drop of the other handle");
            let after = to.clone();
            own.spawn(move || after.send("queued before the drop").unwrap());
            drop(own);
            paceline::spawn(move || to.send("queued after the drop").unwrap());
        });
        drop(pool);
        gate.open();
        let mut seen = [receive(&from, "the first spawn"), receive(&from, "the second spawn")];
        seen.sort_unstable();
        assert_eq!(seen, ["queued after the drop", "queued before the drop"]);
    });
}

#[test]
fn detached_work_joins_and_scopes() {
    at_each_size(|pool, _| {
        let (to, from) = channel();
        pool.spawn(move || {
            let (a, b) = paceline::join(|| 1, || paceline::scope(|_| 2));
            to.send(a + b).unwrap();
        });
        assert_eq!(receive(&from, "the sum"), 3);
    });
}
