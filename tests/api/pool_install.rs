//! `ThreadPool::install`: into a pool, from one pool into another, and back again.

use crate::meeting::receive;
use crate::pools::{at_each_size, pool_of};
use paceline::ThreadPool;
use std::sync::mpsc::channel;
use std::thread;

#[test]
fn returns_what_its_closure_returns() {
    at_each_size(|pool, _| {
        assert_eq!(pool.install(|| 22), 22);
        assert_eq!(pool.install(|| String::from("moved")), "moved");
        pool.install(|| ());
    });
}

#[test]
fn borrows_and_moves_what_its_caller_owns() {
    at_each_size(|pool, _| {
        let mut log = vec![1];
        let owned = String::from("owned");
        let returned = pool.install(|| {
            log.push(2);
            owned
        });
        assert_eq!((log, returned.as_str()), (vec![1, 2], "owned"));
    });
}

#[test]
fn within_the_same_pool_it_stays_on_the_thread() {
    at_each_size(|pool, _| {
        pool.install(|| {
            let here = thread::current().id();
            let there = pool.install(|| pool.install(|| thread::current().id()));
            assert_eq!(here, there);
        });
    });
}

#[test]
fn into_another_pool_it_changes_the_thread() {
    let (home, abroad) = (pool_of(2), pool_of(3));
    home.install(|| {
        let here = thread::current().id();
        let (there, around) = abroad.install(|| {
            assert_eq!(home.current_thread_index(), None);
            (thread::current().id(), paceline::current_num_threads())
        });
        assert_ne!(here, there);
        assert_eq!((around, paceline::current_num_threads()), (3, 2));
    });
}

/// Each pool has a single thread, which waits for the other pool while its own work comes back.
#[test]
fn there_and_back_between_pools_of_one_thread() {
    fn ping_pong(here: &ThreadPool, there: &ThreadPool, left: usize) -> usize {
        match left {
            0 => 0,
            _ => 1 + there.install(|| ping_pong(there, here, left - 1)),
        }
    }
    let (home, abroad) = (pool_of(1), pool_of(1));
    assert_eq!(ping_pong(&abroad, &home, 50), 50);
    let back = home.install(|| abroad.install(|| home.install(paceline::current_thread_index)));
    assert_eq!(back, Some(0));
}

#[test]
fn around_a_ring_of_pools() {
    fn around(ring: &[ThreadPool], at: usize, left: usize) -> usize {
        if left == 0 {
            return 0;
        }
        let next = (at + 1) % ring.len();
        let (leaf, rest) = paceline::join(|| 1, || ring[next].install(|| around(ring, next, left - 1)));
        leaf + rest
    }
    let ring = [pool_of(1), pool_of(2), pool_of(1)];
    assert_eq!(ring[0].install(|| around(&ring, 0, 30)), 30);
}

/// While its closure runs elsewhere the calling worker serves its own pool.
#[test]
fn a_worker_that_waits_for_another_pool_works_on() {
    let (home, abroad) = (pool_of(1), pool_of(1));
    let (to, from) = channel();
    let here = &home;
    let arrived = home.install(move || {
        abroad.install(move || {
            here.spawn(move || to.send(paceline::current_num_threads()).unwrap());
            receive(&from, "work for a worker that waits")
        })
    });
    assert_eq!(arrived, 1);
}

#[test]
fn parallel_work_inside_runs_on_the_pool() {
    at_each_size(|pool, threads| {
        let seen = pool.install(|| {
            let half = || (pool.current_thread_index(), paceline::current_num_threads());
            let ((a, m), (b, n)) = paceline::join(half, half);
            [(a, m), (b, n)]
        });
        for (index, around) in seen {
            assert!(index.is_some_and(|index| index < threads));
            assert_eq!(around, threads);
        }
    });
}

#[test]
fn many_callers_install_at_once() {
    let pool = pool_of(3);
    thread::scope(|callers| {
        for caller in 0..8 {
            let pool = &pool;
            callers.spawn(move || {
                for i in 0..200 {
                    assert_eq!(pool.install(|| caller * 1_000 + i), caller * 1_000 + i);
                }
            });
        }
    });
}

#[test]
fn a_pool_is_reached_through_an_arc_from_its_own_work() {
    let pool = std::sync::Arc::new(pool_of(2));
    let (to, from) = channel();
    let inner = std::sync::Arc::clone(&pool);
    pool.spawn(move || to.send(inner.install(paceline::current_num_threads)).unwrap());
    assert_eq!(receive(&from, "the number of threads"), 2);
}
