//! Loom models of publishing, stealing and taking back, on real registries, with threads that live the whole life of a
//! worker. The search before a sleep looks round once here (`wait`), and the queues are the stand-ins of `sync::deque`.
//!
//! Weakened to see the models fail, with the outcome (latches, parkers and forks before slots and workers were
//! separate, and not again):
//!
//! - `OnceLatch::set` or `probe` relaxed: every model with a fork reports a concurrent read and write of the fork's
//!   data. `set` or the failed exchange of `fall_asleep` relaxed: so does the call from outside.
//! - no fence in `Sleep::work_published`, none in `Sleep::register`, no last look in `idle_by`, or publishers that wake
//!   no thread: the call from outside ends in a deadlock. The models with forks do not: their worker takes back a fork
//!   that no thief takes.
//! - `Parker::notify` relaxed: the mail is lost, a deadlock. `Parker::park` relaxed is seen by the parker's own models
//!   only: the fence of the next `register` acquires in its place.
//! - `Registry::end_detached` with either half of `AcqRel` missing: a concurrent read and write in the model of the
//!   pool's end.
//! - no `SeqCst` fence in `serve_request`, as the source once was, or an acquire fence only, or one before the request
//!   is taken: the model of the request fails its assertion. No fence in `offer_to_idle`: so does that of the offer.
//!
//! Not seen here: the fence in `Sleep::end_search`; the models of `sleep` see it.

mod blocked;
mod external_callers;
mod in_jobs;
mod isolated;
mod mail;
mod suspension;

use crate::job::Region;
use crate::job::fork::{ForkHeader, ForkJob};
use crate::job::stack::StackJob;
use crate::pool::handlers::Handlers;
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Habits, Registry, Worker};
use crate::pool::sleep::IdleThread;
use crate::pool::waiter::Waiter;
use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::publish::Retrieved;
use crate::sync::parker::Parker;
use loom::cell::UnsafeCell;
use loom::thread::{self, JoinHandle};
use std::ptr;
use std::sync::Arc;

/// Makes the calling thread the worker `index`.
fn take_slot(registry: &Registry, index: usize) -> &Worker {
    let worker = registry.worker_for_model(index);
    // Nothing is deep on such a stack.
    worker.begin(usize::MAX);
    worker
}

/// Starts the worker `index` on a thread, for its whole life.
fn start(registry: &Arc<Registry>, index: usize) -> JoinHandle<()> {
    let registry = Arc::clone(registry);
    thread::spawn(move || {
        let worker = take_slot(&registry, index);
        worker.set_coming();
        worker.work_until(worker.shared().terminate());
        assert!(!worker.has_pending());
    })
}

/// Asserts that no thread is counted as idle, waits for its slot, or is on its way to the depot.
fn assert_nothing_is_left(registry: &Registry) {
    let sleep = registry.sleep();
    assert_eq!((sleep.idle(), sleep.has_returning(), sleep.is_standby_on_its_way()), (0, false, false));
}

/// Checks a model with at most `preemptions` interruptions, or fewer if the run is limited to fewer.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    let limit = builder.preemption_bound.map_or(preemptions, |limit| limit.min(preemptions));
    builder.preemption_bound = Some(limit);
    builder.check(model);
}

/// Runs `owner` as worker 0 of a pool, against `thieves` thieves, each a thread that lives the whole life of a worker.
/// Then ends the pool, as its handle does.
fn with_thieves(thieves: usize, preemptions: usize, owner: impl Fn(&Worker) + Send + Sync + 'static) {
    check(preemptions, move || {
        let registry = Registry::new(1 + thieves, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let thieves: Vec<_> = (1..=thieves).map(|index| start(&registry, index)).collect();
        let worker = take_slot(&registry, 0);
        owner(worker);
        assert!(!worker.has_pending());
        registry.end_detached();
        for thief in thieves {
            thief.join().unwrap();
        }
        assert_nothing_is_left(&registry);
    });
}

/// Counts the runs of a job, in memory that the job writes.
struct Tally(UnsafeCell<u32>);

// SAFETY: loom checks the accesses to the cell.
unsafe impl Sync for Tally {}

impl Tally {
    fn new() -> Self {
        Tally(UnsafeCell::new(0))
    }

    fn count(&self) {
        // SAFETY: loom checks that no other thread accesses the cell.
        self.0.with_mut(|n| unsafe { *n += 1 });
    }

    fn get(&self) -> u32 {
        // SAFETY: loom checks that no thread writes meanwhile.
        self.0.with(|n| unsafe { *n })
    }
}

/// Pushes a fork and serves the steal request if it is on.
///
/// # Safety
///
/// As for [`Worker::push_fork`].
unsafe fn push<R: Send>(worker: &Worker, fork: &ForkJob<impl FnOnce(bool) -> R + Send, R>) {
    // SAFETY: the caller's duty.
    unsafe { worker.push_fork(fork.header()) };
    if worker.is_requested() {
        worker.serve_request();
    }
}

/// `fork::join` without panics, and on a given worker.
fn join<R: Send>(worker: &Worker, a: impl FnOnce(), b: impl FnOnce(bool) -> R + Send) -> R {
    let fork = ForkJob::new(b, worker.newest_fork());
    // SAFETY: the fork is taken back or retrieved below, before the frame ends.
    unsafe { push(worker, &fork) };
    a();
    if worker.take_back(&fork) {
        // SAFETY: the fork is private, and is run once.
        let b = unsafe { fork.take() };
        return b(false);
    }
    // SAFETY: `take_back` has just returned false.
    match unsafe { worker.retrieve(&fork) } {
        // SAFETY: this worker took the fork back from the queue, and runs it once.
        Retrieved::Untaken => (unsafe { fork.take() })(false),
        Retrieved::Done(result) => result.expect("no model panics"),
    }
}

#[test]
fn a_fork_runs_once_and_its_owner_sees_what_it_did() {
    with_thieves(1, 3, |worker| {
        let ran = Tally::new();
        let result = join(
            worker,
            || (),
            |_| {
                ran.count();
                7
            },
        );
        assert_eq!((result, ran.get()), (7, 1));
    });
}

#[test]
fn of_two_forks_both_run_once_whoever_takes_which() {
    with_thieves(1, 2, |worker| {
        let ran = [Tally::new(), Tally::new()];
        join(worker, || join(worker, || (), |_| ran[1].count()), |_| ran[0].count());
        assert_eq!([ran[0].get(), ran[1].get()], [1, 1]);
    });
}

#[test]
fn a_fork_of_a_stolen_fork_runs_once_and_both_owners_see_it() {
    with_thieves(1, 2, |worker| {
        let ran = [Tally::new(), Tally::new()];
        let outer = |migrated: bool| {
            let index = usize::from(migrated);
            join(worker.registry().worker_for_model(index), || (), |_| ran[1].count());
            assert_eq!(ran[1].get(), 1);
            ran[0].count();
        };
        join(worker, || (), outer);
        assert_eq!([ran[0].get(), ran[1].get()], [1, 1]);
    });
}

#[test]
fn two_thieves_take_a_fork_once() {
    with_thieves(2, 1, |worker| {
        let ran = Tally::new();
        join(worker, || (), |_| ran.count());
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn a_worker_whose_fork_is_stolen_does_other_work_and_is_woken_for_the_result() {
    with_thieves(1, 2, |worker| {
        let ran = [Tally::new(), Tally::new()];
        let other = ForkJob::new(|_| ran[1].count(), ptr::null());
        join(
            worker,
            || {
                // A second public job, which the worker comes across, or the thief.
                //
                // SAFETY: the fork is alive.
                unsafe { &*other.header() }.older.set(worker.newest_fork());
                // SAFETY: retrieved below.
                unsafe { push(worker, &other) };
                worker.publish_all();
                assert!(!worker.take_back(&other));
                // SAFETY: `take_back` has just returned false.
                if let Retrieved::Untaken = unsafe { worker.retrieve(&other) } {
                    // SAFETY: this worker took the fork back from the queue, and runs it once.
                    let other = unsafe { other.take() };
                    other(false);
                }
            },
            |_| ran[0].count(),
        );
        assert_eq!([ran[0].get(), ran[1].get()], [1, 1]);
    });
}

#[test]
fn a_call_from_outside_wakes_a_worker_and_gets_its_result() {
    loom::model(|| {
        let registry = Registry::new(1, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let worker = start(&registry, 0);
        let ran = Tally::new();
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(Region::NONE, Arc::clone(&parker), || ran.count());
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.push(unsafe { job.job_ref() }, Class::Normal);
        Waiter::Outside(&parker).wait_until(&job.latch);
        // SAFETY: the latch is open, and the result is taken only here.
        unsafe { job.into_result() };
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        worker.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn mail_is_found_by_the_worker_that_it_is_for() {
    loom::model(|| {
        let registry = Registry::new(1, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let worker = start(&registry, 0);
        let ran = Tally::new();
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(Region::NONE, Arc::clone(&parker), || ran.count());
        // SAFETY: called once; the frame does not end before the latch is open.
        registry.post_to_all(&[unsafe { job.job_ref() }]);
        Waiter::Outside(&parker).wait_until(&job.latch);
        assert_eq!(ran.get(), 1);
        registry.end_detached();
        worker.join().unwrap();
        assert_nothing_is_left(&registry);
    });
}

#[test]
fn a_worker_that_leaves_sees_all_that_was_done_before_the_pool_ended() {
    loom::model(|| {
        let registry = Registry::new(1, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let worker = start(&registry, 0);
        let done = Arc::new(Tally::new());
        registry.begin_detached();
        let detached = {
            let (registry, done) = (Arc::clone(&registry), Arc::clone(&done));
            thread::spawn(move || {
                done.count();
                registry.end_detached();
            })
        };
        registry.end_detached();
        worker.join().unwrap();
        assert_eq!(done.get(), 1);
        detached.join().unwrap();
    });
}

/// A thief falls asleep and makes a request while worker 0 pushes a fork by `push`.
fn with_a_request(push: unsafe fn(&Worker, *const ForkHeader)) {
    loom::model(move || {
        let registry = Registry::new(2, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        // The thief has started, and has been at work so far.
        registry.sleep().came();
        let thief = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                // The end of `idle_by`, up to the sleep.
                let permit = registry.sleep().begin_search();
                registry.sleep().register(1, IdleThread::Own, permit);
                registry.worker_for_model(1).request_all();
            })
        };
        let worker = take_slot(&registry, 0);
        let fork = ForkJob::new(|_| (), worker.newest_fork());
        // SAFETY: taken back or retrieved below.
        unsafe { push(worker, fork.header()) };
        thief.join().unwrap();
        let private = worker.take_back(&fork);
        assert!(!private || worker.is_requested(), "a worker sleeps, and the request that it made is off");
        if !private {
            // SAFETY: `take_back` has just returned false.
            assert!(matches!(unsafe { worker.retrieve(&fork) }, Retrieved::Untaken));
        }
    });
}

#[test]
fn a_request_is_not_served_with_nothing() {
    with_a_request(|worker, fork| {
        // SAFETY: the caller's duty.
        unsafe { worker.push_fork(fork) };
        if worker.is_requested() {
            worker.serve_request();
        }
    });
}

#[test]
fn a_request_is_not_served_with_nothing_by_an_offer() {
    with_a_request(|worker, fork| {
        // SAFETY: the caller's duty.
        unsafe { worker.push_fork(fork) };
        worker.offer(Worth::Shared);
    });
}
