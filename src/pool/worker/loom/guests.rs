//! Loom models of external_callers on real registries: what they wait for, and what they come upon and must not run. Their slots
//! are those of workers that have lain down before the model begins, some without a thread.
//!
//! What was weakened to see the models fail:
//!
//! - forks whose latch notifies the worker's parker instead of the external caller's: the external caller is not woken, a deadlock.
//! - `defer` without a publication, or an external caller that parks without a last look: the external_callers whose fork was put aside
//!   are not woken, a deadlock (as an abort: it comes up in a wait).
//! - the owner of a fork not notified when it is put aside, or an owner deep in its stack that does not look at the
//!   deferred, as the source once stood: the models of the deep owners end in a deadlock.
//! - a caller that is the pool's only worker and offers its slot, as the source once stood: its model fails its
//!   assertion.
//! - a guest that gives its seat back and wakes nobody: the job that is handed in meanwhile is never run, a deadlock.
//!
//! What an external caller looks at when it gives its slot back, and the visits, were weakened in the models of `sleep` only.

use super::{Tally, check, join, push, start, take_seat};
use crate::job::Region;
use crate::job::fork::ForkJob;
use crate::job::latch::{Latch, OnceLatch, Wait};
use crate::job::stack::StackJob;
use crate::pool::handlers::Handlers;
use crate::pool::registry::{Habits, Registry};
use crate::pool::sleep::SearchPermit;
use crate::pool::waiter::Waiter;
use crate::pool::worker::publish::Retrieved;
use crate::pool::worker::sentinel::Sentinel;
use crate::pool::worker::stack_depth::Threshold;
use crate::pool::worker::{Order, Worker};
use crate::sync::parker::Parker;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

const HABITS: Habits = Habits { lease_slots: true, keep_sentinel: false };

/// A pool whose worker 0 has lain down at the bottom of its main loop.
fn pool(workers: usize, habits: Habits) -> Arc<Registry> {
    let registry = Registry::new(workers, 0, Order::YoungestFirst, Handlers::default(), habits);
    let worker = take_seat(&registry, 0);
    assert!(worker.shared().terminate().fall_asleep());
    registry.sleep().register(0, SearchPermit::Granted);
    registry.sleep().free_slot(0);
    registry
}

/// The thread of worker 0, from where it has lain down.
fn start_sleeper(registry: &Arc<Registry>) -> JoinHandle<()> {
    let registry = Arc::clone(registry);
    thread::spawn(move || {
        let worker = registry.worker_for_model(0);
        worker.sleep_registered(None);
        worker.shared().terminate().wake_up();
        worker.wait_from_birth(worker.shared().terminate());
        assert!(!worker.has_pending());
    })
}

/// A job whose result the calling thread waits for at `parker`.
fn stack_job<'a>(parker: &Arc<Parker>, ran: &'a Tally) -> StackJob<impl FnOnce() + Send + 'a, ()> {
    StackJob::new(Region::fresh(), Arc::clone(parker), move || ran.count())
}

/// Waits for a job without being a worker.
fn wait_outside(latch: &impl Wait, parker: &Arc<Parker>) {
    Waiter::Outside(parker).wait_until(latch);
}

#[test]
fn a_guest_whose_fork_is_stolen_is_woken_by_the_thief() {
    check(2, || {
        let registry = pool(2, HABITS);
        let thief = start(&registry, 1);
        let slot = registry.lease_slot().expect("worker 0 sleeps");
        let ran = Tally::new();
        join(slot.worker(), || slot.worker().publish_all(), |_| ran.count());
        assert_eq!(ran.get(), 1);
        drop(slot);
        registry.end_detached();
        thief.join().unwrap();
    });
}

#[test]
fn what_a_guest_posts_to_its_own_worker_and_waits_for_is_run_by_a_visit() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry);
        let ran = Tally::new();
        if let Some(slot) = registry.lease_slot() {
            let worker = slot.worker();
            let forks =
                || join(registry.worker_for_model(0), || registry.worker_for_model(0).publish_all(), |_| ran.count());
            let job = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), forks);
            // SAFETY: called once; the frame does not end before the latch is open.
            registry.post_to_all(&[unsafe { job.job_ref() }]);
            worker.wait_until(&job.latch);
            assert_eq!(ran.get(), 1);
        }
        registry.end_detached();
        owner.join().unwrap();
        assert_eq!(registry.sleep().idle(), 0);
    });
}

#[test]
fn mail_and_the_end_of_the_pool_reach_a_worker_whose_seat_is_lent() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry);
        let external = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || drop(registry.lease_slot()))
        };
        let (ran, parker) = (Tally::new(), Arc::new(Parker::new()));
        let job = stack_job(&parker, &ran);
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.post_to_all(&[unsafe { job.job_ref() }]);
        wait_outside(&job.latch, &parker);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        owner.join().unwrap();
        external.join().unwrap();
        assert_eq!(registry.sleep().idle(), 0);
    });
}

#[test]
fn a_job_that_is_handed_in_while_the_only_seat_is_lent_is_run() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry);
        let guest = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || drop(registry.borrow_seat()))
        };
        let (ran, parker) = (Tally::new(), Arc::new(Parker::new()));
        let job = stack_job(&parker, &ran);
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.inject(unsafe { job.job_ref() });
        wait_outside(&job.latch, &parker);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        owner.join().unwrap();
        guest.join().unwrap();
        assert_eq!(registry.sleep().idle(), 0);
    });
}

#[test]
fn the_end_of_the_pool_reaches_a_worker_whose_seat_is_lent() {
    check(3, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry);
        let external = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || drop(registry.lease_slot()))
        };
        registry.end_detached();
        owner.join().unwrap();
        external.join().unwrap();
        assert_eq!(registry.sleep().idle(), 0);
    });
}

#[test]
fn a_caller_that_is_the_only_worker_keeps_its_seat_while_it_waits() {
    check(2, || {
        let registry = Registry::new(1, 0, Order::YoungestFirst, Handlers::default(), HABITS);
        registry.shrink(0);
        let caller = take_seat(&registry, 0);
        let latch = Arc::new(OnceLatch::new(Arc::clone(caller.parker())));
        let other = {
            let (registry, latch) = (Arc::clone(&registry), Arc::clone(&latch));
            thread::spawn(move || {
                assert!(registry.lease_slot().is_none());
                // SAFETY: the latch is alive, and set once.
                unsafe { Latch::set(&raw const *latch) };
            })
        };
        caller.wait_until(&*latch);
        other.join().unwrap();
    });
}

#[test]
fn a_watch_and_a_guest_at_the_same_worker_get_out_of_each_others_way() {
    check(2, || {
        let registry = pool(1, Habits { keep_sentinel: true, ..HABITS });
        let owner = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let worker = registry.worker_for_model(0);
                worker.sleep_registered(Some(&mut Sentinel::new()));
                worker.shared().terminate().wake_up();
                worker.wait_from_birth(worker.shared().terminate());
            })
        };
        let ran = Tally::new();
        if let Some(slot) = registry.lease_slot() {
            join(slot.worker(), || slot.worker().publish_all(), |_| ran.count());
            assert_eq!(ran.get(), 1);
        }
        registry.end_detached();
        owner.join().unwrap();
        assert_eq!(registry.sleep().idle(), 0);
    });
}

#[test]
fn a_job_that_a_guest_puts_aside_and_comes_upon_again_is_run_by_a_worker() {
    check(2, || {
        let registry = pool(2, HABITS);
        let worker = start(&registry, 1);
        let slot = registry.lease_slot().expect("worker 0 sleeps");
        let (ran, parker) = (Tally::new(), Arc::new(Parker::new()));
        let job = stack_job(&parker, &ran);
        // SAFETY: called once; the frame does not end before the latch is open.
        slot.worker().defer(unsafe { job.job_ref() });
        assert!(slot.worker().look_round_restricted().is_none());
        drop(slot);
        wait_outside(&job.latch, &parker);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        worker.join().unwrap();
    });
}

/// Whoever is at worker 0 publishes a fork and comes back for it, while an external caller at worker 1, who took worker 0 for one
/// that helps it, finds the fork and puts it aside. Nobody else is there.
fn with_a_fork_put_aside(sit_down: impl Fn(&Worker) + Send + Sync + 'static) {
    check(3, move || {
        let registry = pool(2, HABITS);
        registry.sleep().end_search(|| 0);
        let worker = registry.worker_for_model(0);
        assert_eq!(registry.sleep().lease(), Some(0));
        sit_down(worker);
        let region = worker.shared.running.replace(Region::fresh());
        let external = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let worker = registry.worker_for_model(1);
                worker.receive_caller();
                let found = worker.steal_from(0);
                assert!(found.is_none_or(|job| job.region() == worker.region()));
            })
        };
        let ran = Tally::new();
        let fork = ForkJob::new(|_| ran.count(), worker.newest_fork());
        // SAFETY: taken back or retrieved below.
        unsafe { push(worker, &fork) };
        worker.publish_all();
        assert!(!worker.take_back(&fork));
        // SAFETY: `take_back` has just said no.
        if let Retrieved::Untaken = unsafe { worker.retrieve(&fork) } {
            // SAFETY: it was got back from the queue, and is run once.
            (unsafe { fork.take() })(false);
        }
        external.join().unwrap();
        assert_eq!(ran.get(), 1);
        worker.shared.running.replace(region);
    });
}

#[test]
fn a_fork_that_was_put_aside_is_found_by_the_guest_that_waits_for_it() {
    with_a_fork_put_aside(|worker| {
        worker.receive_caller();
    });
}

#[test]
fn a_fork_that_was_put_aside_is_found_by_a_guest_deep_in_its_stack() {
    with_a_fork_put_aside(|worker| {
        worker.receive_caller();
        worker.deep.set(Threshold::EVERYWHERE);
    });
}

#[test]
fn a_fork_that_was_put_aside_is_found_by_a_worker_deep_in_its_stack() {
    with_a_fork_put_aside(|worker| {
        worker.deep.set(Threshold::EVERYWHERE);
    });
}
