//! A `ThreadPool`'s own methods: where they run, and what a thread learns about where it is.

use crate::pools::{at_each_size, pool_of};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn a_pool_knows_its_size() {
    at_each_size(|pool, threads| {
        assert_eq!(pool.current_num_threads(), threads);
        assert_eq!(pool.install(|| pool.current_num_threads()), threads);
        assert_eq!(pool.install(paceline::current_num_threads), threads);
    });
}

#[test]
fn a_worker_knows_its_index() {
    at_each_size(|pool, threads| {
        let index = pool.install(paceline::current_thread_index);
        assert!(index.is_some_and(|index| index < threads));
        let (free, method) = pool.install(|| {
            let free = paceline::current_thread_index();
            (free, pool.current_thread_index())
        });
        assert_eq!(free, method);
    });
}

#[test]
fn outside_a_pool_there_is_no_index() {
    assert_eq!(pool_of(1).current_thread_index(), None);
    assert_eq!(pool_of(1).current_thread_has_pending_tasks(), None);
    assert_eq!(paceline::current_thread_index(), None);
}

#[test]
fn a_worker_has_no_index_in_another_pool() {
    let (two, three) = (pool_of(2), pool_of(3));
    two.install(|| {
        assert!(two.current_thread_index().is_some());
        assert_eq!(three.current_thread_index(), None);
        assert_eq!(three.current_thread_has_pending_tasks(), None);
        assert_eq!(three.yield_now(), None);
        assert_eq!(three.yield_local(), None);
        assert_eq!(three.current_num_threads(), 3);
        assert_eq!(paceline::current_num_threads(), 2);
    });
}

#[test]
fn the_number_of_threads_has_a_limit() {
    assert!(paceline::max_num_threads() >= 255);
    assert!(paceline::current_num_threads() <= paceline::max_num_threads());
    assert!(paceline::current_num_threads() >= 1);
}

/// Each way into the pool runs its body on one of the pool's own threads.
#[test]
fn every_entrance_leads_to_the_pools_threads() {
    at_each_size(|pool, threads| {
        let inside = || {
            let index = pool.current_thread_index();
            index.is_some_and(|index| index < threads)
        };
        assert!(pool.install(inside));
        assert_eq!(pool.join(inside, inside), (true, true));
        assert!(pool.scope(|_| inside()));
        assert!(pool.scope_fifo(|_| inside()));
        assert_eq!(pool.broadcast(|_| inside()), vec![true; threads]);
        let mut spawned = [false; 4];
        let [a, b, c, d] = &mut spawned;
        pool.scope(|scope| scope.spawn(|_| *a = inside()));
        pool.scope_fifo(|scope| scope.spawn_fifo(|_| *b = inside()));
        pool.in_place_scope(|scope| scope.spawn(|_| *c = inside()));
        pool.in_place_scope_fifo(|scope| scope.spawn_fifo(|_| *d = inside()));
        assert_eq!(spawned, [true; 4]);
    });
}

/// A caller that belongs to one pool enters another as an outsider would.
#[test]
fn every_entrance_works_from_a_worker_of_another_pool() {
    let home = pool_of(1);
    at_each_size(|pool, threads| {
        let inside = || pool.current_thread_index().is_some();
        home.install(|| {
            assert!(pool.install(inside));
            assert_eq!(pool.join(inside, inside), (true, true));
            assert!(pool.scope(|_| inside()));
            assert!(pool.scope_fifo(|_| inside()));
            assert_eq!(pool.broadcast(|_| inside()).len(), threads);
            assert_eq!(home.current_thread_index(), Some(0));
        });
    });
}

#[test]
fn a_worker_with_an_empty_queue_has_nothing_pending() {
    let pool = pool_of(1);
    let pending = pool.install(|| pool.current_thread_has_pending_tasks());
    assert_eq!(pending, Some(false));
}

#[test]
fn a_worker_that_spawned_has_work_pending() {
    let pool = pool_of(1);
    let count = AtomicUsize::new(0);
    pool.scope(|scope| {
        scope.spawn(|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(pool.current_thread_has_pending_tasks(), Some(true));
        assert_eq!(count.load(Ordering::Relaxed), 0);
    });
    assert_eq!(count.into_inner(), 1);
}

/// The second half of a fork is local work too while the first half runs.
#[test]
fn a_worker_that_forked_has_work_pending() {
    let pool = pool_of(1);
    let pending = || pool.current_thread_has_pending_tasks();
    let (first, second) = pool.join(pending, pending);
    assert_eq!((first, second), (Some(true), Some(false)));
}

#[test]
fn pools_live_side_by_side() {
    let pools: Vec<_> = (1..=4).map(pool_of).collect();
    thread::scope(|callers| {
        for (pool, threads) in pools.iter().zip(1..) {
            callers.spawn(move || {
                for _ in 0..100 {
                    let seen = pool.install(paceline::current_num_threads);
                    assert_eq!(seen, threads);
                }
            });
        }
    });
}
