//! However many threads call at once, no more work than the pool has slots, and each has an index of its own.

#[path = "support/child.rs"]
mod child;
#[path = "support/concurrency_gauge.rs"]
mod concurrency_gauge;
#[path = "support/slots.rs"]
mod slots;

use concurrency_gauge::ConcurrencyGauge;
use paceline::prelude::*;
use slots::{SIZES, as_external_caller, at_sizes, receive};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

/// How many threads call at once: more than there are slots, and than most machines have cores for.
const CROWD: usize = 24;

const ROUNDS: usize = 60;

/// One call of some kind.
fn call(gauge: &ConcurrencyGauge, round: usize) {
    let work = || gauge.work();
    match round % 4 {
        0 => (0..6).into_par_iter().for_each(|_| work()),
        1 => {
            paceline::join(work, || paceline::join(work, work));
        }
        2 => paceline::scope(|s| (0..3).for_each(|_| s.spawn(move |_| work()))),
        _ => paceline::in_place_scope(|s| (0..3).for_each(|_| s.spawn(move |_| work()))),
    }
}

#[test]
fn no_more_work_than_there_are_slots() {
    at_sizes(&SIZES, "no_more_work_than_there_are_slots", |threads| {
        let gauge = ConcurrencyGauge::new(threads);
        let all_here = Barrier::new(CROWD);
        thread::scope(|s| {
            for caller in 0..CROWD {
                let (gauge, all_here) = (&gauge, &all_here);
                s.spawn(move || {
                    all_here.wait();
                    (0..ROUNDS).for_each(|round| call(gauge, round + caller));
                });
            }
        });
        gauge.assert_never_more_than(threads);
    });
}

/// A loop that is expected to take next to nothing is run where it begins, but not by a thread that has no slot.
#[test]
fn a_light_loop_waits_for_a_slot_too() {
    at_sizes(&[2, 4], "a_light_loop_waits_for_a_slot_too", |threads| {
        // One loop of code, so that it has one history.
        let call = || (0..6).into_par_iter().map(|_| paceline::current_thread_index()).collect::<Vec<_>>();
        (0..1000).for_each(|_| drop(call()));
        let (hold, held) = (Arc::new(Barrier::new(threads + 1)), Arc::new(Barrier::new(threads + 1)));
        for _ in 0..threads {
            let (hold, held) = (Arc::clone(&hold), Arc::clone(&held));
            paceline::spawn(move || {
                hold.wait();
                held.wait();
            });
        }
        // All workers are in these jobs.
        hold.wait();
        let is_calling = AtomicUsize::new(0);
        let indices = thread::scope(|s| {
            s.spawn(|| {
                while is_calling.load(SeqCst) == 0 {
                    thread::yield_now();
                }
                // The caller gets some time to do what it must not do.
                (0..100).for_each(|_| thread::yield_now());
                held.wait();
            });
            is_calling.store(1, SeqCst);
            call()
        });
        assert!(indices.iter().all(|index| index.is_some_and(|index| index < threads)), "{indices:?}");
    });
}

/// External callers and workers side by side: jobs that were spawned keep the workers busy meanwhile.
#[test]
fn spawned_jobs_and_calls_share_the_slots() {
    at_sizes(&SIZES, "spawned_jobs_and_calls_share_the_slots", |threads| {
        let gauge = Arc::new(ConcurrencyGauge::new(threads));
        let (to, from) = channel();
        thread::scope(|s| {
            for caller in 0..4 {
                let (gauge, to) = (&gauge, to.clone());
                s.spawn(move || {
                    for round in 0..ROUNDS {
                        let (gauge_there, to) = (Arc::clone(gauge), to.clone());
                        paceline::spawn(move || {
                            gauge_there.work();
                            to.send(()).unwrap();
                        });
                        call(gauge, round + caller);
                    }
                });
            }
        });
        receive(&from, 4 * ROUNDS);
        gauge.assert_never_more_than(threads);
    });
}

#[test]
fn a_thousand_threads_are_served() {
    at_sizes(&SIZES, "a_thousand_threads_are_served", |_| {
        let start = Barrier::new(1001);
        let served = AtomicUsize::new(0);
        thread::scope(|s| {
            let call = || {
                start.wait();
                let sum: usize = (0..100).into_par_iter().sum();
                let (a, b) = paceline::join(|| 1, || 2);
                paceline::scope(|s| {
                    s.spawn(|_| {
                        served.fetch_add(sum + a + b, SeqCst);
                    });
                });
            };
            for _ in 0..1000 {
                thread::Builder::new().stack_size(128 << 10).spawn_scoped(s, call).unwrap();
            }
            start.wait();
        });
        assert_eq!(served.into_inner(), 1000 * (4950 + 3));
    });
}

/// With every slot leased the calls of others wait, and are served when one is given back.
#[test]
fn calls_wait_for_a_slot() {
    at_sizes(&SIZES, "calls_wait_for_a_slot", |threads| {
        for _ in 0..ROUNDS / 4 {
            let (all_sit, served) = (Barrier::new(threads + 1), AtomicUsize::new(0));
            thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| {
                        as_external_caller(|| {
                            all_sit.wait();
                        })
                    });
                }
                for _ in 0..CROWD {
                    s.spawn(|| {
                        paceline::join(|| served.fetch_add(1, SeqCst), || served.fetch_add(1, SeqCst));
                    });
                }
                all_sit.wait();
            });
            assert_eq!(served.into_inner(), 2 * CROWD);
        }
    });
}
