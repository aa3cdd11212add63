//! Loom models of leasing a slot and giving it back, with the stand-ins of `simulated_pool`.
//!
//! Weakened to see the models fail (`ci/mutants.txt` has each):
//!
//! - no fence in `Sleep::must_look`: the job for the only slot's thread is lost, a deadlock.
//! - the word that names the cached slot: `leave_cached` not acquiring, `take_cached` not releasing: the mail and the
//!   pool's end are missed, deadlocks. `leave_cached` not releasing, `lease_cached` or `take_cached` not acquiring: two
//!   unordered writes to one slot.
//! - `grant_cached` that grants a slot which is not cached any more: an assertion, in the model of the mail.
//! - no publisher wakes those that wait restricted for a job of an isolated region, or no fence in `register_restricted`: the
//!   model of the isolated call ends in a deadlock.
//!
//! Not seen: `lease_slot` that does not look at the mail, because the notice at the end of the lease does the same
//! later.

use super::check;
use super::simulated_pool::{Found, SimulatedPool};
use crate::job::{Isolation, Region};
use crate::pool::sleep::{IdleThread, Restriction, SearchPermit, WakeOutcome, Wants};
use std::sync::Arc;

/// An external caller comes and goes at the only slot while a job is published.
fn a_job_is_taken_by_the_only_thread(make: fn() -> Arc<SimulatedPool>) {
    check(3, move || {
        let pool = make();
        let own = pool.start_sleeper(0);
        let external = pool.start(|pool| pool.call());
        pool.publish(7, Region::NONE);
        assert_eq!(own.join().unwrap(), Found::Job(7));
        external.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn a_job_published_while_the_only_slot_is_leased_is_taken() {
    a_job_is_taken_by_the_only_thread(|| SimulatedPool::new(1, 1));
}

#[test]
fn a_job_published_while_a_cached_slot_is_leased_again_is_taken() {
    a_job_is_taken_by_the_only_thread(|| SimulatedPool::cached(1));
}

#[test]
fn a_job_published_while_one_slot_is_leased_and_another_thread_falls_asleep_is_taken() {
    check(2, || {
        let pool = SimulatedPool::new(2, 1);
        let sleeper = pool.start_sleeper(0);
        let other = pool.start(|pool| pool.idle(1, IdleThread::Own, SearchPermit::Refused).unwrap());
        pool.publish(1, Region::NONE);
        // The calling thread is the external caller.
        pool.call();
        pool.publish(2, Region::NONE);
        let found = [sleeper.join().unwrap(), other.join().unwrap()];
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        pool.assert_nothing_is_left();
    });
}

#[test]
fn one_slot_is_leased_to_one_caller_at_a_time() {
    check(3, || {
        let pool = SimulatedPool::new(1, 1);
        let own = pool.start_sleeper(0);
        let external = pool.start(|pool| pool.call());
        let came = pool.call();
        // Two callers at a time find one slot, but one that comes late enough finds it again.
        assert!(external.join().unwrap() || came);
        pool.end();
        assert_eq!(own.join().unwrap(), Found::End);
        pool.assert_nothing_is_left();
    });
}

#[test]
fn mail_that_comes_while_the_slot_is_leased_is_found_when_it_is_given_back() {
    check(3, || {
        let pool = SimulatedPool::new(1, 1);
        let own = pool.start_sleeper(0);
        let external = pool.start(|pool| pool.call());
        pool.post();
        assert_eq!(own.join().unwrap(), Found::Mail);
        external.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn mail_that_comes_while_a_cached_slot_is_leased_again_is_found_when_it_is_given_back() {
    check(3, || {
        let pool = SimulatedPool::cached(2);
        // With another slot asleep `give_back` executes no fence, which would hide a missing ordering of the word.
        let own = pool.start_sleeper(0);
        let external = pool.start(|pool| pool.call());
        pool.post();
        assert_eq!(own.join().unwrap(), Found::Mail);
        external.join().unwrap();
        assert_eq!(pool.sleep.wake_up_at(1, IdleThread::Own, Wants::Nothing), WakeOutcome::Up);
        pool.sleep.end_search(|| 0);
        pool.assert_nothing_is_left();
    });
}

#[test]
fn a_cached_slot_is_leased_to_one_caller_at_a_time_or_its_thread_wakes() {
    check(2, || {
        let pool = SimulatedPool::cached(1);
        let own = pool.start_sleeper(0);
        let external = pool.start(|pool| pool.call());
        pool.publish(1, Region::NONE);
        pool.call();
        assert_eq!(own.join().unwrap(), Found::Job(1));
        external.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn the_end_of_the_pool_is_seen_by_a_thread_whose_slot_was_leased() {
    check(3, || {
        let pool = SimulatedPool::new(1, 0);
        let own = pool.start(|pool| pool.idle(0, IdleThread::Own, SearchPermit::Refused).unwrap());
        let external = pool.start(|pool| pool.call());
        pool.end();
        assert_eq!(own.join().unwrap(), Found::End);
        external.join().unwrap();
        pool.assert_nothing_is_left();
    });
}

#[test]
fn a_worker_in_an_isolated_call_is_woken_though_a_searcher_and_a_sleeper_find_something_else() {
    check(3, || {
        let pool = SimulatedPool::new(3, 0);
        pool.sleep.register(2, IdleThread::Own, SearchPermit::Refused);
        assert_eq!(pool.sleep.begin_search(), SearchPermit::Granted);
        let isolation = Isolation::within(Region::NONE);
        let region = isolation.region();
        let isolated = pool.start(move |pool| pool.wait_restricted(Restriction::Bound, 0, region));
        // The searcher does not look into the queue, and the thread of slot 2 never starts.
        let searcher = pool.start(|pool| pool.sleep.end_search(|| pool.more_work()));
        pool.publish(5, region);
        assert_eq!(isolated.join().unwrap(), Found::Job(5));
        searcher.join().unwrap();
        assert_eq!(pool.sleep.wake_up_at(2, IdleThread::Own, Wants::Nothing), WakeOutcome::Up);
        pool.sleep.end_search(|| 0);
        pool.assert_nothing_is_left();
    });
}
