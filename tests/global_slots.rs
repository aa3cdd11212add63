//! A thread outside all pools works in the slot of a sleeping worker, and on nothing but its own call.

#[path = "support/child.rs"]
mod child;
#[path = "support/slots.rs"]
mod slots;

use paceline::ThreadPoolBuilder;
use paceline::prelude::*;
use slots::{SIZES, as_external_caller, at_sizes, id, receive};
use std::cell::RefCell;
use std::collections::HashSet;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, ThreadId};

/// How often a test goes through what may come out otherwise the next time.
const ROUNDS: usize = 100;

/// Jobs of others than the callers, all of which want one lock, and which threads have run them.
#[derive(Debug, Default)]
struct Strangers {
    lock: Mutex<()>,
    ran: AtomicUsize,
    threads: Mutex<HashSet<ThreadId>>,
}

impl Strangers {
    /// Spawns so many of them from the calling thread.
    fn spawn(self: &Arc<Self>, count: usize) {
        for _ in 0..count {
            let strangers = Arc::clone(self);
            paceline::spawn(move || strangers.run());
        }
    }

    /// Does so from a thread outside the pool.
    fn spawn_from_outside(self: &Arc<Self>, count: usize) {
        thread::scope(|s| s.spawn(|| self.spawn(count)).join().unwrap());
    }

    fn run(&self) {
        drop(self.lock.lock().unwrap());
        self.threads.lock().unwrap().insert(id());
        self.ran.fetch_add(1, SeqCst);
    }

    fn ran(&self) -> usize {
        self.ran.load(SeqCst)
    }

    /// Waits, as a worker or as anybody, until so many have run.
    fn await_all(&self, count: usize) {
        while self.ran() < count {
            paceline::yield_now();
            thread::yield_now();
        }
    }

    fn ran_on(&self, thread: ThreadId) -> bool {
        self.threads.lock().unwrap().contains(&thread)
    }
}

/// Has as many external callers at once as the pool has slots, and checks which slot each had.
#[track_caller]
fn assert_that_all_slots_can_be_leased(threads: usize) {
    let all_sit = Barrier::new(threads);
    let occupy = || {
        as_external_caller(|| {
            all_sit.wait();
            paceline::current_thread_index().unwrap()
        })
    };
    let mut slots: Vec<_> = thread::scope(|s| {
        let callers: Vec<_> = (0..threads).map(|_| s.spawn(occupy)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    slots.sort_unstable();
    assert!(slots.into_iter().eq(0..threads));
}

fn sum(count: u64) -> u64 {
    (0..count).into_par_iter().sum()
}

#[test]
fn a_call_is_worked_on_by_its_caller() {
    at_sizes(&SIZES, "a_call_is_worked_on_by_its_caller", |threads| {
        let me = id();
        for _ in 0..ROUNDS {
            as_external_caller(|| {
                let slot = paceline::current_thread_index();
                assert!(slot.is_some_and(|slot| slot < threads));
                assert_eq!(paceline::current_num_threads(), threads);
                let half = |context: paceline::FnContext| (id(), context.migrated());
                let (first, (second, is_taken)) = paceline::join_context(half, half);
                assert_eq!(first, (me, false));
                assert_eq!(is_taken, second != me);
                assert_eq!(paceline::scope(|_| id()), me);
                let mine = (0..1000).into_par_iter().filter(|_| id() == me).count();
                assert!(mine > 0);
                assert!(threads > 1 || mine == 1000);
                assert!(paceline::current_thread_index().is_some_and(|slot| slot < threads));
            });
            assert_eq!(paceline::current_thread_index(), None);
        }
    });
}

#[test]
fn every_slot_can_be_leased_at_once() {
    at_sizes(&SIZES, "every_slot_can_be_leased_at_once", |threads| {
        for _ in 0..ROUNDS {
            assert_that_all_slots_can_be_leased(threads);
        }
    });
}

/// The call of the external caller ends only when all jobs of others have been run, so it waits while there are any.
#[test]
fn an_external_caller_that_waits_leaves_strangers_jobs_alone() {
    at_sizes(&[2, 4], "an_external_caller_that_waits_leaves_strangers_jobs_alone", |_| {
        let me = id();
        for _ in 0..ROUNDS {
            let strangers = Arc::new(Strangers::default());
            as_external_caller(|| {
                strangers.spawn(3);
                let is_begun = AtomicBool::new(false);
                let first = || {
                    strangers.spawn(3);
                    // Each of these forks is an occasion to publish the second half.
                    while !is_begun.load(SeqCst) {
                        paceline::join(|| (), || ());
                    }
                };
                let second = || {
                    is_begun.store(true, SeqCst);
                    strangers.spawn(3);
                    strangers.spawn_from_outside(3);
                    strangers.await_all(6);
                };
                paceline::join(first, second);
            });
            strangers.await_all(12);
            assert!(!strangers.ran_on(me));
        }
    });
}

/// The lock would be asked for by the thread that holds it, if that ran any of the jobs.
#[test]
fn an_external_caller_may_hold_a_lock_that_strangers_want() {
    at_sizes(&[1], "an_external_caller_may_hold_a_lock_that_strangers_want", |_| {
        for _ in 0..ROUNDS {
            let strangers = Arc::new(Strangers::default());
            as_external_caller(|| {
                let held = strangers.lock.lock().unwrap();
                strangers.spawn(10);
                strangers.spawn_from_outside(10);
                assert_eq!(paceline::join(|| 1, || 2), (1, 2));
                assert_eq!(sum(1000), 499_500);
                paceline::scope(|s| s.spawn(|_| assert_eq!(sum(10), 45)));
                (0..10).for_each(|_| assert!(paceline::yield_now().is_some()));
                assert_eq!(strangers.ran(), 0, "the only slot was taken");
                drop(held);
            });
            strangers.await_all(20);
            assert!(!strangers.ran_on(id()));
        }
    });
}

/// Calls of all kinds, with strangers' jobs always about: whoever calls from outside never runs one of them.
#[test]
fn callers_never_run_strangers_jobs() {
    at_sizes(&SIZES, "callers_never_run_strangers_jobs", |_| {
        let strangers = Arc::new(Strangers::default());
        let done = AtomicUsize::new(0);
        let call = || {
            for round in 0..ROUNDS as u64 * 3 {
                match round % 3 {
                    0 => assert_eq!(sum(1000), 499_500),
                    1 => assert_eq!(paceline::join(|| sum(100), || sum(10)), (4950, 45)),
                    _ => paceline::scope(|s| (0..4).for_each(|_| s.spawn(|_| assert_eq!(sum(10), 45)))),
                }
            }
            done.fetch_add(1, SeqCst);
            id()
        };
        let (callers, spawned) = thread::scope(|s| {
            let callers: Vec<_> = (0..4).map(|_| s.spawn(call)).collect();
            let mut spawned = 0;
            while done.load(SeqCst) < 4 {
                strangers.spawn(1);
                spawned += 1;
                strangers.await_all(spawned.max(10) - 10);
            }
            (callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>(), spawned)
        });
        strangers.await_all(spawned);
        assert!(callers.into_iter().all(|caller| !strangers.ran_on(caller)));
    });
}

/// Ways in which a caller's call ends with a panic.
const PANICS: [fn(); 6] = [
    || assert_eq!(paceline::join(throw, || sum(1000)).1, 0),
    || assert_eq!(paceline::join(|| sum(1000), throw).0, 0),
    || {
        (0..1000).into_par_iter().for_each(|n| {
            if n == 700 {
                throw()
            }
        })
    },
    || paceline::scope(|_| throw()),
    || {
        paceline::scope(|s| {
            (0..10).for_each(|n| {
                s.spawn(move |_| {
                    if n == 7 {
                        throw()
                    }
                })
            })
        })
    },
    throw,
];

fn throw() {
    resume_unwind(Box::new("thrown"));
}

#[test]
fn a_panic_gives_the_slot_back() {
    at_sizes(&SIZES, "a_panic_gives_the_slot_back", |threads| {
        for _ in 0..ROUNDS / 10 {
            for panic in PANICS {
                let payload = catch_unwind(|| as_external_caller(panic)).unwrap_err();
                assert_eq!(payload.downcast_ref(), Some(&"thrown"));
                assert_eq!(paceline::current_thread_index(), None);
                assert_eq!(sum(1000), 499_500);
            }
            assert_that_all_slots_can_be_leased(threads);
        }
    });
}

#[test]
fn what_an_external_caller_has_spawned_runs_when_it_has_left() {
    at_sizes(&SIZES, "what_an_external_caller_has_spawned_runs_when_it_has_left", |_| {
        for round in 0..ROUNDS {
            let (to, from) = channel();
            let send = |number| {
                let to = to.clone();
                move || to.send(number).unwrap()
            };
            as_external_caller(|| {
                paceline::spawn(send(round));
                paceline::spawn_fifo(send(round + 1));
                let nested = send(round + 2);
                paceline::spawn(move || paceline::spawn(nested));
            });
            assert_eq!(receive(&from, 3), [round, round + 1, round + 2]);
        }
    });
}

#[test]
fn jobs_of_a_scope_end_before_it_returns() {
    at_sizes(&SIZES, "jobs_of_a_scope_end_before_it_returns", |_| {
        for _ in 0..ROUNDS {
            let count = AtomicUsize::new(0);
            let tick = || {
                count.fetch_add(1, SeqCst);
            };
            as_external_caller(|| {
                paceline::scope(|s| (0..20).for_each(|_| s.spawn(|s| s.spawn(|_| tick()))));
                assert_eq!(count.load(SeqCst), 20);
                paceline::scope_fifo(|s| (0..20).for_each(|_| s.spawn_fifo(|s| s.spawn_fifo(|_| tick()))));
                assert_eq!(count.load(SeqCst), 40);
                paceline::in_place_scope(|s| (0..20).for_each(|_| s.spawn(|s| s.spawn(|_| tick()))));
                assert_eq!(count.load(SeqCst), 60);
            });
        }
    });
}

/// The external caller runs them, if no other thread has a slot.
#[test]
fn jobs_for_an_external_callers_scope_may_come_from_anywhere() {
    at_sizes(&SIZES, "jobs_for_an_external_callers_scope_may_come_from_anywhere", |_| {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for _ in 0..ROUNDS {
            let count = AtomicUsize::new(0);
            let tick = || {
                count.fetch_add(1, SeqCst);
            };
            as_external_caller(|| {
                paceline::scope(|scope| {
                    thread::scope(|s| s.spawn(|| scope.spawn(|_| tick())).join().unwrap());
                });
                assert_eq!(count.load(SeqCst), 1, "from a thread outside all pools");
                paceline::scope(|scope| pool.install(|| scope.spawn(|_| tick())));
                assert_eq!(count.load(SeqCst), 2, "from another pool");
                paceline::in_place_scope(|scope| pool.install(|| scope.spawn(|_| tick())));
                assert_eq!(count.load(SeqCst), 3);
            });
        }
    });
}

#[test]
fn calls_nest_in_calls() {
    at_sizes(&SIZES, "calls_nest_in_calls", |_| {
        let nest = || {
            let total = AtomicUsize::new(0);
            paceline::scope(|s| {
                for _ in 0..4 {
                    s.spawn(|_| {
                        let row = |n: usize| {
                            let (a, b) = paceline::join(|| sum(n as u64), || paceline::scope(|_| sum(n as u64)));
                            (a + b) as usize
                        };
                        total.fetch_add((0..50).into_par_iter().map(row).sum(), SeqCst);
                    });
                }
            });
            let expected: usize = (0..50).map(|n: usize| n * n.saturating_sub(1)).sum();
            assert_eq!(total.load(SeqCst), 4 * expected);
        };
        thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| (0..ROUNDS / 10).for_each(|_| nest()));
            }
        });
        as_external_caller(nest);
    });
}

#[test]
fn an_external_caller_may_call_another_pool_and_come_back() {
    at_sizes(&SIZES, "an_external_caller_may_call_another_pool_and_come_back", |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let call = || {
            as_external_caller(|| {
                let me = id();
                let there = pool.install(|| {
                    assert!(pool.current_thread_index().is_some());
                    assert_eq!(sum(1000), 499_500);
                    (id(), paceline::current_num_threads())
                });
                assert!(there.0 != me && there.1 == 3);
                // In its slot, or in another that was free.
                assert!(id() == me && paceline::current_thread_index().is_some_and(|index| index < threads));
                assert_eq!(pool.current_thread_index(), None);
                assert_eq!((sum(1000), paceline::current_num_threads()), (499_500, threads));
            });
        };
        thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| (0..ROUNDS).for_each(|_| call()));
            }
        });
    });
}

/// Calls once more while the thread's locals are being destroyed.
struct LastCall(Sender<u64>);

impl Drop for LastCall {
    fn drop(&mut self) {
        let (a, b) = paceline::join(|| sum(100), || sum(10));
        self.0.send(a + b).unwrap();
    }
}

#[test]
fn a_thread_may_end_right_after_its_call() {
    thread_local! {
        static LAST: RefCell<Option<LastCall>> = const { RefCell::new(None) };
    }
    at_sizes(&SIZES, "a_thread_may_end_right_after_its_call", |threads| {
        let (to, from) = channel();
        for _ in 0..ROUNDS {
            for _ in 0..3 {
                let to = to.clone();
                thread::spawn(move || {
                    LAST.with_borrow_mut(|last| *last = Some(LastCall(to.clone())));
                    to.send(sum(1000)).unwrap();
                });
            }
            assert_eq!(receive(&from, 6), [4995, 4995, 4995, 499_500, 499_500, 499_500]);
        }
        assert_that_all_slots_can_be_leased(threads);
    });
}
