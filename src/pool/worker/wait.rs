//! What a worker does until a latch opens: its own work, other workers' work, then sleep.

use crate::job::JobRef;
use crate::job::latch::Wait;
use crate::pool::sleep::{SearchPermit, Wants};
use crate::pool::worker::Worker;
use crate::pool::worker::restricted::Policy;
use crate::pool::worker::sentinel::Sentinel;
use crate::pool::worker::suspend::AtBottom;
use crate::sync::atomic::spin_loop;
use crate::sync::clock::Instant;
use crate::sync::ticks::Ticks;
use crate::sync::unwind::AbortOnUnwind;
use std::time::Duration;

/// How long a worker searches at least before it sleeps: about what a wake-up costs, so that at worst it wastes as much
/// as it might have saved.
const SHORTEST_SEARCH: Duration = if cfg!(loom) { Duration::ZERO } else { Duration::from_micros(5) };

/// How long it searches at most.
pub(super) const LONGEST_SEARCH: Duration = Duration::from_micros(50);

/// In between it searches for this part of the time that it has worked since it was idle last: what follows upon much
/// work is likely to be much, and the waste stays small beside the work.
const SEARCHED_OF_WORKED: u32 = 16;

/// How long a worker looks for public jobs before it requests more, and between requests: a worker whose fork was taken
/// often waits for no longer than this, and a thief's share of a small job is not worth splitting again.
pub(super) const REQUEST_AFTER: Duration = Duration::from_nanos(500);

/// What a waiting worker does next.
#[must_use]
#[derive(Debug)]
pub(super) enum Next {
    Run(JobRef),
    /// Something has happened, the latch may be open.
    LookAgain,
    /// There is work that another thread may do in the worker's place.
    HandOver,
    /// The thread has nothing to do any more.
    End,
}

impl Worker {
    /// Works, or sleeps, until the latch is open.
    #[inline]
    pub(crate) fn wait_until(&self, latch: &dyn Wait) {
        if !latch.probe() {
            self.wait_until_slow(latch);
        }
    }

    /// How long to search, now that there is nothing more to do. Models look round once: how much time has passed would
    /// differ between two runs of the same interleaving.
    pub(super) fn search_time(&self) -> Duration {
        if cfg!(loom) {
            return Duration::ZERO;
        }
        let worked = Ticks::now().since(self.resumed_at.get()) / Ticks::PER_NANOSECOND;
        let worked = Duration::from_nanos(worked);
        (worked / SEARCHED_OF_WORKED).clamp(SHORTEST_SEARCH, LONGEST_SEARCH)
    }

    /// Takes note that there is something to do again.
    pub(super) fn resume(&self) {
        self.resumed_at.set(Ticks::now());
    }

    #[cold]
    fn wait_until_slow(&self, latch: &dyn Wait) {
        self.registry().check_process();
        // Jobs keep their panics to themselves. Should one get out all the same, frames that others still point into
        // would be unwound.
        let guard = AbortOnUnwind { because: "a panic escaped from a job while its thread waited for another" };
        self.publish_all();
        let policy = self.policy_of_wait();
        self.try_to_return();
        while !latch.probe() {
            let next = self.next(policy, latch);
            _ = self.go_on(next, latch);
        }
        std::mem::forget(guard);
    }

    /// With nothing begun: works, or sleeps, until the latch is open, or until it is a standby thread that is not needed.
    pub(crate) fn work_until(&self, latch: &dyn Wait) {
        self.registry().check_process();
        let guard = AbortOnUnwind { because: "a panic escaped from a job while its thread waited for another" };
        while !latch.probe() {
            let next = self.next(Policy::Any, latch);
            self.arrived();
            let has_run = matches!(next, Next::Run(_));
            let mut at_bottom = self.go_on(next, latch);
            // Not before it has run one: a thread that yields its slot wants that of it.
            if has_run {
                if !self.has_slot() {
                    at_bottom = self.settle(latch);
                } else if self.registry().sleep().has_returning() {
                    at_bottom = self.give_way(latch);
                }
            }
            if at_bottom == AtBottom::Dismissed {
                break;
            }
        }
        self.arrived();
        std::mem::forget(guard);
    }

    /// A job to run; or sleeps until there is something to look at, or the latch is open.
    pub(super) fn next(&self, policy: Policy, latch: &dyn Wait) -> Next {
        self.take_next(policy).map_or_else(|| self.idle(policy, latch), Next::Run)
    }

    /// Does what is next, for a wait for `latch`.
    fn go_on(&self, next: Next, latch: &dyn Wait) -> AtBottom {
        match next {
            Next::Run(job) => _ = self.run_if_any(Some(job)),
            Next::LookAgain => {}
            Next::HandOver => self.make_way(latch),
            Next::End => return AtBottom::Dismissed,
        }
        AtBottom::Holds
    }

    /// Lets another thread go on in the owner's place until the latch is open, because there is work that must not run on
    /// top of this wait. Where nobody can take the place it runs here all the same: in a pool of one it would run nowhere.
    #[cold]
    fn make_way(&self, latch: &dyn Wait) {
        if self.hand_over_until(latch) {
            return;
        }
        let job = if self.is_deep() {
            self.take_own(Policy::Any).or_else(|| self.idle_deep(latch))
        } else {
            self.take_next(Policy::Any).or_else(|| self.look_round(SearchPermit::Refused))
        };
        self.run_if_any(job);
    }

    /// Runs one job, the worker's own or another's, if there is one. An external caller lets another thread run what it must not
    /// run itself.
    pub(crate) fn run_one(&self) -> bool {
        self.publish_all();
        let policy = self.policy_of_yield();
        match policy {
            Policy::Any => self.run_if_any(self.take_next(policy).or_else(|| self.look_round_in_passing())),
            Policy::OwnRegion => self.run_one_of_region() || self.yield_slot(),
        }
    }

    /// Lets others have a turn, for a thread that would wait and need not: one job of its region runs on top, or another
    /// thread runs one in its place.
    pub(crate) fn give_turn(&self) {
        self.publish_all();
        let policy = self.policy_of_wait();
        if policy == Policy::OwnRegion && self.run_one_of_region() || self.yield_slot() {
            return;
        }
        if !self.is_bound() {
            self.run_one();
        }
    }

    fn run_one_of_region(&self) -> bool {
        self.run_if_any(self.take_own(Policy::OwnRegion).or_else(|| self.look_round_restricted()))
    }

    /// Runs one of the worker's own jobs if there is one.
    pub(crate) fn run_one_own(&self) -> bool {
        self.publish_all();
        self.run_if_any(self.take_own(self.policy_of_yield()))
    }

    fn run_if_any(&self, job: Option<JobRef>) -> bool {
        if let Some(job) = job {
            // SAFETY: it has just been taken from a queue.
            unsafe { self.execute(job) };
        }
        job.is_some()
    }

    /// Without work of its own: finds some elsewhere, or waits for the latch.
    fn idle(&self, policy: Policy, latch: &dyn Wait) -> Next {
        if policy == Policy::OwnRegion {
            return self.idle_restricted(latch);
        }
        if self.is_deep() {
            return self.idle_deep(latch).map_or(Next::LookAgain, Next::Run);
        }
        // What was put aside of its own comes before strangers' jobs.
        match self.take_deferred() {
            Some(job) => Next::Run(job),
            None => self.idle_as(self.registry().sleep().begin_search(), latch),
        }
    }

    /// As [`Worker::idle`], for a worker with nothing begun that is counted already.
    fn idle_as(&self, mut permit: SearchPermit, latch: &dyn Wait) -> Next {
        self.slab().settle();
        let sleep = self.registry().sleep();
        let time = self.search_time();
        let is_at_bottom = self.registry().is_at_bottom(self);
        // Where nobody forks a sentinel is of no use.
        let mut sentinel =
            (is_at_bottom && self.registry().keeps_sentinel() && sleep.take_activity()).then(Sentinel::new);
        let next = loop {
            if let Some(job) = self.search(latch, &mut permit, time) {
                break Next::Run(job);
            }
            if !latch.fall_asleep() {
                break Next::LookAgain;
            }
            sleep.register(self.index(), self.as_idle(), permit);
            self.arrived();
            // What is wanted only if its owner is held up the sentinel sees to.
            let is_sentinel = sentinel.as_ref().is_some_and(|sentinel| !sentinel.is_over());
            let last_look = self.look_round_closely(permit, is_sentinel);
            let at_bottom = if last_look.is_none() {
                // Whoever works must know that there is a sleeper to publish for, and wake. Made any earlier, by a
                // worker that was not counted as idle yet, the request might have been served with nothing.
                self.request_all();
                if is_at_bottom {
                    self.free_slot();
                }
                self.sleep_registered(sentinel.as_mut())
            } else {
                self.arrive(self.wake_up(Wants::Nothing))
            };
            permit = SearchPermit::Granted;
            latch.wake_up();
            if at_bottom == AtBottom::Dismissed {
                debug_assert!(last_look.is_none(), "a thread that has not freed its slot has it still");
                return Next::End;
            }
            if let Some(job) = last_look {
                break Next::Run(job);
            }
            // An external caller may have left something in the deque.
            if latch.probe() || self.has_pending() {
                break Next::LookAgain;
            }
        };
        self.resume();
        if permit == SearchPermit::Granted {
            sleep.end_search(|| self.registry().more_work());
        }
        next
    }

    /// Looks for work, and requests it, for a little while. `None` when the time is up or the latch is open.
    ///
    /// A worker that is not counted among the searchers tries to become one: those before it may have found something.
    fn search(&self, latch: &dyn Wait, permit: &mut SearchPermit, time: Duration) -> Option<JobRef> {
        let sleep = self.registry().sleep();
        let begun = Instant::now();
        let mut next_request = REQUEST_AFTER;
        while !latch.probe() {
            if *permit == SearchPermit::Refused {
                *permit = sleep.begin_search();
            }
            let job = match *permit {
                SearchPermit::Granted => self.look_round(*permit),
                SearchPermit::Refused => self.take_mail(),
            };
            if job.is_some() {
                return job;
            }
            let searched = begun.elapsed();
            if searched >= time {
                return None;
            }
            if searched >= next_request && *permit == SearchPermit::Granted {
                self.request_all();
                next_request = searched + REQUEST_AFTER;
            }
            spin_loop();
        }
        None
    }

    /// Too much of the stack is used to take on strangers' jobs, each of which may wait and steal in its turn. Waits
    /// for the latch, for mail, which only this worker can serve, or for a job of its own region that an external caller has put
    /// aside, which may be what it waits for; not counted as idle, so that nobody relies on it.
    fn idle_deep(&self, latch: &dyn Wait) -> Option<JobRef> {
        let begun = Instant::now();
        while begun.elapsed() < SHORTEST_SEARCH {
            if latch.probe() || self.has_mail() {
                return None;
            }
            spin_loop();
        }
        if !latch.fall_asleep() {
            return None;
        }
        let deferred = self.take_deferred();
        if deferred.is_none() && !self.has_mail() {
            self.parker.park();
        }
        latch.wake_up();
        deferred
    }
}
