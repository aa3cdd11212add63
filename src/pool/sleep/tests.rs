//! The counting and the choosing, without threads; the protocol is in the loom models.

use super::{RestrictedSleeper, SearchPermit, Sitter, Sleep, WakeOutcome, WakeUp};
use crate::job::{Isolation, Region};

/// A pool of `workers` sleepers.
fn all_asleep(workers: usize) -> Sleep {
    let sleep = Sleep::new(workers, 0);
    for index in 0..workers {
        sleep.register(index, SearchPermit::Standby);
    }
    sleep
}

fn counts(sleep: &Sleep) -> (usize, usize) {
    let now = sleep.counters.load(std::sync::atomic::Ordering::Relaxed);
    (now.searching(), now.sleeping())
}

#[test]
fn workers_that_are_yet_to_start_are_idle() {
    let sleep = Sleep::new(4, 3);
    assert_eq!(sleep.idle(), 3);
    sleep.never_came(2);
    assert_eq!(sleep.idle(), 1);
}

#[test]
fn at_most_half_of_the_pool_searches() {
    let sleep = Sleep::new(6, 0);
    let standings: Vec<_> = (0..6).map(|_| sleep.begin_search()).collect();
    assert_eq!(standings.iter().filter(|&&s| s == SearchPermit::Searching).count(), 3);
    assert_eq!(Sleep::new(1, 0).begin_search(), SearchPermit::Searching);
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
    // Not the last: the other one still searches.
    sleep.end_search(|| unreachable!("somebody else searches"));
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 0);
    assert_eq!(counts(&sleep), (0, 1));
}

#[test]
fn the_last_to_lie_down_is_the_first_to_be_woken() {
    let sleep = all_asleep(3);
    sleep.work_published(Region::NONE);
    assert_eq!(sleep.sleepers.lock().list, [0, 1]);
}

#[test]
fn getting_up_counts_once_whoever_takes_the_sleeper_out() {
    let sleep = all_asleep(2);
    assert_eq!(sleep.wake_up_at(0), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 1);
    // Worker 1 was taken out by the wake-up above; its own getting up changes nothing.
    assert_eq!(counts(&sleep), (1, 0));
    assert_eq!(sleep.wake_up_at(1), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (1, 0));
}

/// As [`all_asleep`], with every slot on offer.
fn all_on_offer(workers: usize) -> Sleep {
    let sleep = all_asleep(workers);
    (0..workers).for_each(|index| sleep.free_slot(index));
    sleep
}

#[test]
fn a_seat_is_lent_only_when_it_is_offered_and_its_worker_was_not_woken() {
    let sleep = all_asleep(2);
    assert_eq!(sleep.lease(), None);
    sleep.free_slot(0);
    sleep.free_slot(1);
    sleep.work_published(Region::NONE);
    // Worker 1 was woken.
    assert_eq!(sleep.lease(), Some(0));
    assert_eq!(sleep.lease(), None);
    assert_eq!((counts(&sleep), sleep.idle()), ((1, 0), 1));
}

#[test]
fn a_seat_given_back_is_asleep_and_on_offer_again() {
    let sleep = all_on_offer(2);
    let index = sleep.lease().unwrap();
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Away);
    assert_eq!(counts(&sleep), (0, 1));
    // The other one sleeps: publishers could rely on that.
    assert!(!sleep.give_back(index));
    assert_eq!(counts(&sleep), (0, 2));
    assert_eq!(sleep.lease(), Some(index));
    assert!(sleep.lease().is_some());
    assert!(sleep.give_back(index));
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
}

#[test]
fn one_of_the_seats_given_back_is_warm_which_is_lent_first_and_whose_worker_is_woken_last() {
    let sleep = all_on_offer(3);
    let external_callers = [sleep.lease().unwrap(), sleep.lease().unwrap()];
    let cached = |sleep: &Sleep| sleep.counters.load(std::sync::atomic::Ordering::Relaxed).cached();
    assert_eq!(cached(&sleep), None);
    assert!(!sleep.give_back(external_callers[1]));
    assert!(!sleep.give_back(external_callers[0]));
    assert_eq!((cached(&sleep), counts(&sleep), sleep.idle()), (Some(external_callers[1]), (0, 3), 3));
    assert_eq!(sleep.lease(), Some(external_callers[1]));
    assert_eq!((cached(&sleep), counts(&sleep)), (None, (0, 2)));
    sleep.give_back(external_callers[1]);
    for still_asleep in [2, 1, 0] {
        assert_eq!(cached(&sleep), Some(external_callers[1]));
        sleep.wake_another();
        assert_eq!(counts(&sleep), (3 - still_asleep, still_asleep));
    }
    assert_eq!(cached(&sleep), None);
    assert_eq!(sleep.lease(), None);
    assert_eq!(sleep.wake_up_at(external_callers[1]), WakeOutcome::Up);
    assert_eq!(counts(&sleep), (3, 0));
}

#[test]
fn a_worker_whose_seat_is_warm_gets_up_by_itself() {
    let sleep = all_on_offer(2);
    let index = sleep.lease().unwrap();
    sleep.give_back(index);
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
    assert_eq!((counts(&sleep), sleep.is_kept(index)), ((1, 1), true));
    assert_ne!(sleep.lease(), Some(index));
}

#[test]
fn a_seat_is_visited_while_its_guest_sleeps_and_the_visitor_may_sleep_in_its_turn() {
    let sleep = all_on_offer(1);
    let index = sleep.lease().unwrap();
    sleep.restricted_waits(Sitter::Guest);
    sleep.register_restricted(RestrictedSleeper { index, sitter: Sitter::Guest, region: Region::NONE });
    sleep.leave_slot(index);
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Visit);
    sleep.register(index, SearchPermit::Standby);
    assert_eq!(sleep.lease(), None);
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
    sleep.end_search(|| 0);
    sleep.end_visit(index);
    sleep.caller_wakes_up(index);
    sleep.restricted_goes_on(Sitter::Guest);
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Away);
    assert_eq!(sleep.idle(), 0);
}

#[test]
fn a_guest_is_woken_for_its_own_region_and_only_when_no_worker_can_be() {
    let sleep = all_on_offer(2);
    let (region, other) = (Region::fresh(), Region::fresh());
    let index = sleep.lease().unwrap();
    sleep.restricted_waits(Sitter::Guest);
    sleep.register_restricted(RestrictedSleeper { index, sitter: Sitter::Guest, region });
    sleep.work_published(region);
    assert_eq!((counts(&sleep), sleep.sleepers.lock().restricted.len()), ((1, 0), 1));
    sleep.end_search(|| 0);
    sleep.work_published(other);
    assert_eq!(sleep.sleepers.lock().restricted.len(), 1);
    sleep.work_published(region);
    assert_eq!(sleep.sleepers.lock().restricted.len(), 0);
}

/// The worker `index`, which slept, waits in a job of `region` by now.
fn waits_in_job(sleep: &Sleep, index: usize, region: Region) {
    assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
    sleep.end_search(|| 0);
    sleep.restricted_waits(Sitter::InJob);
    sleep.register_restricted(RestrictedSleeper { index, sitter: Sitter::InJob, region });
}

#[test]
fn an_owner_that_waits_in_a_job_is_woken_for_spawns_of_all_regions_and_forks_of_its_own() {
    let sleep = all_asleep(2);
    let (region, other) = (Region::fresh(), Region::fresh());
    waits_in_job(&sleep, 0, region);
    waits_in_job(&sleep, 1, other);
    let waiting = || sleep.sleepers.lock().restricted.iter().map(|sleeper| sleeper.index).collect::<Vec<_>>();
    sleep.forks_published(Region::fresh());
    assert_eq!(waiting(), [0, 1]);
    sleep.work_published(other);
    assert_eq!(waiting(), [0], "the one of the region is to be preferred");
    sleep.work_published(other);
    assert_eq!(waiting(), []);
    assert_eq!([0, 1].map(|index| sleep.owner_wakes_up(index)), [WakeUp::ByPublisher; 2]);
}

#[test]
fn a_searcher_that_leaves_wakes_an_owner_that_waits_in_a_job() {
    let sleep = all_asleep(2);
    waits_in_job(&sleep, 0, Region::fresh());
    assert_eq!(sleep.wake_up_at(1), WakeOutcome::Up);
    sleep.work_published(Region::fresh());
    assert_eq!(sleep.sleepers.lock().restricted.len(), 1, "the searcher was there to take it");
    sleep.end_search(|| 1);
    assert_eq!(sleep.sleepers.lock().restricted.len(), 0);
    assert_eq!(sleep.owner_wakes_up(0), WakeUp::ByPublisher);
}

#[test]
fn an_owner_that_gets_up_for_something_else_was_not_woken() {
    let sleep = all_asleep(1);
    waits_in_job(&sleep, 0, Region::fresh());
    assert_eq!(sleep.owner_wakes_up(0), WakeUp::OfItsOwn);
    sleep.work_published(Region::fresh());
    assert_eq!(sleep.idle(), 1, "it still waits");
    sleep.restricted_goes_on(Sitter::InJob);
    let now = sleep.counters.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!((sleep.idle(), now.in_jobs()), (0, 0));
}

#[test]
fn forks_wake_nobody_while_somebody_is_on_watch_and_other_jobs_do() {
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
fn whoever_searches_or_keeps_watch_is_going_to_ask() {
    let sleep = all_asleep(4);
    assert!(!sleep.is_anybody_going_to_ask(), "all sleep");
    assert!(sleep.begin_sentinel());
    assert!(sleep.is_anybody_going_to_ask() && !sleep.is_anybody_searching());
    sleep.end_sentinel();
    sleep.work_published(Region::NONE);
    assert!(sleep.is_anybody_going_to_ask() && sleep.is_anybody_searching());
    assert!(Sleep::new(4, 0).is_anybody_going_to_ask(), "nobody is idle");
}

#[test]
fn all_who_wait_restricted_are_woken_for_a_job_of_an_isolated_region_whoever_else_could_be() {
    let sleep = all_asleep(4);
    let isolations = [Isolation::within(Region::NONE), Isolation::within(Region::NONE)];
    let [region, other] = isolations.each_ref().map(Isolation::region);
    for (index, region) in [(0, region), (1, other), (2, region)] {
        assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
        sleep.end_search(|| 0);
        sleep.restricted_waits(Sitter::Isolated);
        sleep.register_restricted(RestrictedSleeper { index, sitter: Sitter::Isolated, region });
    }
    sleep.work_published(Region::fresh());
    assert_eq!((counts(&sleep), sleep.sleepers.lock().restricted.len()), ((1, 0), 3));
    sleep.work_published(region);
    assert_eq!((counts(&sleep), sleep.sleepers.lock().restricted.len()), ((1, 0), 0));
}
