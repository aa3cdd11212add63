//! However many threads call at once, no more work than the pool has seats, and each has an index of its own.

mod child;
mod seats;

use paceline::prelude::*;
use seats::{SIZES, as_guest, at_sizes, receive};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

/// How many threads call at once: more than there are seats, and than most machines have cores for.
const CROWD: usize = 24;

const ROUNDS: usize = 60;

/// Who is at work.
#[derive(Debug)]
struct Floor {
    at_work: AtomicUsize,
    most: AtomicUsize,
    seats: Vec<AtomicBool>,
}

impl Floor {
    fn new(threads: usize) -> Self {
        let seats = (0..threads).map(|_| AtomicBool::new(false)).collect();
        Floor { at_work: AtomicUsize::new(0), most: AtomicUsize::new(0), seats }
    }

    /// A piece of work that calls nothing of the pool's, so that on each seat one begins when the one before has ended.
    fn work(&self) {
        let index = paceline::current_thread_index().expect("work is done in the pool");
        assert!(!self.seats[index].swap(true, SeqCst), "two threads sit at {index}");
        let at_work = self.at_work.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(at_work, SeqCst);
        // Others get their chance to be where they must not be.
        thread::yield_now();
        self.at_work.fetch_sub(1, SeqCst);
        self.seats[index].store(false, SeqCst);
    }

    /// One call of some kind.
    fn call(&self, round: usize) {
        match round % 4 {
            0 => (0..6).into_par_iter().for_each(|_| self.work()),
            1 => {
                paceline::join(|| self.work(), || paceline::join(|| self.work(), || self.work()));
            }
            2 => paceline::scope(|s| (0..3).for_each(|_| s.spawn(|_| self.work()))),
            _ => paceline::in_place_scope(|s| (0..3).for_each(|_| s.spawn(|_| self.work()))),
        }
    }

    fn close(self, threads: usize) {
        let most = self.most.into_inner();
        assert!((1..=threads).contains(&most), "{most} at work in a pool of {threads}");
        assert_eq!(self.at_work.into_inner(), 0);
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
                    (0..ROUNDS).for_each(|round| floor.call(round + caller));
                });
            }
        });
        floor.close(threads);
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
                        floor.call(round + caller);
                    }
                });
            }
        });
        receive(&from, 4 * ROUNDS);
        let most = floor.most.load(SeqCst);
        assert!((1..=threads).contains(&most), "{most} at work in a pool of {threads}");
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
