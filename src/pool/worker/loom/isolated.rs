//! Loom models of workers in isolated calls, on real registries: they wait for their own jobs while jobs of other
//! regions come, and while the threads that take those jobs block on the call.
//!
//! Weakened to see the models fail:
//!
//! - publishers that wake no restricted thread for a job of an isolated region, `register_restricted` without its
//!   fence, or no last look in `JobOfRegion`: the call that comes in while all other threads block is never run, a
//!   deadlock.
//! - `is_bound` false for threads in isolated regions: three models fail their assertions that a job of another region
//!   does not run on the isolated thread.

use super::{Tally, assert_nothing_is_left, check, join, start, take_slot, with_thieves};
use crate::job::stack::StackJob;
use crate::job::{Isolation, Region};
use crate::pool::handlers::Handlers;
use crate::pool::queues::Class;
use crate::pool::registry::DequeOrder;
use crate::pool::registry::{Habits, Registry};
use crate::pool::worker::policy::Policy;
use crate::sync::parker::Parker;
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The thread that is in the isolated call.
struct Inside {
    owner: thread::ThreadId,
    open: AtomicBool,
}

impl Inside {
    fn new() -> Self {
        Inside { owner: thread::current().id(), open: AtomicBool::new(true) }
    }

    fn end(&self) {
        self.open.store(false, Ordering::Relaxed);
    }

    /// Called in a job of another region.
    fn check(&self) {
        assert!(thread::current().id() != self.owner || !self.open.load(Ordering::Relaxed));
    }
}

#[test]
fn an_isolated_worker_waits_for_its_stolen_fork_and_leaves_a_strangers_job_to_others() {
    with_thieves(1, 1, |worker| {
        let (ran, stranger_ran, inside) = (Tally::new(), Tally::new(), Inside::new());
        let stranger = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || {
            inside.check();
            stranger_ran.count();
        });
        let isolation = Isolation::within(Region::NONE);
        worker.in_region(isolation.region(), || {
            let first = || {
                worker.publish_all();
                // SAFETY: called once; the frame does not end before the latch is open.
                worker.push(unsafe { stranger.job_ref() });
            };
            join(worker, first, |_| ran.count());
            assert_eq!(ran.get(), 1);
        });
        inside.end();
        worker.wait_until(&stranger.latch);
        assert_eq!(stranger_ran.get(), 1);
    });
}

#[test]
fn the_fork_around_an_isolated_call_is_found_again() {
    with_thieves(1, 1, |worker| {
        let ran = [Tally::new(), Tally::new()];
        let first = || {
            let isolation = Isolation::within(Region::NONE);
            worker.in_region(isolation.region(), || {
                join(worker, || worker.publish_all(), |_| ran[1].count());
                assert_eq!(ran[1].get(), 1);
                // As the worker would while it waits.
                assert!(worker.take_own(Policy::OwnRegion).is_none());
            });
        };
        join(worker, first, |_| ran[0].count());
        assert_eq!(ran[0].get(), 1);
    });
}

#[test]
fn an_isolated_worker_is_woken_for_its_own_though_all_others_block_on_its_call() {
    check(1, || {
        let registry = Registry::new(2, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let worker = take_slot(&registry, 0);
        let (ran, inside, over) = (Tally::new(), Inside::new(), Parker::new());
        let stranger = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || {
            inside.check();
            // Stands for waiting for a lock that the isolated call holds.
            over.park();
        });
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.push(unsafe { stranger.job_ref() }, Class::Normal);
        let other = start(&registry, 1);
        let isolation = Isolation::within(Region::NONE);
        let region = isolation.region();
        let own = StackJob::new(region, Arc::clone(worker.parker()), || ran.count());
        // SAFETY: as above.
        let job = unsafe { own.job_ref() };
        let caller = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.push(job, Class::Normal))
        };
        worker.in_region(region, || worker.wait_until(&own.latch));
        assert_eq!(ran.get(), 1);
        inside.end();
        over.notify();
        worker.wait_until(&stranger.latch);
        caller.join().unwrap();
        registry.end_detached();
        other.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn an_isolated_worker_runs_its_own_mail_and_leaves_a_strangers() {
    check(3, || {
        let registry = Registry::new(1, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let worker = take_slot(&registry, 0);
        let (ran, stranger_ran, inside) = (Tally::new(), Tally::new(), Inside::new());
        let isolation = Isolation::within(Region::NONE);
        let region = isolation.region();
        let own = StackJob::new(region, Arc::clone(worker.parker()), || ran.count());
        let stranger = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || {
            inside.check();
            stranger_ran.count();
        });
        // SAFETY: called once each; the frame does not end before the latches are open.
        let job = unsafe { own.job_ref() };
        // SAFETY: as above.
        let strangers = unsafe { stranger.job_ref() };
        let sender = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                registry.post_to_all(&[strangers]);
                registry.post_to_all(&[job]);
            })
        };
        worker.in_region(region, || worker.wait_until(&own.latch));
        assert_eq!(ran.get(), 1);
        inside.end();
        worker.wait_until(&stranger.latch);
        assert_eq!(stranger_ran.get(), 1);
        sender.join().unwrap();
        registry.end_detached();
        assert_nothing_is_left(&registry);
    });
}
