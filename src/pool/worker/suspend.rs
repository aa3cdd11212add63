//! Giving a slot up, and coming back to it.
//!
//! A thread that blocks, or waits for long while there are jobs that must not run on top of its wait, is *suspended*:
//! it gives its slot up, to a standby thread or to the slot's own thread, and wants it back when it can go on. The
//! holder gives it back when it has nothing begun, or parks in a wait. Meanwhile an external caller takes any other
//! free slot.
//!
//! The holder may be blocked on a lock that the suspended thread holds. So when the holder has run one job for
//! [`SLOT_PATIENCE`], the first thread that waits for the slot goes on without it. That thread then runs only its own
//! job and jobs of its region, and thieves do not find its jobs. One thread more is active in the pool than it has
//! slots, and two have the same index.

use crate::job::Region;
use crate::job::latch::Wait;
use crate::pool::registry::{Kind, Shared, Tenure, Worker};
use crate::pool::sleep::{GaveWay, IdleThread, LongWait, Restriction, ReturnState, Returner, WakeOutcome, Wants};
use crate::pool::standby::Standby;
use crate::pool::tuning::{LONGEST_SLOT_PATIENCE, SLOT_PATIENCE, SLOT_PREFERENCE};
use crate::pool::worker::current::Absence;
use crate::sync::clock::Instant;
use crate::sync::unwind::AbortOnUnwind;
use crate::trace::{self, ThreadLabel};
use std::sync::Arc;

/// Brings a suspended thread back to its slot, also when the call panics.
#[derive(Debug)]
struct WayBack<'a> {
    worker: &'a Worker,
    /// While the thread is suspended it is no worker.
    _outside: Absence,
}

impl Drop for WayBack<'_> {
    fn drop(&mut self) {
        if !self.worker.registry().belongs_to_this_process() {
            // In the child no thread will give the slot back, and its state is undefined.
            drop(AbortOnUnwind { because: "a process that was forked off within `blocking` cannot return from it" });
        }
        self.worker.return_to_slot();
    }
}

/// Marks the slot's own thread as blocked while it lives.
#[derive(Debug)]
struct Blocked<'a> {
    shared: &'a Shared,
}

impl<'a> Blocked<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.set_own_blocks(true);
        Blocked { shared }
    }
}

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        self.shared.set_own_blocks(false);
    }
}

impl Worker {
    /// True if the thread holds its slot.
    #[inline]
    pub(crate) fn has_slot(&self) -> bool {
        self.tenure.get() != Tenure::None
    }

    /// The thread as one that waits at its slot with nothing begun.
    pub(super) fn as_idle(&self) -> IdleThread<'_> {
        match self.kind {
            Kind::Standby => IdleThread::Standby(&self.parker),
            Kind::Own | Kind::External => IdleThread::Own,
        }
    }

    /// Runs `f`, which may block, while another thread may have the slot.
    pub(crate) fn suspended<R>(&self, f: impl FnOnce() -> R) -> R {
        let blocked = (self.kind == Kind::Own).then(|| Blocked::begin(self.shared()));
        if !self.give_up_slot() {
            drop(blocked);
            return f();
        }
        let _back = WayBack { worker: self, _outside: Absence::begin() };
        f()
    }

    /// Gives the slot to another thread until the latch is open, or there is mail for this one. Returns false if there
    /// is no such thread.
    pub(super) fn hand_over_until(&self, latch: &dyn Wait) -> bool {
        if !self.give_up_slot() {
            return false;
        }
        self.come_back(latch);
        true
    }

    /// The way back of a thread that has lost its slot: parks until the latch is open, or there is mail, and returns to
    /// the slot.
    pub(super) fn come_back(&self, latch: &dyn Wait) {
        let _back = WayBack { worker: self, _outside: Absence::begin() };
        self.park_until(&LatchOrMail { latch, worker: self });
    }

    /// Lets another thread have the slot for one job. Returns true if there was such a thread.
    pub(super) fn yield_slot(&self) -> bool {
        if !self.give_up_slot() {
            return false;
        }
        self.registry().sleep().pass_on(|| self.registry().more_work());
        drop(WayBack { worker: self, _outside: Absence::begin() });
        true
    }

    fn park_until(&self, latch: &dyn Wait) {
        while latch.fall_asleep() {
            self.parker.park();
            latch.wake_up();
        }
    }

    /// True if another thread can have the slot while this one waits.
    pub(super) fn may_give_up_slot(&self) -> bool {
        let registry = self.registry();
        // In a job, but not in one of an isolated call, nor pinned.
        self.nesting.get() > 0
            && self.has_slot()
            && !self.region().is_isolated()
            && self.pinned.get() == 0
            && registry.belongs_to_this_process()
            && registry.has_thread_of_its_own(self)
    }

    fn give_up_slot(&self) -> bool {
        if !self.may_give_up_slot() {
            return false;
        }
        let standby = match self.kind {
            // The slot's own thread waits for the slot.
            Kind::External => None,
            Kind::Own | Kind::Standby => match self.registry().find_standby(self.index()) {
                Some(standby) => Some(standby),
                None => return false,
            },
        };
        // The next holder finds these forks in the deque.
        self.publish_all();
        match standby {
            Some(standby) => self.hand_to(&standby),
            None => self.release_slot(),
        }
        true
    }

    /// Leaves the thread in its job without its slot, as at the end of its patience.
    #[cfg(all(test, loom))]
    pub(super) fn lose_slot_for_model(&self) {
        assert!(self.give_up_slot());
        self.registry().sleep().goes_on_without(self.index());
    }

    fn hand_to(&self, standby: &Arc<Standby>) {
        self.tenure.set(Tenure::None);
        standby.send_to(self.index());
    }

    fn release_slot(&self) {
        debug_assert!(!self.has_private_fork(), "nobody else could run it");
        self.leaves();
        self.tenure.set(Tenure::None);
        self.registry().give_slot_up(self.index());
    }

    /// Waits until the thread has its slot again, or goes on without it.
    fn return_to_slot(&self) {
        let mut state = self.registry().sleep().return_to(self.index(), &self.parker, self.returner());
        if state == ReturnState::Waiting {
            state = if cfg!(loom) { self.wait_for_slot() } else { self.wait_for_slot_patiently() };
        }
        if state == ReturnState::Granted {
            self.has_returned();
        }
    }

    fn wait_for_slot(&self) -> ReturnState {
        let sleep = self.registry().sleep();
        while sleep.return_state(self.index(), &self.parker) == ReturnState::Waiting {
            self.parker.park();
        }
        ReturnState::Granted
    }

    fn wait_for_slot_patiently(&self) -> ReturnState {
        let sleep = self.registry().sleep();
        let mut seen = sleep.progress(self.index());
        let mut begun = Instant::now();
        loop {
            let patience = SLOT_PATIENCE.saturating_mul(1 << seen.without.min(16)).min(LONGEST_SLOT_PATIENCE);
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                match sleep.has_waited(self.index(), &self.parker, seen) {
                    LongWait::Granted => return ReturnState::Granted,
                    LongWait::Without => return ReturnState::Waiting,
                    LongWait::Again(progress) => (seen, begun) = (progress, Instant::now()),
                }
                continue;
            }
            self.parker.park_for(if self.is_external() { left.min(SLOT_PREFERENCE) } else { left });
            if sleep.return_state(self.index(), &self.parker) == ReturnState::Granted || self.has_taken_another_slot() {
                return ReturnState::Granted;
            }
        }
    }

    /// An external caller that waits for its slot takes another free one, if there is one; its index changes with that.
    /// Returns true if the caller has a slot now.
    fn has_taken_another_slot(&self) -> bool {
        if !self.is_external() {
            return false;
        }
        let registry = self.registry();
        let Some(other) = registry.sleep().lease() else { return false };
        if registry.sleep().stop_waiting(self.index(), &self.parker) == ReturnState::Granted {
            registry.give_slot_up(other);
        } else {
            self.index.set(other);
        }
        true
    }

    /// A worker without a slot takes it if no thread is active there.
    pub(super) fn try_to_return(&self) {
        if self.has_slot() || !self.registry().belongs_to_this_process() {
            return;
        }
        if self.registry().sleep().try_to_return(self.index(), &self.parker, self.returner()) == ReturnState::Granted {
            self.has_returned();
        }
    }

    fn returner(&self) -> Returner {
        if self.is_external() { Returner::External } else { Returner::InJob }
    }

    fn has_returned(&self) {
        self.tenure.set(Tenure::Returned);
        self.slot().set_holder(self);
        self.works();
    }

    /// Parks in a wait within a job. The thread keeps its slot, unless it is not bound and another thread wants the
    /// slot back.
    pub(super) fn rest(&self, kind: Restriction) {
        if kind == Restriction::Bound {
            return self.parker.park();
        }
        let sleep = self.registry().sleep();
        sleep.rest(self.index());
        self.parker.park();
        if !sleep.stop_resting(self.index()) {
            self.tenure.set(Tenure::None);
        }
    }

    /// From here on the thread keeps its slot even if it blocks or waits: it holds an internal lock that a job may
    /// block on.
    pub(crate) fn pin(&self) {
        self.pinned.set(self.pinned.get() + 1);
    }

    /// Ends what [`Worker::pin`] has begun.
    pub(crate) fn unpin(&self) {
        self.pinned.set(self.pinned.get() - 1);
    }
}

/// The steps of a thread with nothing begun.
impl Worker {
    /// The thread, which holds its slot, gives it to the first thread that wants it back, if there is one.
    pub(super) fn give_way(&self, latch: &dyn Wait) -> AtBottom {
        let gave_way = self.registry().sleep().give_way(self.index(), self.as_idle());
        if gave_way == GaveWay::ToNone {
            return AtBottom::Holds;
        }
        // The next holder returns to a job of its own, and leaves the jobs in the deque to others.
        self.registry().sleep().pass_on(|| self.registry().more_work());
        self.tenure.set(Tenure::None);
        if gave_way == GaveWay::Dismissed { AtBottom::Dismissed } else { self.wait_away(latch) }
    }

    /// A thread with nothing begun has ended a job without its slot. The slot's own thread waits for the slot; a
    /// standby thread leaves.
    pub(super) fn settle(&self, latch: &dyn Wait) -> AtBottom {
        if self.kind == Kind::Standby {
            self.registry().sleep().standby_leaves(self.index());
            return AtBottom::Dismissed;
        }
        if self.registry().sleep().settle(self.index()) {
            self.tenure.set(Tenure::Held);
            self.slot().set_holder(self);
            self.works();
            return AtBottom::Holds;
        }
        self.wait_away(latch)
    }

    /// An idle thread sleeps until it has its slot, or is dismissed.
    fn wait_away(&self, latch: &dyn Wait) -> AtBottom {
        // The thread goes on when it has the slot, also if the latch is open.
        _ = latch.fall_asleep();
        let outcome = if self.wants() == Wants::Slot { self.wake_up(Wants::Slot) } else { WakeOutcome::Away };
        let outcome = if outcome == WakeOutcome::Away { self.sleep_registered(None) } else { self.arrive(outcome) };
        latch.wake_up();
        if outcome == AtBottom::Holds {
            self.works();
            self.registry().sleep().end_search(|| self.registry().more_work());
        }
        outcome
    }

    /// Whether an idle thread that is away wants its slot.
    pub(super) fn wants(&self) -> Wants {
        if self.has_mail() || self.kind == Kind::Own && self.shared().terminate().probe() {
            Wants::Slot
        } else {
            Wants::Nothing
        }
    }

    /// A standby thread, near the bottom of its stack of `stack_size` bytes, takes a slot, and works there until it is
    /// dismissed.
    pub(crate) fn stand_in(&self, index: usize, stack_size: usize, arrived: impl FnOnce()) {
        let guard = AbortOnUnwind { because: "a panic escaped from a job on a thread that stands in for another" };
        self.index.set(index);
        self.tenure.set(Tenure::Held);
        debug_assert!(self.region() == Region::NONE && self.nesting.get() == 0);
        self.begin(stack_size);
        trace::set_label(ThreadLabel::Standby);
        arrived();
        self.work_until(&Never);
        std::mem::forget(guard);
    }
}

/// The state of a thread with nothing begun.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtBottom {
    /// It holds its slot.
    Holds,
    /// It is a standby thread that is dismissed: another thread has the slot.
    Dismissed,
}

/// The condition that a suspended thread waits for: its latch is open, or it has mail, which it alone can run.
struct LatchOrMail<'a> {
    latch: &'a dyn Wait,
    worker: &'a Worker,
}

impl Wait for LatchOrMail<'_> {
    fn probe(&self) -> bool {
        self.worker.has_mail() || self.latch.probe()
    }

    fn fall_asleep(&self) -> bool {
        !self.worker.has_mail() && self.latch.fall_asleep()
    }

    fn wake_up(&self) {
        self.latch.wake_up();
    }
}

/// A latch that does not open.
#[derive(Debug)]
struct Never;

impl Wait for Never {
    fn probe(&self) -> bool {
        false
    }

    fn fall_asleep(&self) -> bool {
        true
    }

    fn wake_up(&self) {}
}
