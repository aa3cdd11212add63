//! Loom models of threads that give a slot up in a wait and come back to it, with the stand-ins of `simulated_pool`.
//!
//! Weakened to see the models fail (`ci/mutants.txt` has each):
//!
//! - `rest` or `release` that grants nothing, `grant` that notifies no thread, `give_back` that does not look for
//!   returning threads, `return_to` that does not take the cached slot: the thread that returns waits for ever, a
//!   deadlock.
//! - `return_to` that takes a held slot, `stop_resting` that takes the slot back from its next holder: two unordered
//!   writes to one slot.
//! - `return_to` that takes the slot of a thread that was woken: an assertion, the counts are wrong.
//! - `notify` that leaves the own thread out: a deadlock.
//! - the slot's own thread takes the slot from a standby thread in its last look, as the source once did: two unordered
//!   writes to one slot. The standby thread takes the own thread off the queue, as the source once did: the mail is not
//!   run, a deadlock.
//!
//! Not seen: `give_way` that gives way to none: the slot is granted a little later, when its holder falls asleep.
//! `release` or `abandon` that ignores a resting thread, which then takes the long way back. Two guards of one step, where
//! only both together are missed (deadlocks): a thread that is away, wants its slot and is not queued, and a caller that
//! leaves without a notice of mail; a grant to a thread in a job that does not queue the own thread, and a `wake_up_at` that
//! leaves the slot to a resting thread, or does not notify a dismissed standby thread.

use super::check;
use super::simulated_pool::{Event, Found, SimulatedPool, Tenure};
use crate::job::Region;
use crate::pool::sleep::{IdleThread, Returner};
use loom::thread::JoinHandle;
use std::sync::Arc;

/// An external caller that has leased the only slot, and the event that it waits for.
struct Caller {
    pool: Arc<SimulatedPool>,
    index: usize,
    event: Arc<Event>,
}

impl Caller {
    /// In a pool of one slot; its own thread sleeps.
    fn new() -> Self {
        let pool = SimulatedPool::new(1, 1);
        let index = pool.sleep.lease().expect("the slot is free");
        Caller { pool, index, event: Event::new() }
    }

    /// Starts the slot's own thread. The job that it runs makes the event happen that the caller waits for.
    fn start_own(&self) -> JoinHandle<()> {
        let event = Arc::clone(&self.event);
        self.pool.start_own(move |_| {
            event.happen();
            Tenure::Held
        })
    }

    /// Waits, comes back, and ends its call and the pool.
    fn wait(&self, own: JoinHandle<()>) {
        self.pool.leave_until(self.index, &self.event);
        self.pool.release(self.index);
        self.pool.end();
        own.join().unwrap();
    }
}

#[test]
fn a_caller_that_waits_for_a_publication_comes_back() {
    check(3, || {
        let caller = Caller::new();
        let own = caller.start_own();
        let publisher = caller.pool.start(|pool| pool.publish(1, Region::NONE));
        caller.wait(own);
        publisher.join().unwrap();
        caller.pool.assert_nothing_is_left();
    });
}

#[test]
fn a_caller_that_waits_for_mail_comes_back() {
    check(3, || {
        let caller = Caller::new();
        let own = caller.start_own();
        let sender = caller.pool.start(|pool| pool.post());
        caller.wait(own);
        sender.join().unwrap();
        caller.pool.assert_nothing_is_left();
    });
}

#[test]
fn a_caller_comes_back_to_a_slot_that_another_leases_and_leaves_cached() {
    check(3, || {
        let caller = Caller::new();
        let own = caller.start_own();
        let event = Arc::clone(&caller.event);
        let other = caller.pool.start(move |pool| {
            pool.call();
            event.happen();
            pool.call();
        });
        caller.pool.leave_until(caller.index, &caller.event);
        caller.pool.release(caller.index);
        other.join().unwrap();
        caller.pool.end();
        own.join().unwrap();
        caller.pool.assert_nothing_is_left();
    });
}

#[test]
fn a_caller_comes_back_while_another_calls_and_publishes() {
    check(2, || {
        let caller = Caller::new();
        let own = caller.start_own();
        let other = caller.pool.start(move |pool| {
            pool.call();
            pool.publish(1, Region::NONE);
            pool.call();
        });
        caller.pool.leave_until(caller.index, &caller.event);
        caller.pool.release(caller.index);
        other.join().unwrap();
        caller.pool.end();
        own.join().unwrap();
        caller.pool.assert_nothing_is_left();
    });
}

#[test]
fn of_two_callers_that_wait_at_one_slot_both_come_back() {
    check(2, || {
        let caller = Caller::new();
        let own = caller.start_own();
        let event = Arc::clone(&caller.event);
        let other = caller.pool.start(move |pool| {
            let slot = pool.sleep.lease();
            if let Some(index) = slot {
                // Like a caller that yields: its event has happened already.
                let turn = Event::new();
                turn.happen();
                pool.leave_until(index, &turn);
            }
            // The other caller may come back before this one has left.
            event.happen();
            if let Some(index) = slot {
                pool.release(index);
            }
        });
        caller.pool.leave_until(caller.index, &caller.event);
        caller.pool.release(caller.index);
        other.join().unwrap();
        caller.pool.end();
        own.join().unwrap();
        caller.pool.assert_nothing_is_left();
    });
}

/// The slot's own thread runs a job, in which it rests until the caller is back. The caller waits until that job
/// begins.
#[test]
fn a_caller_comes_back_to_a_slot_whose_holder_rests() {
    check(3, || {
        let Caller { pool, index, event } = Caller::new();
        let is_back = Event::at(pool.sleep.parker(0));
        let own = {
            let (jobs_pool, event, is_back) = (Arc::clone(&pool), Arc::clone(&event), Arc::clone(&is_back));
            pool.start_own(move |_| {
                event.happen();
                jobs_pool.rest_until(0, &is_back);
                Tenure::Held
            })
        };
        pool.publish(1, Region::NONE);
        pool.leave_until(index, &event);
        is_back.happen();
        pool.release(index);
        pool.end();
        own.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

/// A returning thread takes the slot of a resting one, and then rests itself: each waits for the other.
#[test]
fn two_threads_that_rest_at_one_slot_in_turn_come_back() {
    check(3, || {
        let pool = SimulatedPool::new(1, 0);
        let [first, second] = [Event::new(), Event::new()];
        let other = {
            let (first, second) = (Arc::clone(&first), Arc::clone(&second));
            pool.start(move |pool| {
                // This thread was suspended, and holds the slot once it is granted.
                pool.return_to(0, &second.parker, Returner::InJob);
                first.happen();
                pool.rest_until(0, &second);
                pool.release(0);
            })
        };
        pool.rest_until(0, &first);
        second.happen();
        pool.release(0);
        other.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

/// The slot's own thread ends a job that it ran on without its slot. Another thread holds the slot now. The pool ends when
/// the own thread has run something, or one of the others has.
fn own_thread_settles(preemptions: usize, others: fn(&Arc<SimulatedPool>, &Arc<Event>) -> Vec<JoinHandle<()>>) {
    own_thread_settles_until(preemptions, |_| true, others);
}

/// As above; of what the own thread finds, that which `is_last` says ends the pool.
fn own_thread_settles_until(
    preemptions: usize,
    is_last: fn(Found) -> bool,
    others: fn(&Arc<SimulatedPool>, &Arc<Event>) -> Vec<JoinHandle<()>>,
) {
    check(preemptions, move || {
        let pool = SimulatedPool::new(1, 0);
        let event = Event::new();
        let own = {
            let event = Arc::clone(&event);
            pool.start(move |pool| {
                let mut run = |found| {
                    if is_last(found) {
                        event.happen();
                    }
                    Tenure::Held
                };
                assert!(pool.end_job(0, IdleThread::Own, Tenure::None));
                let found = pool.next(0, IdleThread::Own);
                pool.work(0, IdleThread::Own, found, &mut run);
            })
        };
        let others = others(&pool, &event);
        event.wait();
        pool.end();
        own.join().unwrap();
        for other in others {
            other.join().unwrap();
        }
        pool.assert_nothing_is_left();
    });
}

fn start_standby(pool: &Arc<SimulatedPool>, event: &Arc<Event>) -> JoinHandle<()> {
    let (parker, event) = (Arc::clone(&Event::new().parker), Arc::clone(event));
    pool.start(move |pool| {
        pool.stand_in(0, &parker, &mut |_| {
            event.happen();
            Tenure::Held
        });
    })
}

#[test]
fn an_own_thread_without_its_slot_settles_while_a_standby_thread_falls_asleep() {
    own_thread_settles(2, |pool, event| {
        let standby = start_standby(pool, event);
        pool.publish(1, Region::NONE);
        vec![standby]
    });
}

#[test]
fn mail_reaches_an_own_thread_that_settles_while_a_standby_thread_wakes_up_for_a_job() {
    own_thread_settles_until(
        2,
        |found| found == Found::Mail,
        |pool, _| {
            let standby = start_standby(pool, &Event::new());
            pool.publish(1, Region::NONE);
            pool.post();
            vec![standby]
        },
    );
}

#[test]
fn an_own_thread_without_its_slot_settles_while_a_caller_leaves() {
    own_thread_settles(3, |pool, event| {
        let event = Arc::clone(event);
        vec![pool.start(move |pool| {
            pool.use_slot(0);
            pool.give_back(0);
            event.happen();
        })]
    });
}

#[test]
fn an_own_thread_without_its_slot_settles_while_the_holder_rests() {
    own_thread_settles(2, |pool, event| {
        let event = Arc::clone(event);
        vec![pool.start(move |pool| {
            let over = Event::new();
            over.happen();
            pool.rest_until(0, &over);
            // This is a standby thread, which has ended its job.
            pool.use_slot(0);
            if pool.end_job(0, IdleThread::Standby(&over.parker), Tenure::Held) {
                pool.stand_in(0, &over.parker, &mut |_| Tenure::Held);
            } else {
                pool.sleep.dismissed_came_home();
            }
            event.happen();
        })]
    });
}

/// A standby thread comes back to the slot of an idle thread, and rests there in a job until that thread has run its mail.
#[test]
fn mail_reaches_an_own_thread_at_whose_slot_another_rests() {
    check(2, || {
        let pool = SimulatedPool::new(1, 1);
        let (ran, over) = (Event::new(), Event::new());
        let own = {
            let ran = Arc::clone(&ran);
            pool.start_own(move |_| {
                ran.happen();
                Tenure::Held
            })
        };
        let ends_job = Arc::clone(&over);
        let standby = pool.start(move |pool| {
            pool.return_to(0, &ran.parker, Returner::InJob);
            pool.rest_until(0, &ran);
            pool.use_slot(0);
            ends_job.happen();
            if pool.end_job(0, IdleThread::Standby(&ran.parker), Tenure::Held) {
                pool.stand_in(0, &ran.parker, &mut |_| Tenure::Held);
            } else {
                pool.sleep.dismissed_came_home();
            }
        });
        pool.post();
        over.wait();
        pool.end();
        own.join().unwrap();
        standby.join().unwrap();
        pool.assert_nothing_is_left();
    });
}
