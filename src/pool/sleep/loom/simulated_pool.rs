//! The simulated pool: stand-ins for the threads that use a pool's slots.
//!
//! A [`SimulatedPool`] has a real sleep state, one real queue, and a real mailbox for slot 0. A cell stands for each
//! slot. The thread that holds the slot by the protocol writes it, and loom reports two writes that nothing orders. The
//! threads go through the steps of the workers; each function names the step that it stands for. A thread that is to
//! take one thing never looks again, so a job that it leaves behind is a deadlock.

use super::assert_nothing_is_left;
use crate::job::Region;
use crate::pool::sleep::{
    GaveUp, GaveWay, IdleThread, RestrictedSleeper, Restriction, ReturnState, Returner, SearchPermit, Sleep,
    WakeOutcome, WakeUp, Wants,
};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use crate::sync::parker::Parker;
use loom::cell::UnsafeCell;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// A pool with cells for slots.
pub(super) struct SimulatedPool {
    pub(super) sleep: Sleep,
    jobs: Injector<Found>,
    /// Slot 0's mailbox.
    mail: Injector<Found>,
    /// 1 when the pool has ended.
    ended: AtomicU32,
    slots: Vec<UnsafeCell<u32>>,
}

// SAFETY: loom checks the accesses to the cells.
unsafe impl Sync for SimulatedPool {}
// SAFETY: as above.
unsafe impl Send for SimulatedPool {}

/// What a thread finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Job(u32),
    Mail,
    End,
}

impl SimulatedPool {
    /// A pool of `slots` slots. The threads of the first `asleep` of them sleep, and their slots are free; the other
    /// threads are at work.
    pub(super) fn new(slots: usize, asleep: usize) -> Arc<Self> {
        let pool = SimulatedPool {
            sleep: Sleep::new(slots, 0),
            jobs: Injector::new(),
            mail: Injector::new(),
            ended: AtomicU32::new(0),
            slots: (0..slots).map(|_| UnsafeCell::new(0)).collect(),
        };
        for index in 0..asleep {
            pool.sleep.register(index, IdleThread::Own, SearchPermit::Refused);
            pool.sleep.free_slot(index);
        }
        Arc::new(pool)
    }

    /// A pool of `slots` slots; all threads sleep, and the first slot is cached.
    pub(super) fn cached(slots: usize) -> Arc<Self> {
        let pool = SimulatedPool::new(slots, slots);
        assert!(pool.call() && pool.sleep.counters.load(Ordering::Relaxed).cached() == Some(0));
        pool
    }

    /// Stands for an access that only the holder of the slot may make.
    pub(super) fn use_slot(&self, index: usize) {
        // SAFETY: loom checks that no other thread accesses the cell.
        self.slots[index].with_mut(|uses| unsafe { *uses += 1 });
    }

    pub(super) fn publish(&self, job: u32, region: Region) {
        self.jobs.push(Found::Job(job));
        self.sleep.work_published(region);
    }

    pub(super) fn post(&self) {
        self.mail.push(Found::Mail);
        self.sleep.notify(0);
    }

    pub(super) fn end(&self) {
        self.ended.store(1, Ordering::Release);
        for index in 0..self.slots.len() {
            self.sleep.notify(index);
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire) == 1
    }

    fn has_mail(&self, index: usize) -> bool {
        index == 0 && !self.mail.is_empty()
    }

    pub(super) fn more_work(&self) -> usize {
        usize::from(!self.jobs.is_empty())
    }

    pub(super) fn take_job(&self) -> Option<Found> {
        take(&self.jobs)
    }

    pub(super) fn assert_nothing_is_left(&self) {
        assert_nothing_is_left(&self.sleep);
    }

    pub(super) fn start<R: 'static>(
        self: &Arc<Self>,
        run: impl FnOnce(&SimulatedPool) -> R + 'static,
    ) -> JoinHandle<R> {
        let pool = Arc::clone(self);
        thread::spawn(move || run(&pool))
    }

    /// Starts the thread of a slot, which sleeps; the slot is free or leased. The thread takes one job or mail.
    pub(super) fn start_sleeper(self: &Arc<Self>, index: usize) -> JoinHandle<Found> {
        self.start(move |pool| pool.sleep_on(index))
    }

    /// Starts the thread of slot 0, which sleeps. The thread works until the pool ends.
    pub(super) fn start_own(self: &Arc<Self>, mut run: impl FnMut(Found) -> Tenure + 'static) -> JoinHandle<()> {
        self.start(move |pool| {
            assert_eq!(pool.sleep_registered(0, IdleThread::Own), WakeOutcome::Up);
            let found = pool.look_as_searcher(0, IdleThread::Own);
            pool.work(0, IdleThread::Own, found, &mut run);
        })
    }
}

fn take(queue: &Injector<Found>) -> Option<Found> {
    if queue.is_empty() {
        return None;
    }
    match queue.steal() {
        Steal::Success(found) => Some(found),
        Steal::Empty | Steal::Retry => None,
    }
}

/// Whether a thread has its slot when its job has ended.
pub(super) enum Tenure {
    Held,
    None,
}

/// The steps of a thread that has nothing begun.
impl SimulatedPool {
    fn look(&self, index: usize, thread: IdleThread<'_>) -> Option<Found> {
        if matches!(thread, IdleThread::Standby(_)) {
            return self.take_job();
        }
        if self.has_ended() {
            return Some(Found::End);
        }
        if index == 0 { take(&self.mail).or_else(|| self.take_job()) } else { self.take_job() }
    }

    /// As `Worker::wants`.
    fn wants(&self, index: usize, thread: IdleThread<'_>) -> Wants {
        let is_called = matches!(thread, IdleThread::Own) && (self.has_mail(index) || self.has_ended());
        if is_called { Wants::Slot } else { Wants::Nothing }
    }

    /// As `Worker::idle_by`: searches, and sleeps, until there is a job or mail. `None` if the thread is dismissed.
    pub(super) fn idle(&self, index: usize, thread: IdleThread<'_>, mut permit: SearchPermit) -> Option<Found> {
        loop {
            self.use_slot(index);
            self.sleep.register(index, thread, permit);
            let last_look = self.look(index, thread);
            if let Some(found) = last_look {
                assert_eq!(self.sleep.wake_up_at(index, thread, Wants::Nothing), WakeOutcome::Up);
                self.sleep.end_search(|| self.more_work());
                return Some(found);
            }
            self.use_slot(index);
            self.sleep.free_slot(index);
            if self.sleep_registered(index, thread) == WakeOutcome::Dismissed {
                return None;
            }
            if let Some(found) = self.look_as_searcher(index, thread) {
                return Some(found);
            }
            permit = SearchPermit::Granted;
        }
    }

    fn look_as_searcher(&self, index: usize, thread: IdleThread<'_>) -> Option<Found> {
        let found = self.look(index, thread);
        if found.is_some() {
            self.sleep.end_search(|| self.more_work());
        }
        found
    }

    fn sleep_registered(&self, index: usize, thread: IdleThread<'_>) -> WakeOutcome {
        loop {
            match thread {
                IdleThread::Own => self.sleep.parker(index).park(),
                IdleThread::Standby(parker) => parker.park(),
            }
            match self.sleep.wake_up_at(index, thread, self.wants(index, thread)) {
                WakeOutcome::Away => {}
                outcome => {
                    if outcome == WakeOutcome::Up {
                        self.use_slot(index);
                    }
                    return outcome;
                }
            }
        }
    }

    /// Continues as the slot's own thread after it has fallen asleep.
    fn sleep_on(&self, index: usize) -> Found {
        assert_eq!(self.sleep_registered(index, IdleThread::Own), WakeOutcome::Up);
        let found = self.look_as_searcher(index, IdleThread::Own);
        let found = found.or_else(|| self.idle(index, IdleThread::Own, SearchPermit::Granted));
        found.expect("no slot's own thread is dismissed")
    }

    /// As `Worker::work_until`: works until the pool ends, or until the thread, a standby thread, is dismissed. It
    /// begins with `found`; if that is `None`, it is counted as searching.
    pub(super) fn work(
        &self,
        index: usize,
        thread: IdleThread<'_>,
        found: Option<Found>,
        run: &mut dyn FnMut(Found) -> Tenure,
    ) {
        let mut next = found.or_else(|| self.idle(index, thread, SearchPermit::Granted));
        while let Some(found) = next {
            if found == Found::End {
                return;
            }
            self.use_slot(index);
            if !self.end_job(index, thread, run(found)) {
                return;
            }
            next = self.next(index, thread);
        }
    }

    /// As `Worker::search` and `idle_by`, for a thread that has its slot.
    pub(super) fn next(&self, index: usize, thread: IdleThread<'_>) -> Option<Found> {
        let permit = self.sleep.begin_search();
        let found = if permit == SearchPermit::Granted { self.look_as_searcher(index, thread) } else { None };
        found.or_else(|| self.idle(index, thread, permit))
    }

    /// As `Worker::stand_in` and its end: a standby thread works at a slot until it is dismissed.
    pub(super) fn stand_in(&self, index: usize, parker: &Arc<Parker>, run: &mut dyn FnMut(Found) -> Tenure) {
        let thread = IdleThread::Standby(parker);
        self.use_slot(index);
        if let Some(found) = self.next(index, thread) {
            self.work(index, thread, Some(found), run);
        }
        self.sleep.dismissed_came_home();
    }

    /// A job has ended. Returns true if the thread has its slot, false if it is dismissed.
    pub(super) fn end_job(&self, index: usize, thread: IdleThread<'_>, tenure: Tenure) -> bool {
        match tenure {
            Tenure::None => match thread {
                IdleThread::Standby(_) => {
                    self.sleep.goes_on_without(index);
                    self.sleep.standby_leaves(index);
                    false
                }
                IdleThread::Own => {
                    self.sleep.goes_on_without(index);
                    if !self.sleep.settle(index) {
                        self.wait_away(index, thread);
                    }
                    self.use_slot(index);
                    true
                }
            },
            Tenure::Held if self.sleep.has_returning() => self.give_way(index, thread),
            Tenure::Held => true,
        }
    }

    fn give_way(&self, index: usize, thread: IdleThread<'_>) -> bool {
        self.use_slot(index);
        match self.sleep.give_way(index, thread) {
            GaveWay::ToNone => return true,
            GaveWay::Dismissed => {
                self.sleep.pass_on(|| self.more_work());
                return false;
            }
            GaveWay::Away => self.sleep.pass_on(|| self.more_work()),
        }
        self.wait_away(index, thread)
    }

    /// As `Worker::wait_away`.
    fn wait_away(&self, index: usize, thread: IdleThread<'_>) -> bool {
        let mut outcome = WakeOutcome::Away;
        if self.wants(index, thread) == Wants::Slot {
            outcome = self.sleep.wake_up_at(index, thread, Wants::Slot);
        }
        if outcome == WakeOutcome::Away {
            outcome = self.sleep_registered(index, thread);
        }
        if outcome == WakeOutcome::Up {
            self.sleep.end_search(|| self.more_work());
        }
        outcome == WakeOutcome::Up
    }
}

/// The steps of a thread that has something begun.
impl SimulatedPool {
    /// As `SlotLease`: an external caller leases a slot, if one is free, and gives it back. Returns true if it had one.
    pub(super) fn call(&self) -> bool {
        let Some(index) = self.sleep.lease() else { return false };
        self.use_slot(index);
        self.give_back(index);
        true
    }

    /// As `Registry::give_slot_back` for a slot that was held throughout.
    pub(super) fn give_back(&self, index: usize) {
        let gave_up = self.sleep.give_back(index);
        self.look_after(index, gave_up);
    }

    /// As `Registry::give_slot_back` for a slot that was returned to, and as `Registry::give_slot_up`.
    pub(super) fn release(&self, index: usize) {
        let gave_up = self.sleep.release(index);
        self.look_after(index, gave_up);
    }

    /// As `Registry::look_after` in a pool without standby threads.
    fn look_after(&self, index: usize, gave_up: GaveUp) {
        match gave_up {
            GaveUp::ToAnother => {}
            GaveUp::MustLook => (0..self.more_work()).for_each(|_| self.sleep.wake_another()),
            GaveUp::Unattended => self.sleep.abandon(index),
        }
        if self.has_mail(index) || self.has_ended() {
            self.sleep.notify(index);
        }
    }

    /// As `Worker::hand_over_until`: an external caller gives its slot up until the event has happened, and comes back.
    pub(super) fn leave_until(&self, index: usize, event: &Event) {
        self.use_slot(index);
        self.release(index);
        event.wait();
        self.return_to(index, &event.parker, Returner::External);
    }

    /// As `Worker::return_to_slot`, without patience.
    pub(super) fn return_to(&self, index: usize, parker: &Arc<Parker>, kind: Returner) {
        if self.sleep.return_to(index, parker, kind) == ReturnState::Waiting {
            while self.sleep.return_state(index, parker) == ReturnState::Waiting {
                parker.park();
            }
        }
        self.use_slot(index);
    }

    /// As `Worker::rest` and the steps after it, for a thread in a job: parks until the event has happened.
    pub(super) fn rest_until(&self, index: usize, event: &Event) {
        while !event.has_happened() {
            self.use_slot(index);
            self.sleep.rest(index);
            event.parker.park();
            if self.sleep.stop_resting(index) {
                self.use_slot(index);
            } else {
                event.wait();
                self.return_to(index, &event.parker, Returner::InJob);
            }
        }
    }

    /// As `Worker::idle_by` for `JobOfRegion`: waits in an isolated call, or in a job, for a job in the queue. Where a
    /// thread in a job would hand its slot over for a job, this takes the job itself. A thread at slot 0 also looks at
    /// the mail; if it finds some it passes on the wake-up that it had.
    pub(super) fn wait_restricted(&self, kind: Restriction, index: usize, region: Region) -> Found {
        let parker = Arc::clone(self.sleep.parker(index));
        self.sleep.restricted_waits(kind);
        let mut wake_up;
        let found = loop {
            self.sleep.register_restricted(RestrictedSleeper { parker: Arc::clone(&parker), kind, region });
            let last_look = self.look(index, IdleThread::Own);
            if last_look.is_none() {
                parker.park();
            }
            wake_up = self.sleep.restricted_wakes_up(&parker);
            if let Some(found) = last_look.or_else(|| self.look(index, IdleThread::Own)) {
                break found;
            }
        };
        self.sleep.restricted_goes_on(kind);
        if wake_up == WakeUp::ByPublisher && found == Found::Mail {
            self.sleep.pass_on(|| self.more_work());
        }
        found
    }
}

/// An event that a thread waits for, and the parker at which it waits.
pub(super) struct Event {
    pub(super) parker: Arc<Parker>,
    has_happened: AtomicU32,
}

impl Event {
    pub(super) fn new() -> Arc<Self> {
        Self::at(&Arc::new(Parker::new()))
    }

    pub(super) fn at(parker: &Arc<Parker>) -> Arc<Self> {
        Arc::new(Event { parker: Arc::clone(parker), has_happened: AtomicU32::new(0) })
    }

    pub(super) fn happen(&self) {
        self.has_happened.store(1, Ordering::Release);
        self.parker.notify();
    }

    pub(super) fn has_happened(&self) -> bool {
        self.has_happened.load(Ordering::Acquire) == 1
    }

    pub(super) fn wait(&self) {
        while !self.has_happened() {
            self.parker.park();
        }
    }
}
