//! The steps of `Worker::idle_by` for each policy: a thread that waits and has nothing to run.

use crate::job::JobRef;
use crate::job::latch::Wait;
use crate::pool::registry::{Shared, Worker};
use crate::pool::sleep::{RestrictedSleeper, Restriction, SearchPermit, WakeUp, Wants};
use crate::pool::tuning::{
    LONGEST_GAP_IN_PHASE, LONGEST_SEARCH, SEARCH_WITHIN_JOB, SEARCHED_OF_WORKED, SHORTEST_SEARCH,
};
use crate::pool::worker::gaps::OpenGap;
use crate::pool::worker::sentinel::Sentinel;
use crate::pool::worker::suspend::AtBottom;
use crate::sync::atomic::spin_loop;
use crate::sync::ticks::Ticks;
use std::sync::Arc;
use std::time::Duration;

/// The next step of a waiting worker.
#[must_use]
#[derive(Debug)]
pub(super) enum Next {
    Run(JobRef),
    /// There may be a job now, or the latch may be open.
    LookAgain,
    /// There is work that another thread may do in the worker's slot.
    HandOver,
    /// The worker's thread is a standby thread that is dismissed.
    End,
}

/// The steps of a wait, in their order. From `register` to the end of `sleep` the thread is counted as asleep.
pub(super) trait Idling {
    /// True if the thread, which has searched for that long, searches on before it sleeps.
    fn searches_on(&self, searched: Duration) -> bool;

    /// Looks once at every queue that the thread may take from.
    fn look(&mut self) -> Option<JobRef>;

    /// Makes steal requests to busy workers.
    fn request(&self);

    /// True if another thread should have the slot, now that the search was in vain.
    fn should_hand_over(&self, latch: &dyn Wait) -> bool;

    /// Registers the thread as about to sleep.
    fn register(&mut self);

    /// Looks once more.
    fn last_look(&mut self, latch: &dyn Wait) -> Option<Next>;

    /// Sleeps, unless the last look has found something, and wakes up.
    fn sleep(&mut self, has_found: bool) -> AtBottom;

    /// True if there may be a job close at hand now.
    fn must_look_again(&self) -> bool;

    /// Ends the wait; `next` is its result.
    fn end(&mut self, next: &Next, latch: &dyn Wait);
}

/// The wait of a thread that runs any job.
pub(super) struct AnyJob<'a> {
    worker: &'a Worker,
    permit: SearchPermit,
    begun: Ticks,
    /// How long the thread searches in every case, however the gap looks.
    least: Duration,
    gap: OpenGap,
    sentinel: Option<Sentinel>,
}

impl<'a> AnyJob<'a> {
    pub(super) fn begin(worker: &'a Worker) -> Self {
        worker.searches();
        let registry = worker.registry();
        // A sentinel is of use only where forks are published.
        let has_sentinel =
            registry.is_at_bottom(worker) && registry.keeps_sentinel() && registry.sleep().take_activity();
        let worked = worker.gaps.get().worked();
        AnyJob {
            worker,
            permit: registry.sleep().begin_search(),
            begun: Ticks::now(),
            least: (worked / SEARCHED_OF_WORKED).clamp(SHORTEST_SEARCH, LONGEST_SEARCH),
            gap: OpenGap::new(worker.gaps.get(), worked),
            sentinel: has_sentinel.then(Sentinel::new),
        }
    }
}

impl Idling for AnyJob<'_> {
    fn searches_on(&self, searched: Duration) -> bool {
        let sleep = self.worker.registry().sleep();
        searched < self.least
            || self.permit == SearchPermit::Granted
                && (searched < self.gap.search_time() && sleep.spares_processors()
                    || searched < LONGEST_GAP_IN_PHASE && sleep.is_in_phase())
    }

    /// A thread without a search permit tries to get one: a searcher may have found a job meanwhile.
    fn look(&mut self) -> Option<JobRef> {
        if self.permit == SearchPermit::Refused {
            self.permit = self.worker.registry().sleep().begin_search();
        }
        match self.permit {
            SearchPermit::Granted => self.worker.look_round(self.permit),
            SearchPermit::Refused => self.worker.take_mail(),
        }
    }

    fn request(&self) {
        if self.permit == SearchPermit::Granted {
            self.worker.request_all();
        }
    }

    fn should_hand_over(&self, _: &dyn Wait) -> bool {
        false
    }

    fn register(&mut self) {
        let worker = self.worker;
        worker.registry().sleep().register(worker.index(), worker.as_idle(), self.permit);
        worker.arrived();
    }

    fn last_look(&mut self, _: &dyn Wait) -> Option<Next> {
        // The sentinel looks later at jobs that are wanted only if their worker is held up.
        let is_sentinel = self.sentinel.as_ref().is_some_and(|sentinel| !sentinel.is_over());
        self.worker.look_round_closely(self.permit, is_sentinel).map(Next::Run)
    }

    fn sleep(&mut self, has_found: bool) -> AtBottom {
        let worker = self.worker;
        // After its wake-up the thread is counted as searching.
        self.permit = SearchPermit::Granted;
        if has_found {
            return worker.arrive(worker.wake_up(Wants::Nothing));
        }
        // Busy workers must know that there is a sleeper to publish for, and wake it. A request that was made before
        // this worker was counted as idle might have been served with no job.
        worker.request_all();
        worker.falls_asleep();
        if worker.registry().is_at_bottom(worker) {
            worker.free_slot();
        }
        let at_bottom = worker.sleep_registered(self.sentinel.as_mut());
        worker.wakes_up();
        self.gap.wakes_up(self.begun.elapsed());
        at_bottom
    }

    /// An external caller may have left a job in the slot's deque.
    fn must_look_again(&self) -> bool {
        self.worker.has_pending()
    }

    fn end(&mut self, next: &Next, _: &dyn Wait) {
        if matches!(next, Next::End) {
            return;
        }
        if matches!(next, Next::Run(_)) {
            self.worker.gaps.set(self.gap.end(self.begun.elapsed(), self.least));
        }
        self.worker.resume();
        if self.permit == SearchPermit::Granted {
            self.worker.registry().sleep().end_search(|| self.worker.registry().more_work());
        }
    }
}

/// The wait of a thread that runs only jobs of its region: within a job, in an isolated call, or of an external caller.
pub(super) struct JobOfRegion<'a> {
    worker: &'a Worker,
    /// `None` for an external caller that gives its slot up when its search was in vain, to the slot's own thread.
    restriction: Option<Restriction>,
    wake_up: WakeUp,
}

impl<'a> JobOfRegion<'a> {
    pub(super) fn begin(worker: &'a Worker, restriction: Option<Restriction>) -> Self {
        worker.searches();
        if let Some(restriction) = restriction {
            worker.registry().sleep().restricted_waits(restriction);
        }
        JobOfRegion { worker, restriction, wake_up: WakeUp::OfItsOwn }
    }

    /// As [`Idling::should_hand_over`], for a thread that will not look again soon: also waits for jobs in their
    /// hold-off.
    fn should_hand_over_at_last(&self, latch: &dyn Wait) -> bool {
        loop {
            if self.should_hand_over(latch) {
                return true;
            }
            let may_become_ready =
                self.restriction == Some(Restriction::InJob) && self.worker.strangers().any(Shared::has_public_job);
            if !may_become_ready || latch.probe() {
                return false;
            }
            spin_loop();
        }
    }
}

impl Idling for JobOfRegion<'_> {
    fn searches_on(&self, searched: Duration) -> bool {
        searched < SEARCH_WITHIN_JOB
    }

    fn look(&mut self) -> Option<JobRef> {
        self.worker.look_round_in_region()
    }

    fn request(&self) {
        if !self.worker.is_deep() {
            self.worker.request_of_helpers();
        }
    }

    /// True if there are jobs that this thread must not run, but that the thread which takes the slot may run.
    fn should_hand_over(&self, latch: &dyn Wait) -> bool {
        match self.restriction {
            None => !latch.probe(),
            Some(Restriction::InJob) => !latch.probe() && self.worker.has_foreign_work(),
            Some(Restriction::Bound) => false,
        }
    }

    fn register(&mut self) {
        let worker = self.worker;
        if let Some(kind) = self.restriction {
            let sleeper = RestrictedSleeper { parker: Arc::clone(worker.parker()), kind, region: worker.region() };
            worker.registry().sleep().register_restricted(sleeper);
        }
    }

    fn last_look(&mut self, latch: &dyn Wait) -> Option<Next> {
        let job = self.worker.look_round_in_region().map(Next::Run);
        job.or_else(|| self.should_hand_over_at_last(latch).then_some(Next::HandOver))
    }

    fn sleep(&mut self, has_found: bool) -> AtBottom {
        let Some(restriction) = self.restriction else { return AtBottom::Holds };
        if !has_found {
            self.request();
            self.worker.falls_asleep();
            self.worker.rest(restriction);
            self.worker.wakes_up();
        }
        self.wake_up = self.worker.registry().sleep().restricted_wakes_up(self.worker.parker());
        AtBottom::Holds
    }

    fn must_look_again(&self) -> bool {
        !self.worker.has_slot()
    }

    fn end(&mut self, next: &Next, latch: &dyn Wait) {
        let worker = self.worker;
        worker.works();
        let Some(restriction) = self.restriction else { return };
        let sleep = worker.registry().sleep();
        sleep.restricted_goes_on(restriction);
        if self.wake_up == WakeUp::ByPublisher && !matches!(next, Next::HandOver) {
            sleep.pass_on(|| worker.registry().more_work());
        }
        if restriction == Restriction::InJob && !worker.has_slot() {
            worker.come_back(latch);
        }
    }
}

impl Worker {
    /// Notes the time at which the worker has work again.
    pub(super) fn resume(&self) {
        self.gaps.set(self.gaps.get().resume());
        self.works();
    }

    /// The restriction of a thread that runs only jobs of its region. `None` for an external caller that can give its
    /// slot up.
    pub(super) fn restriction(&self) -> Option<Restriction> {
        if self.is_external() && self.may_give_up_slot() {
            return None;
        }
        let may_hand_over = self.nesting.get() > 0 && !self.is_bound() && self.has_slot() && self.pinned.get() == 0;
        Some(if may_hand_over { Restriction::InJob } else { Restriction::Bound })
    }
}
