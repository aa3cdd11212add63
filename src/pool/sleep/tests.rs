//! Unit tests of the counts and of the choice of threads to wake, without threads. The loom models check the protocol.

mod unattended;

use super::GaveUp;
use super::slots::Occupancy;
use super::{
    GaveWay, IdleThread, LongWait, RestrictedSleeper, Restriction, ReturnState, Returner, SearchPermit, Sleep,
    WakeOutcome, WakeUp, Wants,
};
use crate::job::{Isolation, Region};
use crate::sync::parker::Parker;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A pool of `slots` slots; their own threads are registered as asleep.
fn all_asleep(slots: usize) -> Sleep {
    let sleep = Sleep::new(slots, 0);
    for index in 0..slots {
        sleep.register(index, IdleThread::Own, SearchPermit::Refused);
    }
    sleep
}

/// As [`all_asleep`], with every slot free.
fn all_free(slots: usize) -> Sleep {
    let sleep = all_asleep(slots);
    (0..slots).for_each(|index| sleep.free_slot(index));
    sleep
}

/// How many threads search, and how many slots sleep.
fn counts(sleep: &Sleep) -> (usize, usize) {
    let now = sleep.counters.load(Ordering::Relaxed);
    (now.searching(), now.sleeping())
}

fn cached(sleep: &Sleep) -> Option<usize> {
    sleep.counters.load(Ordering::Relaxed).cached()
}

fn occupancy(sleep: &Sleep, index: usize) -> Occupancy {
    sleep.sleepers.lock().slots[index].occupancy
}

/// The slot's own thread wakes up.
fn wake_up(sleep: &Sleep, index: usize) -> WakeOutcome {
    sleep.wake_up_at(index, IdleThread::Own, Wants::Nothing)
}

fn parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

/// True if a notice is pending at the parker.
fn is_notified(parker: &Parker) -> bool {
    parker.park_for(std::time::Duration::ZERO)
}

#[test]
fn threads_that_are_yet_to_start_are_idle_and_not_relied_on() {
    let sleep = Sleep::new(4, 3);
    assert_eq!((sleep.idle(), counts(&sleep)), (3, (0, 0)));
    sleep.came();
    assert_eq!(sleep.idle(), 2);
}

#[test]
fn at_most_half_of_the_pool_searches() {
    let sleep = Sleep::new(6, 0);
    let permits: Vec<_> = (0..6).map(|_| sleep.begin_search()).collect();
    assert_eq!(permits.iter().filter(|&&permit| permit == SearchPermit::Granted).count(), 3);
    assert_eq!(Sleep::new(1, 0).begin_search(), SearchPermit::Granted);
}

#[test]
fn a_publication_wakes_one_and_the_next_wakes_nobody_while_that_one_searches() {
    let sleep = all_asleep(4);
    sleep.work_published(Region::NONE);
    assert_eq!(counts(&sleep), (1, 3));
    sleep.work_published(Region::NONE);
    assert_eq!(counts(&sleep), (1, 3));
}

#[test]
fn the_last_searcher_wakes_as_many_as_there_is_work_for() {
    let sleep = all_asleep(4);
    sleep.work_published(Region::NONE);
    sleep.end_search(|| 2);
    assert_eq!(counts(&sleep), (2, 1));
    // Another thread still searches.
    sleep.end_search(|| unreachable!("another one searches"));
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 0);
    assert_eq!(counts(&sleep), (0, 1));
}

#[test]
fn the_last_to_fall_asleep_is_the_first_to_be_woken() {
    let sleep = all_asleep(3);
    sleep.work_published(Region::NONE);
    assert_eq!(sleep.sleepers.lock().list, [0, 1]);
    assert!(is_notified(sleep.parker(2)));
}

#[test]
fn waking_up_counts_once_whoever_takes_the_sleeper_off_the_list() {
    let sleep = all_asleep(2);
    assert_eq!(wake_up(&sleep, 0), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 1);
    // The call of `end_search` above took slot 1 off the list; its thread's own wake-up changes nothing.
    assert_eq!(counts(&sleep), (1, 0));
    assert_eq!(wake_up(&sleep, 1), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (1, 0));
}

#[test]
fn a_slot_is_leased_only_when_it_is_free_and_its_thread_was_not_woken() {
    let sleep = all_asleep(2);
    assert_eq!(sleep.lease(), None);
    sleep.free_slot(0);
    sleep.free_slot(1);
    sleep.work_published(Region::NONE);
    // The thread of slot 1 was woken.
    assert_eq!(sleep.lease(), Some(0));
    assert_eq!(sleep.lease(), None);
    assert_eq!((counts(&sleep), sleep.idle()), ((1, 0), 1));
}

#[test]
fn a_slot_given_back_is_asleep_and_free_again() {
    let sleep = all_free(2);
    let index = sleep.lease().unwrap();
    assert_eq!(wake_up(&sleep, index), WakeOutcome::Away);
    assert_eq!(counts(&sleep), (0, 1));
    // The other slot sleeps: publishers could rely on its thread.
    assert_eq!(sleep.give_back(index), GaveUp::ToAnother);
    assert_eq!(counts(&sleep), (0, 2));
    assert_eq!(sleep.lease(), Some(index));
    assert!(sleep.lease().is_some());
    assert_eq!(sleep.give_back(index), GaveUp::MustLook);
    assert_eq!(wake_up(&sleep, index), WakeOutcome::Up);
}

#[test]
fn one_of_the_slots_given_back_is_cached_which_is_leased_first_and_whose_thread_is_woken_last() {
    let sleep = all_free(3);
    let leased = [sleep.lease().unwrap(), sleep.lease().unwrap()];
    assert_eq!(cached(&sleep), None);
    assert_eq!(sleep.give_back(leased[1]), GaveUp::ToAnother);
    assert_eq!(sleep.give_back(leased[0]), GaveUp::ToAnother);
    assert_eq!((cached(&sleep), counts(&sleep), sleep.idle()), (Some(leased[1]), (0, 3), 3));
    assert_eq!(sleep.lease(), Some(leased[1]));
    assert_eq!((cached(&sleep), counts(&sleep)), (None, (0, 2)));
    assert_eq!(sleep.give_back(leased[1]), GaveUp::ToAnother);
    for still_asleep in [2, 1, 0] {
        assert_eq!(cached(&sleep), Some(leased[1]));
        sleep.wake_another();
        assert_eq!(counts(&sleep), (3 - still_asleep, still_asleep));
    }
    assert_eq!((cached(&sleep), sleep.lease()), (None, None));
    assert_eq!(wake_up(&sleep, leased[1]), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (3, 0));
}

#[test]
fn a_thread_whose_slot_is_cached_wakes_up_by_itself() {
    let sleep = all_free(2);
    let index = sleep.lease().unwrap();
    _ = sleep.give_back(index);
    assert_eq!(wake_up(&sleep, index), WakeOutcome::Up);
    assert_eq!((counts(&sleep), occupancy(&sleep, index)), ((1, 1), Occupancy::Held));
    assert_ne!(sleep.lease(), Some(index));
}

#[test]
fn an_external_caller_that_waits_leaves_its_slot_to_the_slots_own_thread_and_is_granted_it_again() {
    let sleep = all_free(1);
    let (index, caller) = (sleep.lease().unwrap(), parker());
    assert_eq!(
        sleep.release(index),
        GaveUp::MustLook,
        "nobody was idle: it must look for what was published meanwhile"
    );
    assert_eq!(counts(&sleep), (0, 1));
    sleep.work_published(Region::NONE);
    assert_eq!((wake_up(&sleep, index), counts(&sleep)), (WakeOutcome::Up, (1, 0)));
    sleep.end_search(|| 0);
    assert_eq!(sleep.return_to(index, &caller, Returner::External), ReturnState::Waiting);
    assert!(sleep.has_returning() && sleep.return_state(index, &caller) == ReturnState::Waiting);
    assert_eq!(sleep.give_way(index, IdleThread::Own), GaveWay::Away);
    assert!(is_notified(&caller));
    assert_eq!(sleep.return_state(index, &caller), ReturnState::Granted);
    assert!(!sleep.has_returning());
    assert_eq!(sleep.give_way(index, IdleThread::Own), GaveWay::ToNone);
    // The thread that gave way is away until the call has ended.
    assert_eq!(wake_up(&sleep, index), WakeOutcome::Away);
    assert_eq!(sleep.release(index), GaveUp::MustLook);
    assert_eq!((wake_up(&sleep, index), counts(&sleep)), (WakeOutcome::Up, (1, 0)));
}

#[test]
fn a_thread_that_returns_takes_a_free_or_cached_slot_at_once() {
    let sleep = all_free(2);
    let (index, caller) = (sleep.lease().unwrap(), parker());
    assert_eq!(sleep.release(index), GaveUp::ToAnother);
    assert_eq!(sleep.return_to(index, &caller, Returner::External), ReturnState::Granted);
    assert_eq!((counts(&sleep), sleep.has_returning()), ((0, 1), false));
    assert_eq!(sleep.release(index), GaveUp::ToAnother);
    // Another caller comes and goes.
    while sleep.lease() != Some(index) {}
    assert_eq!(sleep.give_back(index), GaveUp::ToAnother);
    assert_eq!((cached(&sleep), counts(&sleep)), (Some(index), (0, 2)));
    assert_eq!(sleep.return_to(index, &caller, Returner::External), ReturnState::Granted);
    assert_eq!((cached(&sleep), counts(&sleep), sleep.has_returning()), (None, (0, 1), false));
}

#[test]
fn a_thread_that_has_waited_too_long_is_no_longer_granted_its_slot() {
    let sleep = Sleep::new(1, 0);
    let late = parker();
    assert_eq!(sleep.return_to(0, &late, Returner::InJob), ReturnState::Waiting);
    let seen = sleep.progress(0);
    assert_eq!(sleep.has_waited(0, &late, seen), LongWait::Without);
    assert!(!sleep.has_returning());
    assert_eq!(sleep.give_way(0, IdleThread::Own), GaveWay::ToNone);
}

#[test]
fn a_thread_goes_on_waiting_while_the_slot_passes_from_one_thread_to_another() {
    let sleep = Sleep::new(1, 0);
    let waiting = [parker(), parker(), parker()];
    for parker in &waiting {
        assert_eq!(sleep.return_to(0, parker, Returner::InJob), ReturnState::Waiting);
    }
    let seen = sleep.progress(0);
    assert_eq!(sleep.has_waited(0, &waiting[1], seen), LongWait::Again(seen), "another comes first");
    assert_eq!(sleep.give_way(0, IdleThread::Own), GaveWay::Away);
    let LongWait::Again(now) = sleep.has_waited(0, &waiting[1], seen) else { panic!("there was progress") };
    assert_eq!(sleep.has_waited(0, &waiting[0], now), LongWait::Granted);
    assert_eq!(sleep.has_waited(0, &waiting[1], now), LongWait::Without);
    assert_eq!(sleep.progress(0).without, 1);
    assert!(matches!(sleep.has_waited(0, &waiting[2], now), LongWait::Again(_)), "one has just gone on");
    assert_eq!(sleep.try_to_return(0, &waiting[1], Returner::InJob), ReturnState::Waiting);
    sleep.rest(0);
    assert_eq!(sleep.return_state(0, &waiting[2]), ReturnState::Granted);
    // This thread rests in its turn, and the slot's own thread gets the slot, and rests too.
    sleep.rest(0);
    sleep.rest(0);
    assert_eq!(sleep.try_to_return(0, &waiting[1], Returner::InJob), ReturnState::Granted);
    assert_eq!(sleep.progress(0).without, 0);
}

#[test]
fn a_slot_that_is_given_back_goes_to_the_thread_that_waits_for_it_before_others() {
    let sleep = all_free(2);
    let (index, first) = (sleep.lease().unwrap(), parker());
    assert_eq!(sleep.release(index), GaveUp::ToAnother);
    // Another external caller has the slot now.
    while sleep.lease() != Some(index) {}
    assert_eq!(sleep.return_to(index, &first, Returner::External), ReturnState::Waiting);
    assert_eq!(sleep.give_back(index), GaveUp::ToAnother);
    assert_eq!((sleep.return_state(index, &first), cached(&sleep)), (ReturnState::Granted, None));
    assert_eq!((occupancy(&sleep, index), counts(&sleep)), (Occupancy::Held, (0, 1)));
}

#[test]
fn a_standby_thread_is_dismissed_when_the_thread_before_it_returns() {
    let sleep = Sleep::new(1, 0);
    let (standby, blocked) = (parker(), parker());
    let as_standby = IdleThread::Standby(&standby);
    sleep.register(0, as_standby, SearchPermit::Refused);
    sleep.free_slot(0);
    sleep.work_published(Region::NONE);
    assert!(is_notified(&standby) && !is_notified(sleep.parker(0)));
    // The standby thread was woken for work, so it keeps the slot.
    assert_eq!(sleep.return_to(0, &blocked, Returner::InJob), ReturnState::Waiting);
    assert_eq!(sleep.wake_up_at(0, as_standby, Wants::Nothing), WakeOutcome::Up);
    sleep.register(0, as_standby, SearchPermit::Granted);
    sleep.free_slot(0);
    assert!(is_notified(&blocked) && is_notified(&standby));
    assert_eq!(sleep.wake_up_at(0, as_standby, Wants::Nothing), WakeOutcome::Dismissed);
    assert_eq!((counts(&sleep), sleep.is_standby_on_its_way()), ((0, 0), true));
    sleep.dismissed_came_home();
    assert!(!sleep.is_standby_on_its_way());
}

#[test]
fn a_slots_own_thread_that_has_mail_is_granted_the_slot_when_it_is_given_up() {
    let sleep = all_free(1);
    let index = sleep.lease().unwrap();
    assert_eq!(sleep.wake_up_at(index, IdleThread::Own, Wants::Slot), WakeOutcome::Away);
    assert_eq!(sleep.wake_up_at(index, IdleThread::Own, Wants::Slot), WakeOutcome::Away);
    assert_eq!(sleep.release(index), GaveUp::ToAnother);
    assert!(is_notified(sleep.parker(index)));
    assert_eq!((wake_up(&sleep, index), counts(&sleep), sleep.has_returning()), (WakeOutcome::Up, (1, 0), false));
}

#[test]
fn a_thread_that_rests_keeps_its_slot_unless_another_returns() {
    let sleep = Sleep::new(1, 0);
    let other = parker();
    sleep.rest(0);
    assert!(sleep.stop_resting(0));
    sleep.rest(0);
    assert_eq!(sleep.return_to(0, &other, Returner::InJob), ReturnState::Granted);
    assert!(!sleep.stop_resting(0));
    assert_eq!(sleep.return_to(0, &other, Returner::InJob), ReturnState::Waiting);
    sleep.rest(0);
    assert!(is_notified(&other) && !sleep.stop_resting(0));
}

#[test]
fn an_own_thread_without_its_slot_takes_it_when_nobody_is_at_work_there() {
    let sleep = Sleep::new(1, 0);
    go_on_without(&sleep);
    assert!(!sleep.settle(0), "another one has it");
    // The own thread is first in the queue now.
    assert_eq!(sleep.give_way(0, IdleThread::Standby(&parker())), GaveWay::Dismissed);
    assert_eq!(wake_up(&sleep, 0), WakeOutcome::Up);
    sleep.end_search(|| 0);
    go_on_without(&sleep);
    sleep.rest(0);
    assert!(sleep.settle(0));
    assert_eq!(occupancy(&sleep, 0), Occupancy::Held);
}

/// A thread that wants slot 0 back, which is held, goes on without it.
fn go_on_without(sleep: &Sleep) {
    let late = parker();
    assert_eq!(sleep.return_to(0, &late, Returner::InJob), ReturnState::Waiting);
    let seen = sleep.progress(0);
    assert_eq!(sleep.has_waited(0, &late, seen), LongWait::Without);
}

#[test]
fn an_own_thread_without_its_slot_waits_until_a_standby_thread_has_taken_its_last_look_and_what_it_finds() {
    let (sleep, standby) = (Sleep::new(1, 0), parker());
    let as_standby = IdleThread::Standby(&standby);
    go_on_without(&sleep);
    sleep.register(0, as_standby, SearchPermit::Refused);
    assert!(!sleep.settle(0));
    sleep.work_published(Region::NONE);
    assert!(is_notified(&standby) && !is_notified(sleep.parker(0)));
    assert_eq!(wake_up(&sleep, 0), WakeOutcome::Away);
    assert_eq!(sleep.wake_up_at(0, as_standby, Wants::Nothing), WakeOutcome::Up);
    sleep.end_search(|| 0);
    assert_eq!(sleep.give_way(0, as_standby), GaveWay::Dismissed);
    assert_eq!((wake_up(&sleep, 0), sleep.has_returning()), (WakeOutcome::Up, false));
}

/// The thread of slot `index`, which slept, wakes up, and then waits and parks in a job of `region`.
fn waits_in_job(sleep: &Sleep, index: usize, region: Region) -> Arc<Parker> {
    assert_eq!(wake_up(sleep, index), WakeOutcome::Up);
    sleep.end_search(|| 0);
    wait(sleep, Restriction::InJob, region)
}

fn wait(sleep: &Sleep, kind: Restriction, region: Region) -> Arc<Parker> {
    let parker = parker();
    sleep.restricted_waits(kind);
    sleep.register_restricted(RestrictedSleeper { parker: Arc::clone(&parker), kind, region });
    parker
}

#[test]
fn a_thread_that_waits_in_a_job_is_woken_for_spawns_of_all_regions_and_forks_of_its_own() {
    let sleep = all_asleep(2);
    let (region, other) = (Region::fresh(), Region::fresh());
    let waiting = [waits_in_job(&sleep, 0, region), waits_in_job(&sleep, 1, other)];
    let woken = || waiting.each_ref().map(|parker| is_notified(parker));
    sleep.forks_published(Region::fresh());
    assert_eq!(woken(), [false, false]);
    sleep.work_published(other);
    assert_eq!(woken(), [false, true], "the one of the region is to be preferred");
    sleep.work_published(other);
    assert_eq!(woken(), [true, false]);
    assert_eq!(waiting.each_ref().map(|parker| sleep.restricted_wakes_up(parker)), [WakeUp::ByPublisher; 2]);
}

#[test]
fn a_searcher_that_leaves_wakes_a_thread_that_waits_in_a_job() {
    let sleep = all_asleep(2);
    let waiting = waits_in_job(&sleep, 0, Region::fresh());
    assert_eq!(wake_up(&sleep, 1), WakeOutcome::Up);
    sleep.work_published(Region::fresh());
    assert!(!is_notified(&waiting), "the searcher was there to take it");
    sleep.end_search(|| 1);
    assert!(is_notified(&waiting));
    assert_eq!(sleep.restricted_wakes_up(&waiting), WakeUp::ByPublisher);
}

#[test]
fn a_restricted_thread_that_wakes_up_for_something_else_was_not_woken_by_a_publisher() {
    let sleep = all_asleep(1);
    let waiting = waits_in_job(&sleep, 0, Region::fresh());
    assert_eq!(sleep.restricted_wakes_up(&waiting), WakeUp::OfItsOwn);
    sleep.work_published(Region::fresh());
    assert_eq!(sleep.idle(), 1, "it still waits");
    sleep.restricted_goes_on(Restriction::InJob);
    let now = sleep.counters.load(Ordering::Relaxed);
    assert_eq!((sleep.idle(), now.in_jobs()), (0, 0));
}

#[test]
fn forks_wake_nobody_while_there_is_a_sentinel_and_other_jobs_do() {
    let sleep = all_asleep(2);
    assert!(sleep.begin_sentinel());
    assert!(!sleep.begin_sentinel());
    assert!(!sleep.take_activity());
    sleep.forks_published(Region::NONE);
    assert_eq!(counts(&sleep), (0, 2));
    assert!(sleep.take_activity());
    assert!(!sleep.take_activity());
    sleep.work_published(Region::NONE);
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 0);
    sleep.end_sentinel();
    sleep.forks_published(Region::NONE);
    assert_eq!(counts(&sleep), (1, 0));
}

#[test]
fn a_searcher_or_the_sentinel_is_going_to_ask() {
    let sleep = all_asleep(4);
    assert!(!sleep.expects_requests(), "all sleep");
    assert!(sleep.begin_sentinel());
    assert!(sleep.expects_requests() && !sleep.has_searchers());
    sleep.end_sentinel();
    sleep.work_published(Region::NONE);
    assert!(sleep.expects_requests() && sleep.has_searchers());
    assert!(Sleep::new(4, 0).expects_requests(), "nobody is idle");
}

#[test]
fn all_restricted_threads_are_woken_for_a_job_of_an_isolated_region_whoever_else_could_be() {
    let sleep = all_asleep(4);
    let isolations = [Isolation::within(Region::NONE), Isolation::within(Region::NONE)];
    let [region, other] = isolations.each_ref().map(Isolation::region);
    let waiting = [(0, region), (1, other), (2, region)].map(|(index, region)| {
        assert_eq!(wake_up(&sleep, index), WakeOutcome::Up);
        sleep.end_search(|| 0);
        wait(&sleep, Restriction::Bound, region)
    });
    let woken = || waiting.each_ref().map(|parker| is_notified(parker));
    sleep.work_published(Region::fresh());
    assert_eq!((counts(&sleep), woken()), ((1, 0), [false; 3]));
    sleep.work_published(region);
    assert_eq!((counts(&sleep), woken()), ((1, 0), [true; 3]));
}
