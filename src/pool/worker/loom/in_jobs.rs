//! Loom models of a thread that waits in a job while work of other regions comes: it hands its slot over to a thread
//! that runs the work, and has the slot again when its latch is open.
//!
//! Weakened to see the models fail:
//!
//! - a thread that never hands over (`should_hand_over` false): all of them; two are deadlocks, the job from outside
//!   ends the process.
//! - a policy that admits all jobs in a wait: the first two fail their assertion that the job does not run on the
//!   waiting thread. In the third the thread finds its own job first.
//! - a publisher that does not wake threads in jobs: the one in which the job comes from another thread, a deadlock.
//! - a suspended thread that does not look at its mail, and mail for a blocked thread without a notice to the holder of
//!   its slot: the models of mail, deadlocks.

use super::suspension::{Event, Stage, holder, job_of, stack_job};
use super::{Tally, check};
use crate::job::Region;
use crate::job::stack::StackJob;
use crate::pool::queues::Class;
use crate::pool::registry::Habits;
use loom::thread;
use std::sync::Arc;

#[test]
fn a_spawn_that_its_thread_waits_for_runs_on_another_thread() {
    check(3, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (owner, ran) = (thread::current().id(), Tally::new());
            let job = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || {
                assert_ne!(thread::current().id(), owner);
                ran.count();
            });
            // SAFETY: called once; the frame does not end before the latch is open.
            worker.push(unsafe { job.job_ref() });
            worker.wait_until(&job.latch);
            ran.count();
            assert_eq!(ran.get(), 2);
        });
    });
}

#[test]
fn a_job_from_outside_reaches_a_thread_that_begins_to_wait_for_it() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (owner, ran) = (thread::current().id(), Tally::new());
            let job = StackJob::new(Region::fresh(), Arc::clone(worker.parker()), || {
                assert_ne!(thread::current().id(), owner);
                ran.count();
            });
            // SAFETY: called once; the frame does not end before the latch is open.
            let job_ref = unsafe { job.job_ref() };
            let outsider = {
                let registry = worker.registry().keep();
                thread::spawn(move || registry.push(job_ref, Class::Normal))
            };
            worker.wait_until(&job.latch);
            ran.count();
            assert_eq!(ran.get(), 2);
            outsider.join().unwrap();
        });
    });
}

#[test]
fn a_job_of_the_threads_region_is_found_beneath_one_of_another() {
    check(3, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (owner, ran) = (thread::current().id(), Tally::new());
            let own = StackJob::new(worker.region(), Arc::clone(worker.parker()), || ran.count());
            let other = stack_job(worker, || assert_ne!(thread::current().id(), owner));
            // SAFETY: called once; the frame does not end before the latch is open.
            worker.push(unsafe { own.job_ref() });
            // SAFETY: the model waits for the job below.
            worker.push(unsafe { job_of(&other) });
            worker.wait_until(&own.latch);
            ran.count();
            worker.wait_until(&other.latch);
            assert_eq!(ran.get(), 2);
        });
    });
}

/// The job for which the thread has handed its slot over leaves mail for it, and the thread waits for that.
#[test]
fn mail_reaches_a_thread_that_has_handed_its_slot_over() {
    check(3, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (owner, ran) = (thread::current().id(), Tally::new());
            let mail = stack_job(worker, || {
                assert_eq!(thread::current().id(), owner);
                ran.count();
            });
            // SAFETY: the model waits for the latch below.
            let mail_ref = unsafe { job_of(&mail) };
            let registry = worker.registry();
            let other = stack_job(worker, move || registry.post_to_all(&[mail_ref]));
            // SAFETY: as above.
            worker.push(unsafe { job_of(&other) });
            worker.wait_until(&mail.latch);
            assert_eq!(ran.get(), 1);
            worker.wait_until(&other.latch);
        });
    });
}

/// The slot's own thread blocks, so that the standby thread runs its mail. That thread waits for it in a job.
#[test]
fn mail_for_a_thread_that_blocks_reaches_a_standby_thread_that_waits_in_a_job() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (over, registry) = (Event::new(), worker.registry().keep());
            let other = stack_job(worker, || {
                let standby = holder(&registry);
                let mail = stack_job(standby, || ());
                // SAFETY: this job waits for the latch below.
                let mail_ref = unsafe { job_of(&mail) };
                let sender = {
                    let registry = Arc::clone(&registry);
                    thread::spawn(move || registry.post_to_all(&[mail_ref]))
                };
                standby.wait_until(&mail.latch);
                sender.join().unwrap();
                over.happen();
            });
            // SAFETY: the model waits for the latch below.
            worker.push(unsafe { job_of(&other) });
            worker.suspended(|| over.wait());
            worker.wait_until(&other.latch);
        });
    });
}
