//! Loom models of threads that wait in jobs while work of other regions is published.
//!
//! Weakened to see the models fail:
//!
//! - publishers that wake no such thread: the first two, deadlocks.
//! - `register_restricted` without its fence: the first, a deadlock.
//! - a thread that is woken, finds something else, and passes nothing on: the third, a deadlock.
//!
//! Not seen: `pass_on` without its fence. Weakened before slots and workers were separate, and not again: `end_search`
//! that looks at the count of sleepers alone, which the second saw.

use super::check;
use super::simulated_pool::{Found, SimulatedPool};
use crate::job::Region;
use crate::pool::sleep::{Restriction, SearchPermit};

#[test]
fn a_job_published_while_the_only_thread_begins_to_wait_in_a_job_is_taken() {
    check(3, || {
        let pool = SimulatedPool::new(1, 0);
        let waiter = pool.start(|pool| pool.wait_restricted(Restriction::InJob, 0, Region::fresh()));
        pool.publish(7, Region::NONE);
        assert_eq!(waiter.join().unwrap(), Found::Job(7));
        pool.assert_nothing_is_left();
    });
}

#[test]
fn what_a_searcher_leaves_behind_is_taken_by_a_thread_in_a_job() {
    check(3, || {
        let pool = SimulatedPool::new(2, 0);
        assert_eq!(pool.sleep.begin_search(), SearchPermit::Granted);
        let waiter = pool.start(|pool| pool.wait_restricted(Restriction::InJob, 0, Region::fresh()));
        // Its latch is open, so it does not look into the queue.
        let searcher = pool.start(|pool| pool.sleep.end_search(|| pool.more_work()));
        pool.publish(7, Region::NONE);
        assert_eq!(waiter.join().unwrap(), Found::Job(7));
        searcher.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn a_thread_in_a_job_that_is_woken_and_finds_something_else_passes_the_wake_up_on() {
    check(3, || {
        let pool = SimulatedPool::new(2, 0);
        let waiters = [0, 1]
            .map(|index| pool.start(move |pool| pool.wait_restricted(Restriction::InJob, index, Region::fresh())));
        pool.post();
        pool.publish(1, Region::NONE);
        let [first, second] = waiters;
        if first.join().unwrap() == Found::Job(1) {
            pool.publish(2, Region::NONE);
            assert_eq!(second.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(second.join().unwrap(), Found::Job(1));
        }
        pool.assert_nothing_is_left();
    });
}
