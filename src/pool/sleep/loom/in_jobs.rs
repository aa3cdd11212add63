//! Loom models of owners that wait in jobs, for their own things, while work of other regions is published.
//!
//! What was weakened to see the models fail:
//!
//! - publishers that wake none of them: all three, deadlocks.
//! - `register_restricted` without its fence: all three, deadlocks.
//! - `end_search` that looks at the count of sleepers alone: the second, a deadlock.
//! - an owner that is woken, finds something else, and passes nothing on: the third, a deadlock.

use super::house::{Found, House};
use crate::job::Region;
use crate::pool::sleep::{SearchPermit, Sitter};
use loom::model::Builder;

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|limit| limit.min(3)).or(Some(3));
    builder.check(model);
}

#[test]
fn a_job_published_while_the_only_owner_begins_to_wait_in_a_job_is_taken() {
    check(|| {
        let house = House::new(1, 0);
        let waiter = house.start(|house| house.wait_restricted(Sitter::InJob, 0, Region::fresh()));
        house.publish(7, Region::NONE);
        assert_eq!(waiter.join().unwrap(), Found::Job(7));
        house.assert_all_at_work();
    });
}

#[test]
fn what_a_searcher_leaves_behind_is_taken_by_an_owner_in_a_job() {
    check(|| {
        let house = House::new(2, 0);
        assert_eq!(house.sleep.begin_search(), SearchPermit::Granted);
        let waiter = house.start(|house| house.wait_restricted(Sitter::InJob, 0, Region::fresh()));
        // Its latch is open: it does not look into the queue.
        let searcher = house.start(|house| house.sleep.end_search(|| house.more_work()));
        house.publish(7, Region::NONE);
        assert_eq!(waiter.join().unwrap(), Found::Job(7));
        searcher.join().unwrap();
        house.assert_all_at_work();
    });
}

#[test]
fn an_owner_that_is_woken_and_finds_something_else_passes_the_wake_up_on() {
    check(|| {
        let house = House::new(2, 0);
        let waiters =
            [0, 1].map(|index| house.start(move |house| house.wait_restricted(Sitter::InJob, index, Region::fresh())));
        house.post();
        house.publish(1, Region::NONE);
        let [first, second] = waiters;
        if first.join().unwrap() == Found::Job(1) {
            house.publish(2, Region::NONE);
            assert_eq!(second.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(second.join().unwrap(), Found::Job(1));
        }
        house.assert_all_at_work();
    });
}
