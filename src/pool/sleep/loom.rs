//! Loom models of falling asleep against publishing.
//!
//! The workers here are [`Rider`]s, who go through the steps of `Worker::idle_as` with one public queue and, in place
//! of a latch, a mailbox flag. In every model each job needs a rider of its own, who takes it and never looks again, so
//! a job that is public while all the other riders are parked is a deadlock, which loom reports.
//!
//! What was weakened to see the models fail, all by deadlock:
//!
//! - no fence in `work_published`, or no wake in it: all six models.
//! - no fence in `register`, or no last look after it: all but the two that begin with both riders asleep.
//! - no fence in `end_search`, or nothing passed on by it: the four with two riders.
//! - `Counters::woken` called in `wake_one` after the lock was released: the model of the worker that gets up for
//!   something else, and no other.
//!
//! `Parker::notify` relaxed is not seen here, since what a rider looks at after a sleep is ordered by the fences; the
//! mailbox depends on it, see the models of `worker`.

mod batches;
mod house;
mod in_jobs;
mod sentinel;
mod slots;

use super::{SearchPermit, Sleep, WakeOutcome};
use crate::job::Region;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// A pool of which only the sleep state and one queue is real.
struct Pool {
    sleep: Sleep,
    jobs: Injector<u32>,
    /// Rider 0's mailbox: set before it is notified.
    mail: AtomicU32,
}

/// What a rider comes back with.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Job(u32),
    Mail,
}

/// One worker of the pool.
struct Rider {
    pool: Arc<Pool>,
    index: usize,
}

impl Pool {
    /// A pool of `workers`, all of them at work.
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

    /// Nobody is counted any more.
    fn assert_all_at_work(&self) {
        let now = self.sleep.counters.load(Ordering::Relaxed);
        assert_eq!((now.searching(), now.sleeping()), (0, 0));
        assert!(self.sleep.sleepers.lock().list.is_empty());
    }

    /// Starts a rider on a thread of its own.
    fn start(self: &Arc<Self>, index: usize, ride: impl FnOnce(&Rider) -> Found + 'static) -> JoinHandle<Found> {
        let rider = Rider { pool: Arc::clone(self), index };
        thread::spawn(move || ride(&rider))
    }
}

impl Rider {
    fn has_mail(&self) -> bool {
        self.index == 0 && self.pool.mail.load(Ordering::Acquire) == 1
    }

    fn look(&self) -> Option<Found> {
        if self.has_mail() { Some(Found::Mail) } else { self.pool.take().map(Found::Job) }
    }

    /// Searches, and sleeps, until there is something.
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
            if let Some(found) = self.lie_down(permit) {
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

    /// Goes on from where it is registered as sleeping and has looked for the last time.
    fn sleep_on(&self) -> Found {
        self.pool.sleep.parker(self.index).park();
        assert_eq!(self.pool.sleep.wake_up_at(self.index), WakeOutcome::Up);
        if self.has_mail() {
            self.pool.sleep.end_search(|| self.pool.more_work());
            return Found::Mail;
        }
        self.idle_as(SearchPermit::Granted)
    }

    /// Sleeps, unless the last look finds something; gets up as a searcher.
    fn lie_down(&self, permit: SearchPermit) -> Option<Found> {
        let sleep = &self.pool.sleep;
        sleep.register(self.index, permit);
        let last_look = self.look();
        if last_look.is_none() {
            sleep.parker(self.index).park();
        }
        assert_eq!(sleep.wake_up_at(self.index), WakeOutcome::Up);
        last_look
    }
}

#[test]
fn a_job_published_while_the_only_worker_falls_asleep_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        let rider = pool.start(0, Rider::idle);
        pool.publish(7);
        assert_eq!(rider.join().unwrap(), Found::Job(7));
        pool.assert_all_at_work();
    });
}

#[test]
fn a_job_published_while_a_spare_worker_falls_asleep_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        let rider = pool.start(0, |rider| rider.idle_as(SearchPermit::Refused));
        pool.publish(7);
        // Whether it woke up, and so counts as searching, or took the job at its last look: it ends its search.
        assert_eq!(rider.join().unwrap(), Found::Job(7));
        pool.assert_all_at_work();
    });
}

#[test]
fn two_workers_take_two_jobs() {
    loom::model(|| {
        let pool = Pool::new(2);
        let riders = [0, 1].map(|index| pool.start(index, Rider::idle));
        pool.publish(1);
        pool.publish(2);
        let found = riders.map(|rider| rider.join().unwrap());
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        pool.assert_all_at_work();
    });
}

#[test]
fn two_publishers_wake_two_sleepers() {
    let mut builder = loom::model::Builder::new();
    // Four threads: one interruption less than the other models may have keeps it within a minute.
    builder.preemption_bound = builder.preemption_bound.map(|limit| limit.min(2)).or(Some(2));
    builder.check(|| {
        let pool = Pool::new(2);
        for index in [0, 1] {
            pool.sleep.register(index, SearchPermit::Refused);
        }
        let riders = [0, 1].map(|index| pool.start(index, Rider::sleep_on));
        let publisher = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.publish(1))
        };
        pool.publish(2);
        publisher.join().unwrap();
        let found = riders.map(|rider| rider.join().unwrap());
        assert!(found == [Found::Job(1), Found::Job(2)] || found == [Found::Job(2), Found::Job(1)], "{found:?}");
        pool.assert_all_at_work();
    });
}

#[test]
fn the_last_searcher_to_leave_passes_on_what_was_published_for_it() {
    loom::model(|| {
        let pool = Pool::new(2);
        let permit = pool.sleep.begin_search();
        let searcher = pool.start(0, move |rider| {
            assert_eq!(permit, SearchPermit::Granted);
            let found = rider.pool.take().map_or(Found::Mail, Found::Job);
            // Whether or not it has found something, it goes away: its latch is open, say.
            rider.pool.sleep.end_search(|| rider.pool.more_work());
            found
        });
        let sleeper = pool.start(1, |rider| rider.idle_as(SearchPermit::Refused));
        pool.publish(1);
        if searcher.join().unwrap() == Found::Job(1) {
            pool.publish(2);
            assert_eq!(sleeper.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(sleeper.join().unwrap(), Found::Job(1));
        }
        pool.assert_all_at_work();
    });
}

#[test]
fn a_wake_that_meets_a_worker_who_gets_up_for_something_else_is_passed_on() {
    loom::model(|| {
        let pool = Pool::new(2);
        // Both have lain down: rider 1 first, so that a publisher wakes rider 0.
        pool.sleep.register(1, SearchPermit::Refused);
        pool.sleep.register(0, SearchPermit::Refused);
        let riders = [0, 1].map(|index| pool.start(index, Rider::sleep_on));
        pool.mail.store(1, Ordering::Release);
        pool.sleep.notify(0);
        pool.publish(1);
        let [first, second] = riders;
        if first.join().unwrap() == Found::Job(1) {
            pool.publish(2);
            assert_eq!(second.join().unwrap(), Found::Job(2));
        } else {
            assert_eq!(second.join().unwrap(), Found::Job(1));
        }
        pool.assert_all_at_work();
    });
}
