//! Unit tests of publishing: which forks become public, when, and in which order.

use super::current::Ownership;
use super::sentinel::Sentinel;
use crate::job::Region;
use crate::job::fork::ForkJob;
use crate::job::heap::HeapJob;
use crate::pool::handlers::Handlers;
use crate::pool::registry::{DequeOrder, Habits, Registry, Worker};
use crate::pool::sleep::GaveUp;
use crate::pool::sleep::{IdleThread, SearchPermit};
use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::publish::Retrieved;
use crate::pool::worker::suspend::AtBottom;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

type Fork = ForkJob<fn(bool) -> u32, u32>;

fn forks(number: usize) -> Vec<Fork> {
    (0..number).map(|_| ForkJob::new(u32::from as fn(bool) -> u32, ptr::null())).collect()
}

/// Calls `f` as worker 0 of a pool of `workers` workers; the others are counted as idle but never start.
pub(super) fn as_worker(workers: usize, f: impl FnOnce(&Worker)) {
    let registry = Registry::new(workers, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
    registry.own_for_test(0, |stay: Ownership| {
        Worker::with_current(|worker| {
            let worker = worker.expect("just made so");
            // A request is on from the start, for workers that have yet to start.
            worker.head.request.0.take();
            f(worker);
        });
        drop(stay);
    });
}

/// Pushes all the forks, the first as the oldest.
fn push_all(worker: &Worker, forks: &[Fork]) {
    for fork in forks {
        // SAFETY: the fork is alive.
        unsafe { &*fork.header() }.older.set(worker.newest_fork());
        // SAFETY: `finish_all` takes every fork back in the order of nesting, or retrieves it.
        unsafe { worker.push_fork(fork.header()) };
        if worker.is_requested() {
            worker.serve_request();
        }
    }
}

/// Comes back for all the forks, the youngest first. Returns which of them were still private, the oldest first.
fn finish_all(worker: &Worker, forks: &[Fork]) -> Vec<bool> {
    let mut private: Vec<bool> = forks
        .iter()
        .rev()
        .map(|fork| {
            let private = worker.take_back(fork);
            if !private {
                // SAFETY: `take_back` has just returned false.
                let retrieved = unsafe { worker.retrieve(fork) };
                assert!(matches!(retrieved, Retrieved::Untaken));
            }
            private
        })
        .collect();
    private.reverse();
    private
}

#[test]
fn while_nobody_asks_nothing_is_published() {
    as_worker(4, |worker| {
        let forks = forks(100);
        push_all(worker, &forks);
        assert!(worker.public_jobs() == 0);
        assert!(finish_all(worker, &forks).iter().all(|&private| private));
        assert!(worker.head.stack.is_empty());
    });
}

#[test]
fn a_request_publishes_the_oldest_one_for_each_who_is_idle() {
    as_worker(3, |worker| {
        let forks = forks(5);
        push_all(worker, &forks[..4]);
        worker.head.request.0.make();
        push_all(worker, &forks[4..]);
        assert_eq!(worker.public_jobs(), 2);
        assert!(!worker.is_requested());
        assert_eq!(finish_all(worker, &forks), [false, false, true, true, true]);
    });
}

#[test]
fn the_request_stays_on_until_all_that_was_asked_for_is_public() {
    as_worker(4, |worker| {
        let forks = forks(5);
        worker.head.request.0.make();
        push_all(worker, &forks[..1]);
        assert!(worker.is_requested());
        push_all(worker, &forks[1..]);
        assert!(!worker.is_requested());
        assert_eq!(finish_all(worker, &forks), [false, false, false, true, true]);
    });
}

#[test]
fn a_request_that_nobody_follows_up_costs_a_bounded_number_of_publications() {
    as_worker(4, |worker| {
        worker.head.request.0.make();
        let mut public = 0;
        for _ in 0..if cfg!(miri) { 20 } else { 1000 } {
            let forks = forks(1);
            push_all(worker, &forks);
            public += finish_all(worker, &forks).iter().filter(|&&private| !private).count();
        }
        assert_eq!(public, 3);
    });
}

#[test]
fn no_more_is_public_than_there_are_idle_workers() {
    as_worker(3, |worker| {
        let forks = forks(10);
        for fork in &forks {
            worker.head.request.0.make();
            push_all(worker, std::slice::from_ref(fork));
        }
        assert_eq!(worker.public_jobs(), 2);
        finish_all(worker, &forks);
    });
}

#[test]
fn one_walk_over_a_deep_stack_publishes_a_share_of_it() {
    as_worker(2, |worker| {
        let deep = if cfg!(miri) { 160 } else { 1600 };
        let forks = forks(deep + 1);
        push_all(worker, &forks[..deep]);
        worker.head.request.0.make();
        push_all(worker, &forks[deep..]);
        assert_eq!(worker.public_jobs(), (deep + 1) / 16);
        finish_all(worker, &forks);
    });
}

#[test]
fn a_worker_that_waits_hides_nothing() {
    as_worker(2, |worker| {
        let forks = forks(3);
        push_all(worker, &forks);
        assert!(worker.has_pending());
        worker.publish_all();
        assert_eq!(worker.public_jobs(), 3);
        assert_eq!(finish_all(worker, &forks), [false; 3]);
        assert!(!worker.has_pending());
    });
}

#[test]
fn a_fork_that_is_likely_worth_a_wake_up_is_not_left_to_the_sentinel() {
    let wakes = |likely| {
        let mut woken = None;
        as_worker(2, |worker| {
            let sleep = worker.registry().sleep();
            sleep.came();
            sleep.register(1, IdleThread::Own, SearchPermit::Refused);
            sleep.begin_sentinel();
            let forks = forks(1);
            push_all(worker, &forks);
            worker.offer(likely);
            assert_eq!(worker.public_jobs(), 1);
            woken = Some(sleep.parker(1).park_for(Duration::ZERO));
            finish_all(worker, &forks);
        });
        woken
    };
    assert_eq!([Worth::Inline, Worth::Shared, Worth::WakeUp].map(wakes), [Some(false), Some(false), Some(true)]);
}

#[test]
fn what_is_published_above_a_fork_for_a_held_up_owner_is_not_held_back() {
    as_worker(3, |worker| {
        let sleep = worker.registry().sleep();
        sleep.begin_sentinel();
        let forks = forks(2);
        push_all(worker, &forks[..1]);
        worker.offer_for_held_up();
        assert!(worker.shared().has_public_job() && worker.shared().hold_off.is_for_held_up());
        push_all(worker, &forks[1..]);
        worker.publish_all();
        assert_eq!(worker.public_jobs(), 2);
        assert!(worker.shared().has_ready_job());
        assert_eq!(finish_all(worker, &forks), [false; 2]);
    });
}

/// The external caller at the slot may be in a loop that relies on a steal request.
#[test]
fn a_sentinel_that_finds_its_slot_leased_passes_to_another_sleeper() {
    as_worker(2, |worker| {
        let sleep = worker.registry().sleep();
        sleep.came();
        sleep.register(1, IdleThread::Own, SearchPermit::Refused);
        sleep.register(0, IdleThread::Own, SearchPermit::Refused);
        sleep.free_slot(0);
        assert_eq!(sleep.lease(), Some(0));
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                let is_woken = sleep.parker(1).park_for(Duration::from_secs(60));
                assert_eq!(sleep.give_back(0), GaveUp::ToAnother);
                sleep.notify(0);
                is_woken
            });
            assert_eq!(worker.sleep_registered(Some(&mut Sentinel::new())), AtBottom::Holds);
            assert!(other.join().unwrap());
        });
    });
}

#[test]
fn a_request_served_with_nothing_wakes_nobody() {
    as_worker(2, |worker| {
        let sleep = worker.registry().sleep();
        sleep.came();
        sleep.register(1, IdleThread::Own, SearchPermit::Refused);
        worker.request().make();
        worker.serve_request();
        assert!(!sleep.has_searchers());
    });
}

/// A child that was forked off on a worker: it finds its own forks among the public jobs, but runs no other public job,
/// and publishes no more.
#[cfg(all(unix, not(miri)))]
#[test]
fn a_forked_child_comes_back_for_its_forks_alone() {
    use crate::sync::process::tests::holds_in_child;

    as_worker(5, |worker| {
        let forks = forks(5);
        push_all(worker, &forks[..1]);
        worker.head.request.0.make();
        push_all(worker, &forks[1..2]);
        assert!(worker.public_jobs() == 2 && worker.is_requested(), "two more are asked for");
        let spawned_ran = Arc::new(AtomicBool::new(false));
        let spawned = {
            let ran = Arc::clone(&spawned_ran);
            move || ran.store(true, Ordering::Relaxed)
        };
        // SAFETY: the closure borrows nothing, and the deque hands it out once.
        worker.push(unsafe { HeapJob::place(Region::NONE, None, spawned) });
        assert!(holds_in_child(|| {
            push_all(worker, &forks[2..]);
            worker.publish_all();
            let is_unheard = !worker.is_requested() && worker.public_jobs() == 3;
            let private = finish_all(worker, &forks);
            is_unheard && private == [false, false, true, true, true] && !spawned_ran.load(Ordering::Relaxed)
        }));
        finish_all(worker, &forks[..2]);
        assert!(spawned_ran.load(Ordering::Relaxed));
    });
}

#[cfg(all(unix, not(miri)))]
#[test]
fn a_forked_child_that_comes_back_from_one_worker_is_not_at_the_one_around() {
    use crate::sync::process::tests::fork;

    as_worker(2, |outer| {
        let mut side = None;
        as_worker(2, |_| side = Some(fork()));
        let is_nowhere = || Worker::with_current(|worker| worker.is_none());
        assert!(side.is_some_and(|side| side.holds(is_nowhere)));
        assert!(Worker::with_current(|worker| worker.is_some_and(|worker| std::ptr::eq(worker, outer))));
    });
}

#[test]
fn a_thread_that_has_come_is_idle_until_it_has_a_job_or_sleeps() {
    let registry = Registry::new(3, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
    registry.own_for_test(0, |stay: Ownership| {
        Worker::with_current(|worker| {
            let (worker, sleep) = (worker.expect("just made so"), registry.sleep());
            worker.set_coming();
            // Half of the pool searches, so this thread is not counted as searching.
            assert_eq!(sleep.begin_search(), SearchPermit::Granted);
            assert_eq!(sleep.begin_search(), SearchPermit::Refused);
            assert_eq!(sleep.idle(), 4);
            worker.arrived();
            worker.arrived();
            assert_eq!(sleep.idle(), 3);
        });
        drop(stay);
    });
}
