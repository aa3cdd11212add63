//! Loom models of the sentinel: of two sleepers, one looks for forks by itself, and stops.
//!
//! What was weakened to see the models fail:
//!
//! - no fence in `end_sentinel`, no look after it, or one before it: the fork is lost, a deadlock.
//! - no fence in `forks_published`: the same.
//!
//! The model in which the sentinel passes to another sees none of these: its other publication wakes somebody who looks.

use super::{Found, Pool};
use crate::job::Region;
use crate::pool::sleep::{SearchPermit, WakeOutcome};
use std::time::Duration;

impl Pool {
    /// As [`Pool::publish`], for a fork.
    fn fork(&self, job: u32) {
        self.jobs.push(job);
        self.sleep.forks_published(Region::NONE);
    }

    /// As `Worker::sleep_registered` with a sentinel of one look: from where the worker is registered, and the sentinel.
    fn keep_sentinel(&self, index: usize) {
        let sleep = &self.sleep;
        let parker = sleep.parker(index);
        let is_called = parker.park_for(Duration::ZERO);
        let _ = sleep.take_activity();
        if is_called {
            assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
            sleep.end_sentinel();
            return;
        }
        sleep.end_sentinel();
        if self.more_work() > 0 {
            sleep.wake_another();
        }
        parker.park();
        assert_eq!(sleep.wake_up_at(index), WakeOutcome::Up);
    }
}

#[test]
fn a_fork_published_while_the_watch_ends_is_taken() {
    loom::model(|| {
        let pool = Pool::new(1);
        pool.sleep.register(0, SearchPermit::Refused);
        assert!(pool.sleep.begin_sentinel());
        let watcher = pool.start(0, |rider| {
            rider.pool.keep_sentinel(rider.index);
            rider.idle_as(SearchPermit::Granted)
        });
        pool.fork(5);
        assert_eq!(watcher.join().unwrap(), Found::Job(5));
        pool.assert_all_at_work();
    });
}

#[test]
fn a_fork_published_while_the_watch_passes_to_another_is_taken() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|limit| limit.min(2)).or(Some(2));
    builder.check(|| {
        let pool = Pool::new(2);
        for index in [1, 0] {
            pool.sleep.register(index, SearchPermit::Refused);
        }
        assert!(pool.sleep.begin_sentinel());
        let riders = [0, 1].map(|index| {
            pool.start(index, move |rider| {
                if index == 0 || rider.pool.sleep.begin_sentinel() {
                    rider.pool.keep_sentinel(index);
                    rider.idle_as(SearchPermit::Granted)
                } else {
                    rider.sleep_on()
                }
            })
        });
        pool.fork(5);
        pool.publish(6);
        let found = riders.map(|rider| rider.join().unwrap());
        assert!(found == [Found::Job(5), Found::Job(6)] || found == [Found::Job(6), Found::Job(5)], "{found:?}");
        pool.assert_all_at_work();
    });
}
