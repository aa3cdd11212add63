//! Loom models of a standby thread at the slot of a thread that blocks in a job, with the stand-ins of `simulated_pool`.
//!
//! Weakened to see the models fail: see the models of `worker::loom::suspension`, which go through the same steps with
//! the real threads, and fail first.

use super::check;
use super::simulated_pool::{Event, SimulatedPool, Tenure};
use crate::job::Region;
use crate::pool::sleep::{IdleThread, Returner};
use loom::thread::JoinHandle;
use std::sync::Arc;

/// A pool of one slot. Its own thread blocks in a job until the standby thread has run a published job. Then it comes
/// back, ends its job, and works until the pool ends.
fn with_standby(preemptions: usize, others: fn(&Arc<SimulatedPool>) -> Vec<JoinHandle<()>>) {
    check(preemptions, move || {
        let pool = SimulatedPool::new(1, 0);
        let event = Event::at(pool.sleep.parker(0));
        let standby = {
            let (parker, event) = (Arc::clone(&Event::new().parker), Arc::clone(&event));
            pool.start(move |pool| {
                pool.stand_in(0, &parker, &mut |_| {
                    event.happen();
                    Tenure::Held
                });
            })
        };
        let others = others(&pool);
        event.wait();
        pool.return_to(0, &event.parker, Returner::InJob);
        assert!(pool.end_job(0, IdleThread::Own, Tenure::Held));
        for other in others {
            other.join().unwrap();
        }
        pool.end();
        if let Some(found) = pool.next(0, IdleThread::Own) {
            pool.work(0, IdleThread::Own, Some(found), &mut |_| Tenure::Held);
        }
        standby.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn a_standby_thread_runs_what_is_published_and_goes_home_when_the_blocked_thread_returns() {
    with_standby(3, |pool| vec![pool.start(|pool| pool.publish(1, Region::NONE))]);
}

#[test]
fn of_two_publications_both_are_run_whoever_has_the_slot() {
    with_standby(2, |pool| {
        pool.publish(1, Region::NONE);
        vec![pool.start(|pool| pool.publish(2, Region::NONE))]
    });
}

#[test]
fn a_caller_leases_the_slot_of_a_standby_thread_that_sleeps() {
    with_standby(2, |pool| {
        let caller = pool.start(|pool| _ = pool.call());
        pool.publish(1, Region::NONE);
        vec![caller]
    });
}
