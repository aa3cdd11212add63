//! Loom models of the sentinel: one of the sleepers looks for forks by itself, and then ends.
//!
//! Weakened to see the models fail:
//!
//! - no fence in `end_sentinel`, no look after it, or one before it: the fork is lost, a deadlock.
//! - no fence in `forks_published`: the same.
//!
//! The model in which another worker becomes the sentinel sees none of these: its other publication wakes a thread that
//! looks.

use super::{Found, Pool, assert_nothing_is_left, check};
use crate::job::Region;
use crate::pool::sleep::{IdleThread, SearchPermit, WakeOutcome, Wants};
use std::time::Duration;

impl Pool {
    /// As [`Pool::publish`], for a fork.
    fn fork(&self, job: u32) {
        self.jobs.push(job);
        self.sleep.forks_published(Region::NONE);
    }

    /// As `Worker::sleep_registered`, with a sentinel of one look. The worker is registered as asleep, and is the
    /// sentinel.
    fn keep_sentinel(&self, index: usize) {
        let sleep = &self.sleep;
        let parker = sleep.parker(index);
        let is_called = parker.park_for(Duration::ZERO);
        let _ = sleep.take_activity();
        if is_called {
            assert_eq!(sleep.wake_up_at(index, IdleThread::Own, Wants::Nothing), WakeOutcome::Up);
            sleep.end_sentinel();
            return;
        }
        sleep.end_sentinel();
        if self.more_work() > 0 {
            sleep.wake_another();
        }
        parker.park();
        assert_eq!(sleep.wake_up_at(index, IdleThread::Own, Wants::Nothing), WakeOutcome::Up);
    }
}

#[test]
fn a_fork_published_while_the_sentinel_ends_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        pool.sleep.register(0, IdleThread::Own, SearchPermit::Refused);
        assert!(pool.sleep.begin_sentinel());
        let sentinel = pool.start(0, |worker| {
            worker.pool.keep_sentinel(worker.index);
            worker.idle_as(SearchPermit::Granted)
        });
        pool.fork(5);
        assert_eq!(sentinel.join().unwrap(), Found::Job(5));
        assert_nothing_is_left(&pool.sleep);
    });
}

#[test]
fn a_fork_published_while_the_sentinel_passes_to_another_is_taken() {
    check(2, || {
        let pool = Pool::new(2);
        for index in [1, 0] {
            pool.sleep.register(index, IdleThread::Own, SearchPermit::Refused);
        }
        assert!(pool.sleep.begin_sentinel());
        let workers = [0, 1].map(|index| {
            pool.start(index, move |worker| {
                if index == 0 || worker.pool.sleep.begin_sentinel() {
                    worker.pool.keep_sentinel(index);
                    worker.idle_as(SearchPermit::Granted)
                } else {
                    worker.sleep_on()
                }
            })
        });
        pool.fork(5);
        pool.publish(6);
        let found = workers.map(|worker| worker.join().unwrap());
        assert!(found == [Found::Job(5), Found::Job(6)] || found == [Found::Job(6), Found::Job(5)], "{found:?}");
        assert_nothing_is_left(&pool.sleep);
    });
}
