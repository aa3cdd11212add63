//! The one loop in which a worker waits for a latch: it runs its own jobs, then other workers' jobs, then sleeps.

use crate::job::JobRef;
use crate::job::latch::Wait;
use crate::pool::registry::Worker;
use crate::pool::sleep::{Restriction, SearchPermit};
use crate::pool::tuning::REQUEST_AFTER;
use crate::pool::worker::idle::{AnyJob, Idling, JobOfRegion, Next};
use crate::pool::worker::policy::Policy;
use crate::pool::worker::suspend::AtBottom;
use crate::sync::atomic::spin_loop;
use crate::sync::clock::Instant;
use crate::sync::unwind::AbortOnUnwind;
use crate::trace::{EventKind, Span};

impl Worker {
    /// Works, or sleeps, until the latch is open.
    #[inline]
    pub(crate) fn wait_until(&self, latch: &dyn Wait) {
        if !latch.probe() {
            self.wait_until_slow(latch);
        }
    }

    #[cold]
    fn wait_until_slow(&self, latch: &dyn Wait) {
        self.registry().check_process();
        let _span = Span::begin(EventKind::Wait);
        // Jobs catch their panics. If one escaped all the same, it would unwind frames that other threads still point
        // into.
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

    /// The main loop of a thread with nothing begun: works, or sleeps, until the latch is open, or until the thread is
    /// a standby thread that is dismissed.
    pub(crate) fn work_until(&self, latch: &dyn Wait) {
        self.registry().check_process();
        let guard = AbortOnUnwind { because: "a panic escaped from a job while its thread waited for another" };
        while !latch.probe() {
            let next = self.next(Policy::Any, latch);
            self.arrived();
            let has_run = matches!(next, Next::Run(_));
            let mut at_bottom = self.go_on(next, latch);
            // Only after the thread has run a job: a thread that yields its slot wants it to run one.
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

    /// A job to run; without one, sleeps until there may be one or the latch may be open.
    pub(super) fn next(&self, policy: Policy, latch: &dyn Wait) -> Next {
        self.take_next(policy).map_or_else(|| self.idle(policy, latch), Next::Run)
    }

    /// Does the next step of a wait for `latch`.
    fn go_on(&self, next: Next, latch: &dyn Wait) -> AtBottom {
        match next {
            Next::Run(job) => _ = self.run_if_any(Some(job)),
            Next::LookAgain => {}
            Next::HandOver => self.make_way(latch),
            Next::End => return AtBottom::Dismissed,
        }
        AtBottom::Holds
    }

    /// Lets another thread have the slot until the latch is open, because there is work that must not run on top of
    /// this wait. If there is no such thread the work runs here all the same: in a pool of one it would run nowhere
    /// else.
    #[cold]
    fn make_way(&self, latch: &dyn Wait) {
        if self.hand_over_until(latch) {
            return;
        }
        let is_deep = self.is_deep();
        let job =
            self.take_next(Policy::Any).or_else(|| if is_deep { None } else { self.look_round(SearchPermit::Refused) });
        if !self.run_if_any(job) && is_deep {
            let next = self.idle_by(&mut JobOfRegion::begin(self, Some(Restriction::Bound)), latch);
            _ = self.go_on(next, latch);
        }
    }

    /// Runs one job, the worker's own or another's, if there is one. An external caller lets another thread run a job
    /// that it must not run itself.
    pub(crate) fn run_one(&self) -> bool {
        self.publish_all();
        let policy = self.policy_of_yield();
        match policy {
            Policy::Any => self.run_if_any(self.take_next(policy).or_else(|| self.look_round(SearchPermit::Refused))),
            Policy::OwnRegion => self.run_one_of_region() || self.registry().more_work() > 0 && self.yield_slot(),
        }
    }

    /// Lets another job go first, for a thread that would wait and need not: one job of its region runs on top, or
    /// another thread runs a job in its slot.
    pub(crate) fn give_turn(&self) {
        self.publish_all();
        let is_in_job = self.policy_of_wait() == Policy::OwnRegion;
        if is_in_job && (self.run_one_of_region() || self.registry().more_work() == 0) || self.yield_slot() {
            return;
        }
        // No other thread can be had, as in `make_way`. Without the check for work above, a job that comes just now would run
        // on top of this frame though another thread could run it, and the job might wait for this frame.
        if !self.is_bound() {
            self.run_one();
        }
    }

    fn run_one_of_region(&self) -> bool {
        self.run_if_any(self.take_own(Policy::OwnRegion).or_else(|| self.look_round_in_region()))
    }

    /// Runs one of the worker's own jobs if there is one.
    pub(crate) fn run_one_own(&self) -> bool {
        self.publish_all();
        self.run_if_any(self.take_own(self.policy_of_yield()))
    }

    fn run_if_any(&self, job: Option<JobRef>) -> bool {
        if let Some(job) = job {
            // SAFETY: the job has just been taken from a queue.
            unsafe { self.execute(job) };
        }
        job.is_some()
    }

    /// Without a job of its own: finds one elsewhere, or waits for the latch.
    fn idle(&self, policy: Policy, latch: &dyn Wait) -> Next {
        self.slab().settle();
        // With more than half of the stack used, the thread runs no other workers' jobs, though it may: each of those
        // may wait and steal in turn.
        if policy == Policy::OwnRegion || self.is_deep() {
            return self.idle_by(&mut JobOfRegion::begin(self, self.restriction()), latch);
        }
        // Deferred jobs of its region come before other workers' jobs.
        match self.take_of_region() {
            Some(job) => Next::Run(job),
            None => self.idle_by(&mut AnyJob::begin(self), latch),
        }
    }

    /// The one loop of a thread that waits and has nothing to run: it searches, then sleeps.
    fn idle_by(&self, idling: &mut dyn Idling, latch: &dyn Wait) -> Next {
        let watches = !self.is_external() && self.registry().handlers().watch_sleeps();
        let mut is_told = false;
        let next = loop {
            if let Some(next) = Self::search(idling, latch) {
                break next;
            }
            if watches && !is_told {
                is_told = true;
                // Before the thread is counted as asleep, so that it is a worker as any other while the handler runs.
                self.as_job(|| self.registry().handlers().sleeps(self.index()));
            }
            if !latch.fall_asleep() {
                break Next::LookAgain;
            }
            idling.register();
            let found = idling.last_look(latch);
            let span = Span::begin(EventKind::Sleep);
            let at_bottom = idling.sleep(found.is_some());
            drop(span);
            latch.wake_up();
            if at_bottom == AtBottom::Dismissed {
                debug_assert!(found.is_none(), "a thread that has not freed its slot has it still");
                break Next::End;
            }
            if let Some(next) = found {
                break next;
            }
            if latch.probe() || idling.must_look_again() {
                break Next::LookAgain;
            }
        };
        idling.end(&next, latch);
        if is_told {
            self.as_job(|| self.registry().handlers().wakes(self.index()));
        }
        next
    }

    /// Looks for work, and makes steal requests, for a limited time. `None` if the time is up or the latch is open.
    fn search(idling: &mut dyn Idling, latch: &dyn Wait) -> Option<Next> {
        let begun = Instant::now();
        let mut next_request = REQUEST_AFTER;
        while !latch.probe() {
            if let Some(job) = idling.look() {
                return Some(Next::Run(job));
            }
            let searched = begun.elapsed();
            if !idling.searches_on(searched) {
                return idling.should_hand_over(latch).then_some(Next::HandOver);
            }
            if searched >= next_request {
                idling.request();
                next_request = searched + REQUEST_AFTER;
            }
            spin_loop();
        }
        None
    }
}
