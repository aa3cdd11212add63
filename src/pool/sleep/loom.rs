//! Loom models of falling asleep against publishing.
//!
//! The workers here are [`SimulatedWorker`]s. They go through the steps of `Worker::idle_by` with one public queue and,
//! in place of a latch, a mailbox flag. In every model each job needs a worker of its own, which takes it and never
//! looks again. So a job that is public while all the other workers are parked is a deadlock, which loom reports.
//!
//! Weakened to see the models fail, all by deadlock:
//!
//! - no fence in `work_published`, or no wake-up in it: the models of the only worker, among others.
//! - no fence in `end_search`, or no wake-ups in it: the model of the last searcher, and that of the worker that wakes
//!   up for something else.
//! - `wake_from` that notifies no sleeper: the model of the only worker, and one of the sentinel.
//! - `begin_phase` that notifies none: the model of the phase.
//!
//! Weakened before slots and workers were separate, and not again: no fence in `register`, or no last look after it
//! (all but the two models that begin with both workers asleep); `Counters::woken` called after the lock was released
//! (the model of the worker that wakes up for something else).
//!
//! Not seen: the wake-up of `forks_published`, because a fork's worker comes back for it. `Parker::notify` relaxed is
//! not seen here, because the fences order a worker's looks after its sleep. The mailbox depends on it: see the models
//! of `worker`.

mod in_jobs;
mod returns;
mod sentinel;
mod simulated_pool;
mod slots;
mod standby;
mod unattended;

use super::{IdleThread, SearchPermit, Sleep, WakeOutcome, Wants};
use crate::job::Region;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// A pool with a real sleep state and one real queue.
struct Pool {
    sleep: Sleep,
    jobs: Injector<u32>,
    /// The mailbox of worker 0: set before the worker is notified.
    mail: AtomicU32,
}

/// What a worker returns with.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Job(u32),
    Mail,
}

/// One worker of the pool.
struct SimulatedWorker {
    pool: Arc<Pool>,
    index: usize,
}

impl Pool {
    /// A pool of `workers` workers, all of them at work.
    fn new(workers: usize) -> Arc<Self> {
        Arc::new(Pool { sleep: Sleep::new(workers, 0), jobs: Injector::new(), mail: AtomicU32::new(0) })
    }

    fn publish(&self, job: u32) {
        self.jobs.push(job);
        self.sleep.work_published(Region::NONE);
    }

    fn take(&self) -> Option<u32> {
        if self.jobs.is_empty() {
            return None;
        }
        match self.jobs.steal() {
            Steal::Success(job) => Some(job),
            Steal::Empty | Steal::Retry => None,
        }
    }

    fn more_work(&self) -> usize {
        usize::from(!self.jobs.is_empty())
    }

    /// Starts a worker on a thread of its own.
    fn start(
        self: &Arc<Self>,
        index: usize,
        live: impl FnOnce(&SimulatedWorker) -> Found + 'static,
    ) -> JoinHandle<Found> {
        let worker = SimulatedWorker { pool: Arc::clone(self), index };
        thread::spawn(move || live(&worker))
    }
}

/// Asserts that no thread is counted, listed or queued.
fn assert_nothing_is_left(sleep: &Sleep) {
    let now = sleep.counters.load(Ordering::Relaxed);
    assert_eq!((now.searching(), now.sleeping(), now.in_jobs(), now.cached()), (0, 0, 0, None));
    assert_eq!((sleep.idle(), sleep.has_returning(), sleep.is_standby_on_its_way()), (0, false, false));
    let sleepers = sleep.sleepers.lock();
    assert!(sleepers.list.is_empty() && sleepers.restricted.is_empty());
    for slot in &sleepers.slots {
        assert!(slot.returning.is_empty() && slot.queued.is_none() && slot.standby.is_none());
        assert!(!slot.own_is_idle && !slot.standby_has_it && slot.resting == 0);
    }
}

/// Checks a model with at most `preemptions` interruptions, or fewer if the run is limited to fewer.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.map_or(preemptions, |limit| limit.min(preemptions)));
    builder.check(model);
}

impl SimulatedWorker {
    fn has_mail(&self) -> bool {
        self.index == 0 && self.pool.mail.load(Ordering::Acquire) == 1
    }

    fn look(&self) -> Option<Found> {
        if self.has_mail() { Some(Found::Mail) } else { self.pool.take().map(Found::Job) }
    }

    fn wake_up(&self) -> WakeOutcome {
        let wants = if self.has_mail() { Wants::Slot } else { Wants::Nothing };
        self.pool.sleep.wake_up_at(self.index, IdleThread::Own, wants)
    }

    /// Searches, and sleeps, until there is a job or mail.
    fn idle(&self) -> Found {
        self.idle_as(self.pool.sleep.begin_search())
    }

    fn idle_as(&self, mut permit: SearchPermit) -> Found {
        let sleep = &self.pool.sleep;
        let found = loop {
            if permit == SearchPermit::Granted {
                if let Some(found) = self.look() {
                    break found;
                }
            }
            if let Some(found) = self.fall_asleep(permit) {
                permit = SearchPermit::Granted;
                break found;
            }
            permit = SearchPermit::Granted;
        };
        if permit == SearchPermit::Granted {
            sleep.end_search(|| self.pool.more_work());
        }
        found
    }

    /// Continues as a worker that is registered as sleeping and has looked for the last time.
    fn sleep_on(&self) -> Found {
        self.pool.sleep.parker(self.index).park();
        assert_eq!(self.wake_up(), WakeOutcome::Up);
        if self.has_mail() {
            self.pool.sleep.end_search(|| self.pool.more_work());
            return Found::Mail;
        }
        self.idle_as(SearchPermit::Granted)
    }

    /// Sleeps, unless the last look finds something; wakes up as a searcher.
    fn fall_asleep(&self, permit: SearchPermit) -> Option<Found> {
        let sleep = &self.pool.sleep;
        sleep.register(self.index, IdleThread::Own, permit);
        let last_look = self.look();
        if last_look.is_none() {
            sleep.parker(self.index).park();
        }
        assert_eq!(self.wake_up(), WakeOutcome::Up);
        last_look
    }
}

#[test]
fn a_job_published_while_the_only_worker_falls_asleep_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        let worker = pool.start(0, SimulatedWorker::idle);
        pool.publish(7);
        assert_eq!(worker.join().unwrap(), Found::Job(7));
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn a_job_published_while_a_worker_that_may_not_search_falls_asleep_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        let worker = pool.start(0, |worker| worker.idle_as(SearchPermit::Refused));
        pool.publish(7);
        // The worker has woken up, or has taken the job at its last look. Either way it counts as searching and ends
        // its search.
        assert_eq!(worker.join().unwrap(), Found::Job(7));
        assert_nothing_is_left(&pool.sleep);
    });
}

/// The phase takes the sleeper off the list, and counts it as searching, so that the publisher relies on it.
#[test]
fn a_job_published_in_a_phase_that_begins_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        let worker = pool.start(0, SimulatedWorker::idle);
        pool.sleep.begin_phase();
        pool.publish(7);
        assert_eq!(worker.join().unwrap(), Found::Job(7));
        pool.sleep.end_phase();
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn two_workers_take_two_jobs() {
    check(2, || {
        let pool = Pool::new(2);
        let workers = [0, 1].map(|index| pool.start(index, SimulatedWorker::idle));
        pool.publish(1);
        pool.publish(2);
        let found = workers.map(|worker| worker.join().unwrap());
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn two_publishers_wake_two_sleepers() {
    // Four threads: a bound one lower than that of the other models keeps the run within a minute.
    check(2, || {
        let pool = Pool::new(2);
        for index in [0, 1] {
            pool.sleep.register(index, IdleThread::Own, SearchPermit::Refused);
        }
        let workers = [0, 1].map(|index| pool.start(index, SimulatedWorker::sleep_on));
        let publisher = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.publish(1))
        };
        pool.publish(2);
        publisher.join().unwrap();
        let found = workers.map(|worker| worker.join().unwrap());
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn the_last_searcher_to_leave_passes_on_what_was_published_for_it() {
    loom::model(|| {
        let pool = Pool::new(2);
        let permit = pool.sleep.begin_search();
        let searcher = pool.start(0, move |worker| {
            assert_eq!(permit, SearchPermit::Granted);
            let found = worker.pool.take().map_or(Found::Mail, Found::Job);
            // Whether or not it has found something, it leaves: its latch is open, say.
            worker.pool.sleep.end_search(|| worker.pool.more_work());
            found
        });
        let sleeper = pool.start(1, |worker| worker.idle_as(SearchPermit::Refused));
        pool.publish(1);
        if searcher.join().unwrap() == Found::Job(1) {
            pool.publish(2);
            assert_eq!(sleeper.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(sleeper.join().unwrap(), Found::Job(1));
        }
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn a_wake_that_meets_a_worker_that_wakes_up_for_something_else_is_passed_on() {
    loom::model(|| {
        let pool = Pool::new(2);
        // Both have fallen asleep; worker 1 fell asleep first, so a publisher wakes worker 0.
        pool.sleep.register(1, IdleThread::Own, SearchPermit::Refused);
        pool.sleep.register(0, IdleThread::Own, SearchPermit::Refused);
        let workers = [0, 1].map(|index| pool.start(index, SimulatedWorker::sleep_on));
        pool.mail.store(1, Ordering::Release);
        pool.sleep.notify(0);
        pool.publish(1);
        let [first, second] = workers;
        if first.join().unwrap() == Found::Job(1) {
            pool.publish(2);
            assert_eq!(second.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(second.join().unwrap(), Found::Job(1));
        }
        assert_nothing_is_left(&pool.sleep);
    });
}
