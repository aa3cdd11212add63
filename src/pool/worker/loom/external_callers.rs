//! Loom models of external callers on real registries: they wait, and they find jobs that they must not run. They lease
//! the slots of threads that sleep when the model begins; some slots have no thread.
//!
//! Weakened to see the models fail (`ci/mutants.txt` has each):
//!
//! - `caller_is_used` stored or loaded relaxed: the next caller at the worker is a concurrent write.
//! - `defer` without a publication: the caller that waits for the deferred fork waits for ever, a deadlock.
//! - no fence in `Sleep::must_look`: the forks that are deferred for callers, deadlocks.
//! - a slot that is leased during its thread's last look, or that stays free: assertions.
//! - a slot that is released and added to no list: no caller can lease it, and its model fails its assertion.
//! - a slot that is given up unattended, without a standby thread: the last model, a deadlock.
//! - `take_cached` not releasing: the pool's end does not reach the thread of the leased slot, a deadlock.

use super::{Tally, assert_nothing_is_left, check, join, push, start, take_slot};
use crate::job::Region;
use crate::job::fork::ForkJob;
use crate::job::latch::{Latch, OnceLatch, Wait};
use crate::job::stack::StackJob;
use crate::pool::handlers::Handlers;
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Habits, Kind, Registry, Tenure, Worker};
use crate::pool::sleep::{IdleThread, SearchPermit};
use crate::pool::waiter::Waiter;
use crate::pool::worker::publish::Retrieved;
use crate::pool::worker::sentinel::Sentinel;
use crate::pool::worker::stack_depth::Threshold;
use crate::pool::worker::suspend::AtBottom;
use crate::sync::parker::Parker;
use loom::thread::{self, JoinHandle};
use std::ptr;
use std::sync::Arc;

const HABITS: Habits = Habits { lease_slots: true, keep_sentinel: false };

/// A pool; the thread of slot 0 has fallen asleep with nothing begun.
fn pool(slots: usize, habits: Habits) -> Arc<Registry> {
    let registry = Registry::new(slots, 0, DequeOrder::YoungestFirst, Handlers::default(), habits);
    let worker = take_slot(&registry, 0);
    registry.sleep().came();
    assert!(worker.shared().terminate().fall_asleep());
    registry.sleep().register(0, IdleThread::Own, SearchPermit::Refused);
    worker.free_slot();
    registry
}

/// Starts the thread of slot 0, which has fallen asleep.
fn start_sleeper(registry: &Arc<Registry>, sentinel: Option<Sentinel>) -> JoinHandle<()> {
    let registry = Arc::clone(registry);
    thread::spawn(move || {
        let (worker, mut sentinel) = (registry.worker_for_model(0), sentinel);
        assert_eq!(worker.sleep_registered(sentinel.as_mut()), AtBottom::Holds);
        worker.shared().terminate().wake_up();
        registry.sleep().end_search(|| registry.more_work());
        worker.work_until(worker.shared().terminate());
        assert!(!worker.has_pending());
    })
}

/// A job that the calling thread waits for at `parker`.
fn stack_job<'a>(parker: &Arc<Parker>, ran: &'a Tally) -> StackJob<impl FnOnce() + Send + 'a, ()> {
    StackJob::new(Region::fresh(), Arc::clone(parker), move || ran.count())
}

/// Waits for a job as a thread that is no worker.
fn wait_outside(latch: &impl Wait, parker: &Arc<Parker>) {
    Waiter::Outside(parker).wait_until(latch);
}

#[test]
fn a_caller_whose_fork_is_stolen_is_woken_by_the_thief() {
    check(2, || {
        let registry = pool(2, HABITS);
        let slot = registry.lease_slot().expect("its thread sleeps");
        let owner = start_sleeper(&registry, None);
        let thief = start(&registry, 1);
        let ran = Tally::new();
        join(slot.worker(), || slot.worker().publish_all(), |_| ran.count());
        assert_eq!(ran.get(), 1);
        drop(slot);
        registry.end_detached();
        owner.join().unwrap();
        thief.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn what_a_caller_posts_and_waits_for_is_run_by_the_slots_own_thread() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry, None);
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
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn mail_and_the_end_of_the_pool_reach_a_thread_whose_slot_is_leased() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry, None);
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
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_job_that_is_handed_in_while_the_only_slot_is_leased_is_run() {
    check(2, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry, None);
        let external = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || drop(registry.lease_slot()))
        };
        let (ran, parker) = (Tally::new(), Arc::new(Parker::new()));
        let job = stack_job(&parker, &ran);
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.push(unsafe { job.job_ref() }, Class::Normal);
        wait_outside(&job.latch, &parker);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        owner.join().unwrap();
        external.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn the_end_of_the_pool_reaches_a_thread_whose_slot_is_leased() {
    check(3, || {
        let registry = pool(1, HABITS);
        let owner = start_sleeper(&registry, None);
        let external = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || drop(registry.lease_slot()))
        };
        registry.end_detached();
        owner.join().unwrap();
        external.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_caller_that_is_the_only_worker_keeps_its_slot_while_it_waits() {
    check(2, || {
        let registry = Registry::new(1, 0, DequeOrder::YoungestFirst, Handlers::default(), HABITS);
        registry.shrink(0);
        let caller = take_slot(&registry, 0);
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
fn a_sentinel_and_a_caller_at_the_same_slot_get_out_of_each_others_way() {
    check(2, || {
        let registry = pool(1, Habits { keep_sentinel: true, ..HABITS });
        let owner = start_sleeper(&registry, Some(Sentinel::new()));
        let ran = Tally::new();
        if let Some(slot) = registry.lease_slot() {
            join(slot.worker(), || slot.worker().publish_all(), |_| ran.count());
            assert_eq!(ran.get(), 1);
        }
        registry.end_detached();
        owner.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_job_that_a_caller_defers_and_comes_upon_again_is_run_by_a_worker() {
    check(2, || {
        let registry = pool(2, HABITS);
        let worker = start(&registry, 1);
        let slot = registry.lease_slot().expect("its thread sleeps");
        let (ran, parker) = (Tally::new(), Arc::new(Parker::new()));
        let job = stack_job(&parker, &ran);
        // SAFETY: called once; the frame does not end before the latch is open.
        slot.worker().defer(unsafe { job.job_ref() });
        assert!(slot.worker().look_round_in_region().is_none());
        drop(slot);
        wait_outside(&job.latch, &parker);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        worker.join().unwrap();
    });
}

/// An external caller at slot 1, which has no thread of its own.
fn caller_at_slot_1(registry: &Registry) -> &Worker {
    let worker = registry.take_record(Kind::External);
    worker.set_index(1);
    worker.begin_call();
    worker.slot().set_holder(worker);
    worker
}

/// A worker at slot 0 publishes a fork and comes back for it. Meanwhile an external caller at slot 1, which believes
/// that the worker runs jobs of its region, finds the fork and defers it.
fn fork_is_deferred(registry: &Arc<Registry>, worker: &Worker) {
    let external = {
        let registry = Arc::clone(registry);
        thread::spawn(move || {
            let worker = caller_at_slot_1(&registry);
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
    // SAFETY: `take_back` has just returned false.
    if let Retrieved::Untaken = unsafe { worker.retrieve(&fork) } {
        // SAFETY: this worker took the fork back from the queue, and runs it once.
        (unsafe { fork.take() })(false);
    }
    external.join().unwrap();
    assert_eq!(ran.get(), 1);
}

/// The worker at slot 0 is an external caller.
fn fork_of_a_caller_is_deferred(deep: Option<Threshold>) {
    check(2, move || {
        let registry = pool(2, HABITS);
        registry.sleep().came();
        let slot = registry.lease_slot().expect("its thread sleeps");
        let owner = start_sleeper(&registry, None);
        if let Some(deep) = deep {
            slot.worker().deep.set(deep);
        }
        fork_is_deferred(&registry, slot.worker());
        drop(slot);
        registry.end_detached();
        owner.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

/// The worker at slot 0 is a thread of the pool, deep in its stack, in `nesting` jobs.
fn fork_of_a_deep_worker_is_deferred(nesting: usize) {
    check(3, move || {
        let registry = Registry::new(2, 0, DequeOrder::YoungestFirst, Handlers::default(), HABITS);
        (0..2).for_each(|_| registry.sleep().came());
        let worker = take_slot(&registry, 0);
        worker.running.replace(Region::fresh());
        worker.nesting.set(nesting);
        worker.deep.set(Threshold::EVERYWHERE);
        fork_is_deferred(&registry, worker);
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_fork_that_was_deferred_is_run_for_the_caller_that_waits_for_it() {
    fork_of_a_caller_is_deferred(None);
}

#[test]
fn a_fork_that_was_deferred_is_run_for_a_caller_deep_in_its_stack() {
    fork_of_a_caller_is_deferred(Some(Threshold::EVERYWHERE));
}

#[test]
fn a_fork_that_was_deferred_is_found_by_a_worker_deep_in_its_stack() {
    fork_of_a_deep_worker_is_deferred(0);
}

#[test]
fn a_fork_that_was_deferred_is_found_by_a_worker_deep_in_its_stack_in_a_job() {
    fork_of_a_deep_worker_is_deferred(1);
}

/// An external caller at the only slot waits for a job that another thread passes to `hand_in`, while the threads of
/// `others` run.
fn a_caller_waits(
    preemptions: usize,
    hand_in: fn(&Registry, crate::job::JobRef),
    others: fn(&Arc<Registry>) -> Vec<JoinHandle<()>>,
) {
    check(preemptions, move || {
        let registry = pool(1, HABITS);
        let slot = registry.lease_slot().expect("its thread sleeps");
        let owner = start_sleeper(&registry, None);
        let held = Tally::new();
        let worker = slot.worker();
        let job = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || held.count());
        // SAFETY: called once; the frame does not end before the latch is open.
        let job_ref = unsafe { job.job_ref() };
        let sender = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || hand_in(&registry, job_ref))
        };
        let others = others(&registry);
        held.count();
        worker.wait_until(&job.latch);
        held.count();
        assert_eq!((held.get(), worker.has_slot()), (3, true));
        drop(slot);
        sender.join().unwrap();
        for other in others {
            other.join().unwrap();
        }
        registry.end_detached();
        owner.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_caller_that_waits_for_a_job_comes_back() {
    a_caller_waits(3, |registry, job| registry.push(job, Class::Normal), |_| Vec::new());
}

#[test]
fn a_caller_that_waits_for_mail_comes_back() {
    a_caller_waits(2, |registry, job| registry.post_to_all(&[job]), |_| Vec::new());
}

#[test]
fn a_caller_that_waits_comes_back_though_another_leases_the_slot() {
    a_caller_waits(
        1,
        |registry, job| registry.push(job, Class::Normal),
        |registry| {
            let registry = Arc::clone(registry);
            vec![thread::spawn(move || drop(registry.lease_slot()))]
        },
    );
}

#[test]
fn a_caller_that_waits_comes_back_while_the_pools_handle_goes() {
    a_caller_waits(
        2,
        |registry, job| registry.push(job, Class::Normal),
        |registry| {
            registry.begin_detached();
            let registry = Arc::clone(registry);
            vec![thread::spawn(move || registry.end_detached())]
        },
    );
}

/// The next caller gets the worker of one that has ended without its slot, though the slot has not passed between them.
#[test]
fn a_caller_that_ends_without_its_slot_leaves_its_worker_to_the_next() {
    check(3, || {
        let registry = pool(1, HABITS);
        let used = Arc::new(Tally::new());
        let slot = registry.lease_slot().expect("its thread sleeps");
        let first: *const Worker = slot.worker();
        let next = {
            let (registry, used, first) = (Arc::clone(&registry), Arc::clone(&used), first.addr());
            slot.worker().tenure.set(Tenure::None);
            registry.give_slot_up(0);
            thread::spawn(move || {
                let slot = registry.lease_slot().expect("it was given up");
                if ptr::from_ref(slot.worker()).addr() == first {
                    used.count();
                }
            })
        };
        used.count();
        drop(slot);
        next.join().unwrap();
    });
}

/// The slot's own thread waits in a job for another job, which comes while a caller has the slot.
#[test]
fn a_job_that_comes_before_a_caller_leaves_is_run_though_the_slots_thread_waits_in_a_job() {
    check(1, || {
        let registry = pool(1, HABITS);
        let standby = {
            let standby = registry.standby_threads().admit_for_model();
            registry.standby_starts();
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.run_standby(&standby, usize::MAX))
        };
        let slot = registry.lease_slot().expect("its thread sleeps");
        let owner = start_sleeper(&registry, None);
        let (own, caller) = (registry.worker_for_model(0), slot.worker());
        let begun = OnceLatch::new(Arc::clone(caller.parker()));
        let awaited = StackJob::new(Region::fresh(), Arc::clone(own.parker()), || ());
        let outside = Arc::new(Parker::new());
        let job = StackJob::new(Region::fresh(), Arc::clone(&outside), || {
            // SAFETY: the latch is alive, and opened once.
            unsafe { Latch::set(&raw const begun) };
            registry.worker_for_model(0).wait_until(&awaited.latch);
        });
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.push(unsafe { job.job_ref() }, Class::Normal);
        // The slot's own thread runs the job meanwhile.
        caller.wait_until(&begun);
        // SAFETY: called once; the job above waits for the latch.
        registry.push(unsafe { awaited.job_ref() }, Class::Normal);
        drop(slot);
        wait_outside(&job.latch, &outside);
        registry.end_detached();
        owner.join().unwrap();
        standby.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}
