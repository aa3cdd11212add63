//! Loom models of thieves that take a batch: the jobs that they leave in their own deques are public, and no fence of
//! the thief comes after them.
//!
//! The thief here never looks into its deque again, so a sleeper that misses those jobs is a deadlock.
//!
//! Weakened to see the models fail, all by deadlock (the first again since slots and workers are separate):
//!
//! - `Counters::end_search` relaxed, as the source once was: both models of a searcher.
//! - no fence in `register`, or no last look after it: all three. (The fence orders the registration before the last look,
//!   and acquires what `end_search` released.)
//! - no wake-ups in `end_search`: both models of a searcher.
//! - a thief that is not counted as searching and does not call `work_published`: the model of such a thief.

use crate::job::Region;
use crate::pool::sleep::{IdleThread, SearchPermit, Sleep, WakeOutcome, Wants};
use crate::sync::deque::{Steal, Stealer, Worker};
use loom::thread;
use std::sync::Arc;

/// A pool of four workers; two may search at once. Worker 0 has spawned three jobs, 1 is a thief, 2 is on its way to
/// sleep, and 3 is at work.
struct Burst {
    sleep: Sleep,
    /// The thieves' ends of the deques of the workers 0 and 1.
    stealers: [Stealer<u32>; 2],
}

impl Burst {
    /// Worker 0 has spawned three jobs. The thief, which is worker 1 while it runs `rob`, runs one, and worker 0 takes
    /// one back. The third is in one deque or the other, and worker 2, with this permit, finds it.
    fn check(permit: SearchPermit, rob: fn(&Burst, &Worker<u32>)) {
        let [spawned, stolen] = [(); 2].map(|()| Worker::new_lifo());
        (0..3).for_each(|job| spawned.push(job));
        let stealers = [spawned.stealer(), stolen.stealer()];
        let burst = Arc::new(Burst { sleep: Sleep::new(4, 0), stealers });
        if permit == SearchPermit::Granted {
            assert_eq!(burst.sleep.begin_search(), SearchPermit::Granted);
        }
        let sleeper = {
            let burst = Arc::clone(&burst);
            thread::spawn(move || burst.fall_asleep(permit))
        };
        let thief = {
            let burst = Arc::clone(&burst);
            thread::spawn(move || rob(&burst, &stolen))
        };
        spawned.pop();
        thief.join().unwrap();
        sleeper.join().unwrap();
    }

    fn more_work(&self) -> usize {
        self.stealers.iter().filter(|stealer| !stealer.is_empty()).count()
    }

    fn look_round(&self) -> bool {
        self.stealers.iter().any(|stealer| matches!(stealer.steal(), Steal::Success(_)))
    }

    /// The steps of `Worker::idle_by` for worker 2, from its registration until it has found a job.
    fn fall_asleep(&self, mut permit: SearchPermit) {
        let mut found = false;
        while !found {
            self.sleep.register(2, IdleThread::Own, permit);
            found = self.look_round();
            if !found {
                self.sleep.parker(2).park();
            }
            assert_eq!(self.sleep.wake_up_at(2, IdleThread::Own, Wants::Nothing), WakeOutcome::Up);
            found = found || self.look_round();
            permit = SearchPermit::Granted;
        }
        self.sleep.end_search(|| self.more_work());
    }
}

fn rob_as_searcher(burst: &Burst, own: &Worker<u32>) {
    assert_eq!(burst.sleep.begin_search(), SearchPermit::Granted);
    let _ = burst.stealers[0].steal_batch_and_pop(own);
    burst.sleep.end_search(|| burst.more_work());
}

/// As in `yield_now`.
fn rob_uncounted(burst: &Burst, own: &Worker<u32>) {
    let _ = burst.stealers[0].steal_batch_and_pop(own);
    if !own.is_empty() {
        burst.sleep.work_published(Region::NONE);
    }
}

#[test]
fn what_the_last_searcher_leaves_of_a_batch_is_found_by_one_that_falls_asleep() {
    loom::model(|| Burst::check(SearchPermit::Refused, rob_as_searcher));
}

#[test]
fn what_one_of_two_searchers_leaves_of_a_batch_is_found_by_the_other() {
    loom::model(|| Burst::check(SearchPermit::Granted, rob_as_searcher));
}

#[test]
fn what_a_thief_that_is_not_counted_leaves_of_a_batch_is_found_by_one_that_falls_asleep() {
    loom::model(|| Burst::check(SearchPermit::Refused, rob_uncounted));
}
