//! Loom models of lending a slot, giving it back, and visiting it, with the stand-ins of `house`.
//!
//! What was weakened to see the models fail:
//!
//! - no fence in `give_back`, or no look after it: the job for the only worker is lost, a deadlock.
//! - the look at the mailbox, or at the pool's end, left out when a slot is given back, or made before: a deadlock in the
//!   model that is named after it.
//! - an external caller that gets up without waiting for the visitor: two writes to one worker. A visitor that does not tell it:
//!   a deadlock. No look at the mailbox after the slot was left: a deadlock.
//! - a worker that takes a lent slot for its own, an external caller that uses the worker after giving it back, a resident that
//!   does so after offering it: two writes to one worker.
//! - no fence in `register_restricted`, no last look after it, external_callers that are not counted as waiting, or that `wake_one`
//!   does not wake: the external caller that lies down is never woken, a deadlock.
//! - a visitor that is told, when it is woken from a sleep of its own, that another has its slot, as the source once
//!   stood: the model of the visitor fails its assertion.
//! - the word that names the cached slot: `leave_cached` not acquiring, `wake_cached` looking by a mere load or not releasing:
//!   the mail and the pool's end are missed, deadlocks. `leave_cached` not releasing, `lease_cached` or `wake_cached` not
//!   acquiring: two writes to one worker. A waker that leaves the cached slot alone, or does not say in `slots` that it took
//!   it: the published job is lost, a deadlock. `wake_up_at` not saying so: a worker that is told it has no slot, an assertion.
//!
//! Not seen: the counts changed outside the lock by `lease_free` and `give_back_free`; whether an external caller could borrow a
//! slot between `register` and `free_slot`.

use super::house::{Found, House};
use crate::job::{Isolation, Region};
use crate::pool::sleep::{SearchPermit, Sitter, WakeOutcome};
use std::sync::Arc;

/// Checks a model with at most `preemptions` interruptions, or fewer if the run is limited to fewer.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.map_or(preemptions, |limit| limit.min(preemptions)));
    builder.check(model);
}

/// An external caller comes and goes at the only worker's place while a job is published.
fn a_job_is_taken_by_the_only_worker(house: fn() -> Arc<House>) {
    check(3, move || {
        let house = house();
        let resident = house.start_sleeper(0);
        let external = house.start(|house| house.call_in());
        house.publish(7, Region::NONE);
        assert_eq!(resident.join().unwrap(), Found::Job(7));
        external.join().unwrap();
        house.assert_all_at_work();
    });
}

#[test]
fn a_job_published_while_the_only_seat_is_lent_is_taken() {
    a_job_is_taken_by_the_only_worker(|| House::new(1, 1));
}

#[test]
fn a_job_published_while_a_warm_seat_is_lent_again_is_taken() {
    a_job_is_taken_by_the_only_worker(|| House::cached(1));
}

#[test]
fn a_job_published_while_one_seat_is_lent_and_another_worker_lies_down_is_taken() {
    check(2, || {
        let house = House::new(2, 1);
        let sleeper = house.start_sleeper(0);
        let other = house.start(|house| house.idle(1, SearchPermit::Refused));
        house.publish(1, Region::NONE);
        // The calling thread is the external caller.
        house.call_in();
        house.publish(2, Region::NONE);
        let found = [sleeper.join().unwrap(), other.join().unwrap()];
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        house.assert_all_at_work();
    });
}

#[test]
fn one_seat_is_lent_to_one_guest_at_a_time() {
    check(3, || {
        let house = House::new(1, 1);
        let resident = house.start_sleeper(0);
        let external = house.start(|house| house.call_in());
        let came = house.call_in();
        // Two at a time find one slot, but whoever is late enough finds it again.
        assert!(external.join().unwrap() || came);
        house.end();
        assert_eq!(resident.join().unwrap(), Found::End);
        house.assert_all_at_work();
    });
}

#[test]
fn mail_that_comes_while_the_seat_is_lent_is_found_when_it_is_given_back() {
    check(3, || {
        let house = House::new(1, 1);
        let resident = house.start_sleeper(0);
        let external = house.start(|house| house.call_in());
        house.post();
        assert_eq!(resident.join().unwrap(), Found::Mail);
        external.join().unwrap();
        house.assert_all_at_work();
    });
}

#[test]
fn mail_that_comes_while_a_warm_seat_is_lent_again_is_found_when_it_is_given_back() {
    check(3, || {
        let house = House::cached(2);
        // With another one asleep there is no fence in the giving back that would hide what the word is to order.
        let resident = house.start_sleeper(0);
        let external = house.start(|house| house.call_in());
        house.post();
        assert_eq!(resident.join().unwrap(), Found::Mail);
        external.join().unwrap();
        assert_eq!(house.sleep.wake_up_at(1), WakeOutcome::Up);
        house.sleep.end_search(|| 0);
        house.assert_all_at_work();
    });
}

#[test]
fn a_warm_seat_is_lent_to_one_guest_at_a_time_or_its_worker_wakes() {
    check(2, || {
        let house = House::cached(1);
        let resident = house.start_sleeper(0);
        let external = house.start(|house| house.call_in());
        house.publish(1, Region::NONE);
        house.call_in();
        assert_eq!(resident.join().unwrap(), Found::Job(1));
        external.join().unwrap();
        house.assert_all_at_work();
    });
}

#[test]
fn the_end_of_the_pool_is_seen_by_a_worker_whose_seat_was_lent() {
    check(3, || {
        let house = House::new(1, 0);
        let resident = house.start(|house| house.idle(0, SearchPermit::Refused));
        let external = house.start(|house| house.call_in());
        house.end();
        assert_eq!(resident.join().unwrap(), Found::End);
        external.join().unwrap();
        house.assert_all_at_work();
    });
}

#[test]
fn mail_for_a_worker_whose_guest_waits_for_it_is_run_by_a_visit() {
    check(3, || {
        let house = House::new(1, 1);
        let index = house.sleep.lease().unwrap();
        let resident = house.start_sleeper(index);
        let external = house.start(move |house| {
            let found = house.wait_as_guest(Region::NONE);
            house.see_off(index);
            found
        });
        house.post();
        assert_eq!(external.join().unwrap(), Found::Mail);
        house.end();
        assert_eq!(resident.join().unwrap(), Found::End);
        house.assert_all_at_work();
    });
}

#[test]
fn a_guest_that_lies_down_is_woken_for_work_of_its_region() {
    check(3, || {
        let house = House::new(1, 1);
        let index = house.sleep.lease().unwrap();
        let region = Region::fresh();
        let external = house.start(move |house| {
            let found = house.wait_as_guest(region);
            house.sleep.give_back(index);
            found
        });
        house.publish(3, region);
        assert_eq!(external.join().unwrap(), Found::Job(3));
        assert_eq!(house.sleep.wake_up_at(index), WakeOutcome::Up);
        house.sleep.end_search(|| 0);
        house.assert_all_at_work();
    });
}

#[test]
fn a_worker_in_an_isolated_call_is_woken_though_a_searcher_and_a_sleeper_find_something_else() {
    check(3, || {
        let house = House::new(3, 0);
        house.sleep.register(2, SearchPermit::Refused);
        assert_eq!(house.sleep.begin_search(), SearchPermit::Granted);
        let isolation = Isolation::within(Region::NONE);
        let region = isolation.region();
        let isolated = house.start(move |house| house.wait_restricted(Sitter::Isolated, 0, region));
        // It does not look into the queue, as the sleeper will not who never starts.
        let searcher = house.start(|house| house.sleep.end_search(|| house.more_work()));
        house.publish(5, region);
        assert_eq!(isolated.join().unwrap(), Found::Job(5));
        searcher.join().unwrap();
        assert_eq!(house.sleep.wake_up_at(2), WakeOutcome::Up);
        house.sleep.end_search(|| 0);
        house.assert_all_at_work();
    });
}

#[test]
fn a_visitor_that_waits_in_its_turn_is_woken() {
    check(3, || {
        let house = House::new(1, 1);
        let index = house.sleep.lease().unwrap();
        house.sleep.leave_slot(index);
        assert_eq!(house.sleep.wake_up_at(index), WakeOutcome::Visit);
        let visitor = house.start(move |house| {
            // What was posted forks, and waits for the thief of it.
            house.sleep.register(index, SearchPermit::Refused);
            let mut found = house.take_job();
            if found.is_none() {
                house.sleep.parker(index).park();
            }
            assert_eq!(house.sleep.wake_up_at(index), WakeOutcome::Up);
            while found.or_else(|| house.take_job()).is_none() {
                house.sleep.register(index, SearchPermit::Granted);
                found = house.take_job();
                if found.is_none() {
                    house.sleep.parker(index).park();
                }
                assert_eq!(house.sleep.wake_up_at(index), WakeOutcome::Up);
            }
            house.sleep.end_search(|| 0);
            house.use_worker(index);
            house.sleep.end_visit(index);
        });
        let external = house.start(move |house| {
            house.sleep.caller_wakes_up(index);
            house.use_worker(index);
        });
        house.publish(4, Region::NONE);
        visitor.join().unwrap();
        external.join().unwrap();
        house.assert_all_at_work();
    });
}
