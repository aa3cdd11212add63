//! The counting and the choosing, without threads; the protocol is in the loom models.

use super::{Rising, Sleep, Standing};
use crate::job::Region;

/// A pool of `workers` sleepers.
fn all_asleep(workers: usize) -> Sleep {
    let sleep = Sleep::new(workers, 0);
    for index in 0..workers {
        sleep.register(index, Standing::Spare);
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
    assert_eq!(standings.iter().filter(|&&s| s == Standing::Searching).count(), 3);
    assert_eq!(Sleep::new(1, 0).begin_search(), Standing::Searching);
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
    assert_eq!(sleep.get_up(0), Rising::Up);
    assert_eq!(counts(&sleep), (1, 1));
    sleep.end_search(|| 1);
    // Worker 1 was taken out by the wake-up above; its own getting up changes nothing.
    assert_eq!(counts(&sleep), (1, 0));
    assert_eq!(sleep.get_up(1), Rising::Up);
    assert_eq!(counts(&sleep), (1, 0));
}
