//! Loom models of a thread that blocks in a job without telling its pool, until another job has run. A thread that looked
//! while that job was on its way into a queue must have been woken for it.
//!
//! Weakened to see the models fail (`ci/mutants.txt` has each), all by deadlock: in the order of the models, `push` that
//! wakes no thread, `restore` that wakes none, and a wait that ends without `pass_on`.

use super::suspension::end_job;
use super::{assert_nothing_is_left, check, take_slot, with_thieves};
use crate::job::Region;
use crate::job::fork::ForkJob;
use crate::job::latch::{Latch, OnceLatch};
use crate::job::stack::StackJob;
use crate::pool::handlers::Handlers;
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Habits, Registry, Worker};
use crate::pool::waiter::Waiter;
use crate::pool::worker::publish::Retrieved;
use crate::sync::parker::Parker;
use loom::thread;
use std::sync::Arc;

/// A latch that one thread opens, in memory that both keep.
type SharedLatch = Arc<OnceLatch<Arc<Parker>>>;

fn latch_of(worker: &Worker) -> SharedLatch {
    Arc::new(OnceLatch::new(Arc::clone(worker.parker())))
}

fn open(latch: &SharedLatch) {
    // SAFETY: the latch is alive, and opened once.
    unsafe { Latch::set(&raw const **latch) };
}

fn begin_job(worker: &Worker) {
    worker.nesting.set(1);
    worker.running.replace(Region::fresh());
}

fn leave_job(worker: &Worker) {
    worker.nesting.set(0);
    worker.running.replace(Region::NONE);
}

#[test]
fn a_job_runs_whose_thread_blocks_for_it() {
    with_thieves(1, 3, |worker| {
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(Region::fresh(), Arc::clone(&parker), || ());
        // SAFETY: called once; the frame does not end before the latch is open.
        worker.push(unsafe { job.job_ref() });
        Waiter::Outside(&parker).wait_until(&job.latch);
    });
}

#[test]
fn a_job_runs_that_was_out_of_the_deque_while_its_thread_came_back_for_a_fork() {
    with_thieves(1, 2, |worker| {
        begin_job(worker);
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(Region::fresh(), Arc::clone(&parker), || ());
        // The fork blocks for the job.
        let fork = ForkJob::new(|_| Waiter::Outside(&parker).wait_until(&job.latch), worker.newest_fork());
        // SAFETY: retrieved below, before the frame ends.
        unsafe { worker.push_fork(fork.header()) };
        worker.publish_all();
        // SAFETY: called once; the fork waits for the latch, and the frame for the fork.
        worker.push(unsafe { job.job_ref() });
        assert!(!worker.take_back(&fork));
        // SAFETY: `take_back` has just returned false.
        if let Retrieved::Untaken = unsafe { worker.retrieve(&fork) } {
            // SAFETY: this worker took the fork back from the queue, and runs it once.
            let fork = unsafe { fork.take() };
            fork(false);
        }
        leave_job(worker);
    });
}

/// Two threads wait in jobs. A publisher wakes the first for a job of its region, and then opens the latch for which it
/// waits. The second can hand its slot over to a standby thread that runs the job.
#[test]
fn a_job_runs_for_which_a_thread_was_woken_that_goes_on_and_blocks() {
    check(1, || {
        let registry = Registry::new(2, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let standby = {
            let standby = registry.standby_threads().admit_for_model();
            registry.standby_starts();
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.run_standby(&standby, usize::MAX))
        };
        let first = take_slot(&registry, 0);
        registry.sleep().came();
        begin_job(first);
        first.pin();
        let [opened_by_publisher, opened_by_job] = [0, 1].map(|index| latch_of(registry.worker_for_model(index)));

        let second = {
            let (registry, latch) = (Arc::clone(&registry), Arc::clone(&opened_by_job));
            thread::spawn(move || {
                let second = take_slot(&registry, 1);
                registry.sleep().came();
                begin_job(second);
                second.wait_until(&*latch);
                leave_job(second);
                end_job(second);
                second.work_until(second.shared().terminate());
            })
        };
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(first.region(), Arc::clone(&parker), || open(&opened_by_job));
        // SAFETY: called once; the frame does not end before the latch is open.
        let job_ref = unsafe { job.job_ref() };
        let publisher = {
            let (registry, latch) = (Arc::clone(&registry), Arc::clone(&opened_by_publisher));
            thread::spawn(move || {
                registry.push(job_ref, Class::Deferred);
                open(&latch);
            })
        };
        first.wait_until(&*opened_by_publisher);
        Waiter::Outside(&parker).wait_until(&job.latch);

        first.unpin();
        leave_job(first);
        registry.end_detached();
        end_job(first);
        first.work_until(first.shared().terminate());
        for thread in [standby, second, publisher] {
            thread.join().unwrap();
        }
        assert_nothing_is_left(&registry);
    });
}
