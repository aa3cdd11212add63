//! However many threads call at once, no more work than the pool has seats, and each has an index of its own.

mod child;
mod floor;
mod seats;

use floor::Floor;
use paceline::prelude::*;
use seats::{SIZES, as_guest, at_sizes, receive};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

/// How many threads call at once: more than there are seats, and than most machines have cores for.
const CROWD: usize = 24;

const ROUNDS: usize = 60;

/// One call of some kind.
fn call(floor: &Floor, round: usize) {
    let work = || floor.work();
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
fn no_more_work_than_there_are_seats() {
    at_sizes(&SIZES, "no_more_work_than_there_are_seats", |threads| {
        let floor = Floor::new(threads);
        let all_here = Barrier::new(CROWD);
        thread::scope(|s| {
            for caller in 0..CROWD {
                let (floor, all_here) = (&floor, &all_here);
                s.spawn(move || {
                    all_here.wait();
                    (0..ROUNDS).for_each(|round| call(floor, round + caller));
                });
            }
        });
        floor.assert_never_more_than(threads);
    });
}

/// Guests and workers side by side: jobs that were spawned keep the workers busy meanwhile.
#[test]
fn spawned_jobs_and_calls_share_the_seats() {
    at_sizes(&SIZES, "spawned_jobs_and_calls_share_the_seats", |threads| {
        let floor = Arc::new(Floor::new(threads));
        let (to, from) = channel();
        thread::scope(|s| {
            for caller in 0..4 {
                let (floor, to) = (&floor, to.clone());
                s.spawn(move || {
                    for round in 0..ROUNDS {
                        let (floor_there, to) = (Arc::clone(floor), to.clone());
                        paceline::spawn(move || {
                            floor_there.work();
                            to.send(()).unwrap();
                        });
                        call(floor, round + caller);
                    }
                });
            }
        });
        receive(&from, 4 * ROUNDS);
        floor.assert_never_more_than(threads);
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

/// With every seat lent the calls of others wait, and are served when one is given back.
#[test]
fn calls_wait_for_a_seat() {
    at_sizes(&SIZES, "calls_wait_for_a_seat", |threads| {
        for _ in 0..ROUNDS / 4 {
            let (all_sit, served) = (Barrier::new(threads + 1), AtomicUsize::new(0));
            thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| {
                        as_guest(|| {
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
