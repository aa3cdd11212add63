//! `spawn_broadcast`, detached and in scopes: every worker once, and nobody waits or the scope does.

use crate::meeting::{Gate, assert_closed, receive};
use crate::pools::{at_each_size, pool_of};
use paceline::ThreadPoolBuilder;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

/// Checks that each of `threads` workers reported `times` times, with its own index, and no more.
fn assert_each(reports: &Receiver<usize>, threads: usize, times: usize) {
    let mut counts = vec![0; threads];
    for _ in 0..threads * times {
        counts[receive(reports, "a worker's report")] += 1;
    }
    assert_eq!(counts, vec![times; threads]);
    assert_closed(reports, "a report");
}

#[test]
fn from_outside_each_worker_runs_it_once() {
    at_each_size(|pool, threads| {
        let (to, from) = channel();
        pool.spawn_broadcast(move |context| {
            assert_eq!(context.num_threads(), threads);
            assert_eq!(Some(context.index()), paceline::current_thread_index());
            to.send(context.index()).unwrap();
        });
        assert_each(&from, threads, 1);
    });
}

#[test]
fn the_global_pool_runs_it_once_on_each_worker() {
    let (to, from) = channel();
    paceline::spawn_broadcast(move |context| to.send(context.index()).unwrap());
    assert_each(&from, paceline::current_num_threads(), 1);
}

#[test]
fn from_a_worker_its_own_pool_runs_it() {
    at_each_size(|pool, threads| {
        let (to, from) = channel();
        pool.install(|| {
            paceline::spawn_broadcast(move |context| to.send(context.index()).unwrap());
        });
        assert_each(&from, threads, 1);
    });
}

#[test]
fn from_a_worker_of_another_pool() {
    let (home, abroad) = (pool_of(2), pool_of(3));
    let (to, from) = channel();
    home.install(|| abroad.spawn_broadcast(move |context| to.send(context.index()).unwrap()));
    assert_each(&from, 3, 1);
}

#[test]
fn broadcasts_spawn_broadcasts() {
    at_each_size(|pool, threads| {
        let (to, from) = channel();
        pool.spawn_broadcast(move |_| {
            let to = to.clone();
            paceline::spawn_broadcast(move |context| to.send(context.index()).unwrap());
        });
        assert_each(&from, threads, threads);
    });
}

#[test]
fn a_dropped_pool_still_runs_it() {
    at_each_size(|_, threads| {
        let pool = pool_of(threads);
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        let (to, from) = channel();
        pool.spawn(move || held.pass("the drop of the pool"));
        pool.spawn_broadcast(move |context| to.send(context.index()).unwrap());
        drop(pool);
        gate.open();
        assert_each(&from, threads, 1);
    });
}

#[test]
fn each_panic_reaches_the_handler_and_the_others_run() {
    for threads in [1, 2, 3, 8] {
        let (to_handler, payloads) = channel();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .panic_handler(move |payload| to_handler.send(*payload.downcast().unwrap()).unwrap())
            .build()
            .unwrap();
        let (to, from) = channel();
        pool.spawn_broadcast(move |context| {
            to.send(context.index()).unwrap();
            if context.index() % 2 == 0 {
                resume_unwind(Box::new(context.index()));
            }
        });
        assert_each(&from, threads, 1);
        let even = (0..threads).step_by(2);
        let mut caught: Vec<usize> = even.clone().map(|_| receive(&payloads, "a panic")).collect();
        caught.sort_unstable();
        assert!(caught.into_iter().eq(even));
        assert_eq!(pool.install(|| 1), 1);
    }
}

#[test]
fn a_scope_waits_for_its_broadcasts() {
    at_each_size(|pool, threads| {
        let seen = Mutex::new(Vec::new());
        let note = |index| seen.lock().unwrap().push(index);
        pool.scope(|scope| {
            scope.spawn_broadcast(|_, context| {
                assert_eq!(Some(context.index()), paceline::current_thread_index());
                note(context.index());
            });
        });
        pool.scope_fifo(|scope| scope.spawn_broadcast(|_, context| note(context.index())));
        pool.in_place_scope(|scope| scope.spawn_broadcast(|_, context| note(context.index())));
        pool.in_place_scope_fifo(|scope| scope.spawn_broadcast(|_, context| note(context.index())));
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert!(seen.into_iter().eq((0..threads).flat_map(|i| [i; 4])));
    });
}

#[test]
fn a_scopes_broadcast_spawns_into_the_scope() {
    at_each_size(|pool, threads| {
        let (spawned, again) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (spawned, again) = (&spawned, &again);
        pool.scope(|scope| {
            scope.spawn_broadcast(|scope, _| {
                scope.spawn(|_| {
                    spawned.fetch_add(1, Ordering::Relaxed);
                });
                scope.spawn_broadcast(|_, _| {
                    again.fetch_add(1, Ordering::Relaxed);
                });
            });
        });
        assert_eq!(spawned.load(Ordering::Relaxed), threads);
        assert_eq!(again.load(Ordering::Relaxed), threads * threads);
    });
}

#[test]
fn a_scope_passes_on_a_panic_of_its_broadcast_once_all_have_run() {
    at_each_size(|pool, threads| {
        let ended = AtomicUsize::new(0);
        let call = || {
            pool.scope(|scope| {
                scope.spawn_broadcast(|_, context| {
                    ended.fetch_add(1, Ordering::SeqCst);
                    if context.index() == threads - 1 {
                        resume_unwind(Box::new("the last"));
                    }
                });
            });
        };
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
        assert_eq!(ended.load(Ordering::SeqCst), threads);
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"the last"));
    });
}
