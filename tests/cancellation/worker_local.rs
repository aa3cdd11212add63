//! `WorkerLocal`: how many values there are, who gets which, and when there is none to be had.

use crate::panic_of;
use crate::pools::{at_each_size, pool_of};
use crate::tally::Tally;
use paceline::WorkerLocal;
use paceline::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, OnceLock};
use std::thread;

const IN_USE: &str = "this worker's value of a WorkerLocal is in use";

#[test]
fn each_worker_has_a_value_of_its_own() {
    for threads in [1, 2, 3, 8, 32] {
        let pool = pool_of(threads);
        let made = AtomicUsize::new(0);
        let calls = pool.install(|| {
            WorkerLocal::new(|| {
                made.fetch_add(1, Ordering::Relaxed);
                Vec::new()
            })
        });
        assert_eq!(made.load(Ordering::Relaxed), 0, "values are made when they are asked for");
        for _ in 0..3 {
            pool.broadcast(|context| calls.with_mut(|calls| calls.push(context.index())));
        }
        assert_eq!(made.load(Ordering::Relaxed), threads);
        let expected: Vec<_> = (0..threads).map(|index| vec![index; 3]).collect();
        assert_eq!(calls.into_iter().collect::<Vec<_>>(), expected, "in the order of the workers");
    }
}

#[test]
fn what_jobs_count_adds_up() {
    at_each_size(|pool, threads| {
        let mut counts = pool.install(WorkerLocal::<Cell<usize>>::default);
        pool.install(|| {
            (0..50_000).into_par_iter().for_each(|n| match n % 2 {
                0 => counts.with_mut(|count| *count.get_mut() += 1),
                _ => counts.with(|count| count.set(count.get() + 1)),
            });
        });
        assert!((1..=threads).contains(&counts.iter_mut().count()));
        counts.iter_mut().for_each(|count| *count.get_mut() *= 2);
        assert_eq!(counts.into_iter().map(Cell::into_inner).sum::<usize>(), 100_000);
    });
}

#[test]
fn a_value_in_use_is_not_given_again() {
    pool_of(1).install(|| {
        let value = WorkerLocal::new(|| 0);
        let within_mut = |f: &(dyn Fn() + Sync)| panic_of(|| value.with_mut(|_| f()));
        assert!(within_mut(&|| value.with_mut(|_| ())).starts_with(IN_USE));
        assert!(within_mut(&|| value.with(|_| ())).starts_with(IN_USE));
        assert!(panic_of(|| value.with(|_| value.with_mut(|_| ()))).starts_with(IN_USE));
        value.with(|outer| value.with(|inner| assert!(std::ptr::eq(outer, inner))));
        // After all these panics it is free.
        assert_eq!(value.with_mut(|value| *value), 0);
    });
}

#[test]
fn a_job_that_is_run_while_the_worker_waits_cannot_have_it_either() {
    pool_of(1).install(|| {
        let value = WorkerLocal::new(Vec::<u8>::new);
        let ask_again = || paceline::scope(|s| s.spawn(|_| value.with_mut(|value| value.push(2))));
        let message = panic_of(|| {
            value.with_mut(|value| {
                value.push(1);
                ask_again();
            });
        });
        assert!(message.starts_with(IN_USE), "{message}");
        ask_again();
        assert_eq!(value.into_iter().collect::<Vec<_>>(), [[1, 2]]);
    });
}

#[test]
fn the_closure_that_makes_a_value_may_panic_but_not_ask_for_it() {
    pool_of(1).install(|| {
        let tries = AtomicUsize::new(0);
        let value = WorkerLocal::new(|| match tries.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("not yet"),
            tries => tries,
        });
        assert_eq!(panic_of(|| value.with_mut(|_| ())), "not yet");
        assert_eq!(value.with(|value| *value), 1);

        static KNOT: OnceLock<WorkerLocal<u8>> = OnceLock::new();
        let knot = KNOT.get_or_init(|| WorkerLocal::new(|| KNOT.get().unwrap().with(|value| *value)));
        assert!(panic_of(|| knot.with_mut(|_| ())).starts_with(IN_USE));
        assert!(panic_of(|| knot.with(|_| ())).starts_with(IN_USE));
    });
}

#[test]
fn threads_outside_are_lent_a_value_each() {
    let pool = pool_of(2);
    let made = AtomicUsize::new(0);
    let values = pool.install(|| WorkerLocal::new(|| made.fetch_add(1, Ordering::Relaxed)));
    let meet = Barrier::new(3);
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                values.with_mut(|_| meet.wait());
                values.with(|_| meet.wait());
            });
        }
    });
    assert_eq!(made.load(Ordering::Relaxed), 3, "the three that met had one each, and their next calls used those");
    // A worker of another pool is outside this one. Nor is there anything to collide with.
    pool_of(1).install(|| values.with_mut(|outer| values.with_mut(|inner| assert_ne!(outer, inner))));
    pool.broadcast(|_| values.with(|_| ()));
    assert_eq!(made.load(Ordering::Relaxed), 5, "two more are the workers'");
    let mut all: Vec<_> = values.into_iter().collect();
    all.sort();
    assert_eq!(all, [0, 1, 2, 3, 4]);
}

#[test]
fn a_later_pool_is_not_taken_for_the_one_that_has_ended() {
    let pool = pool_of(2);
    let values = pool.install(|| WorkerLocal::new(|| "made"));
    pool.broadcast(|_| values.with(|_| ()));
    drop(pool);
    for _ in 0..10 {
        // Of more workers than there are values.
        pool_of(3).broadcast(|_| values.with_mut(|value| *value = "lent"));
    }
    let values: Vec<_> = values.into_iter().collect();
    assert_eq!(values[..2], ["made"; 2]);
    assert!(values[2..].iter().all(|&value| value == "lent"));
}

#[test]
fn every_value_is_dropped_once() {
    at_each_size(|pool, threads| {
        let tally = Tally::of_at_most(threads + 1);
        let values = pool.install(|| WorkerLocal::new(|| tally.token()));
        pool.broadcast(|_| values.with(|_| ()));
        values.with_mut(|_| ());
        let message = panic_of(|| pool.install(|| values.with_mut(|_| panic!("in use"))));
        assert_eq!(message, "in use");
        assert_eq!((tally.made(), tally.dropped()), (threads + 1, 0));
        let mut values = values.into_iter();
        drop(values.next());
        assert_eq!(tally.dropped(), 1);
        drop(values);
        tally.assert_all_dropped();
    });
}
