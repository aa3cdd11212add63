//! Threads that want a slot back, threads that give way to them, and standby threads that are no longer needed.

use super::sleepers::{Notices, Sleep, Sleepers, remove};
use super::slots::{
    GaveUp, IdleThread, LongWait, Occupancy, Queued, ReturnState, Returner, Returning, SlotProgress, SlotState,
};
use crate::sync::atomic::Ordering;
use crate::sync::parker::Parker;
use std::sync::Arc;

/// Whether a thread has given way, and its own state afterwards.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveWay {
    /// No thread wants the slot back.
    ToNone,
    /// Another thread has the slot, and this one waits for it.
    Away,
    /// A thread that belongs there has the slot: the caller is a standby thread that is no longer needed.
    Dismissed,
}

impl Sleep {
    /// Queues an idle thread for the slot, behind the threads that came before.
    pub(super) fn queue_idle(&self, slot: &mut SlotState, index: usize, thread: IdleThread<'_>) {
        let queued = thread.as_queued();
        if queued == Queued::Own {
            // The own thread replaces a queued standby thread, which is dismissed when the own thread gets the slot.
            self.unqueue_idle(slot, Queued::Standby);
        }
        if slot.queued.is_none() {
            slot.queued = Some(queued);
            let parker = match thread {
                IdleThread::Own => &self.parkers[index],
                IdleThread::Standby(parker) => parker,
            };
            self.queue(slot, Returning { parker: Arc::clone(parker), kind: Returner::Idle });
        }
    }

    pub(super) fn unqueue_idle(&self, slot: &mut SlotState, queued: Queued) {
        if slot.queued == Some(queued) {
            slot.queued = None;
            slot.returning.retain(|returning| returning.kind != Returner::Idle);
            self.returning.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn queue(&self, slot: &mut SlotState, returning: Returning) {
        slot.returning.push_back(returning);
        self.returning.fetch_add(1, Ordering::Relaxed);
    }

    /// An external caller gives its slot up: it has ended, or waits.
    #[cold]
    pub(crate) fn release(&self, index: usize) -> GaveUp {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        if !slot.returning.is_empty() {
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
            return GaveUp::ToAnother;
        }
        if slot.is_attended() {
            slot.occupancy = Occupancy::Free;
            list.insert(0, index);
            let before = self.counters.came_back();
            drop(sleepers);
            return self.must_look(before);
        }
        if slot.resting == 0 {
            return GaveUp::Unattended;
        }
        // The earlier holder is parked in a wait, and is woken for work.
        slot.occupancy = Occupancy::Resting;
        GaveUp::ToAnother
    }

    /// Leaves a slot that is unattended, since no standby thread can be had: the slot's own thread takes it when it can go on.
    pub(crate) fn abandon(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        if slot.returning.is_empty() {
            slot.occupancy = if slot.resting > 0 { Occupancy::Resting } else { Occupancy::Free };
            return;
        }
        let notices = self.grant(slot, index);
        drop(sleepers);
        notices.send();
    }

    /// Hands the cached slot to a thread that wants it back.
    #[cold]
    pub(super) fn grant_cached(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        if !slot.returning.is_empty() && self.counters.return_to_cached(index) {
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
        }
    }

    /// Makes the first of the returning threads the holder of the slot.
    pub(super) fn grant(&self, slot: &mut SlotState, index: usize) -> Notices {
        let returning = slot.returning.pop_front().expect("the caller has looked");
        self.returning.fetch_sub(1, Ordering::Relaxed);
        let mut notices = Notices { granted: Some(returning.parker), dismissed: None };
        slot.occupancy = Occupancy::Held;
        slot.grants = slot.grants.wrapping_add(1);
        match returning.kind {
            Returner::Idle => {
                self.counters.granted();
                if slot.queued.take() == Some(Queued::Own) {
                    slot.own_is_idle = false;
                    notices.dismissed = self.dismiss(slot);
                } else {
                    slot.standby = None;
                    slot.standby_has_it = true;
                }
            }
            Returner::InJob => {
                notices.dismissed = self.dismiss(slot);
                if slot.own_is_idle {
                    // A standby thread that ends the job for which it got the slot back gives the slot to the own
                    // thread.
                    self.queue_idle(slot, index, IdleThread::Own);
                }
            }
            Returner::External => {}
        }
        notices
    }

    /// Dismisses the standby thread that waits for work here, if there is one. Returns its parker, for a notice.
    pub(super) fn dismiss(&self, slot: &mut SlotState) -> Option<Arc<Parker>> {
        let standby = slot.standby.take();
        if standby.is_some() {
            self.unqueue_idle(slot, Queued::Standby);
            self.dismissed.fetch_add(1, Ordering::Relaxed);
        }
        standby
    }

    /// A standby thread has ended a job without a slot, and is no longer needed.
    pub(crate) fn standby_leaves(&self, index: usize) {
        self.needs_no_slot(index);
        self.dismissed.fetch_add(1, Ordering::Relaxed);
    }

    /// A dismissed standby thread is back in the depot, and can be sent out again.
    pub(crate) fn dismissed_came_home(&self) {
        self.dismissed.fetch_sub(1, Ordering::Relaxed);
    }

    /// True if a dismissed standby thread is not back in the depot yet, which takes it some microseconds.
    pub(crate) fn is_standby_on_its_way(&self) -> bool {
        self.dismissed.load(Ordering::Relaxed) != 0
    }

    /// True if a thread waits for its slot. A hint, for threads between two jobs.
    #[inline]
    pub(crate) fn has_returning(&self) -> bool {
        self.returning.load(Ordering::Relaxed) != 0
    }

    /// A thread that holds the slot, with nothing begun, gives it to the first thread that wants it back, if any. If
    /// that thread is in a job, a standby thread that gives way is dismissed. Otherwise the thread that gives way stays
    /// at the slot, idle and away.
    pub(crate) fn give_way(&self, index: usize, thread: IdleThread<'_>) -> GaveWay {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        if slot.returning.is_empty() {
            return GaveWay::ToNone;
        }
        slot.set_idle(thread);
        let notices = self.grant(slot, index);
        let gave_way = if slot.is_idle(thread) { GaveWay::Away } else { GaveWay::Dismissed };
        drop(sleepers);
        notices.send();
        gave_way
    }

    /// The slot's own thread has ended a job without a slot, and has nothing begun. It takes the slot if no thread is
    /// active there, and returns true. Else it is idle, away, and queued for the slot.
    pub(crate) fn settle(&self, index: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        slot.without -= 1;
        let has_slot = self.take_unused(list, slot, index);
        if !has_slot {
            slot.own_is_idle = true;
            self.queue_idle(slot, index, IdleThread::Own);
            return false;
        }
        slot.occupancy = Occupancy::Held;
        let dismissed = self.dismiss(slot);
        drop(sleepers);
        Notices { granted: None, dismissed }.send();
        true
    }

    /// Takes the slot off the list if no thread uses it; returns true if the caller may have it. Leaves the cached slot
    /// alone.
    fn take_unused(&self, list: &mut Vec<usize>, slot: &SlotState, index: usize) -> bool {
        match slot.occupancy {
            // An idle thread that was woken has work to look for. It gives way before its next job.
            Occupancy::Free if slot.is_attended() => {
                let is_asleep = remove(list, index);
                if is_asleep {
                    self.counters.went_away();
                }
                is_asleep
            }
            Occupancy::Free | Occupancy::Resting => true,
            Occupancy::Held | Occupancy::Dozing => false,
        }
    }

    /// A thread in a job parks. It keeps its slot unless another thread wants it back.
    pub(crate) fn rest(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        slot.resting += 1;
        if slot.returning.is_empty() {
            slot.occupancy = Occupancy::Resting;
            return;
        }
        let notices = self.grant(slot, index);
        drop(sleepers);
        notices.send();
    }

    /// A thread that rested goes on. Returns true if it still has its slot.
    #[must_use]
    pub(crate) fn stop_resting(&self, index: usize) -> bool {
        let slot = &mut self.sleepers.lock().slots[index];
        slot.resting -= 1;
        let has_slot = slot.occupancy == Occupancy::Resting;
        if has_slot {
            slot.occupancy = Occupancy::Held;
        }
        has_slot
    }

    /// A thread that has given its slot up wants it back. If it is not granted the slot at once it is queued, and
    /// notified at `parker` when it is granted.
    pub(crate) fn return_to(&self, index: usize, parker: &Arc<Parker>, kind: Returner) -> ReturnState {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        let is_free = self.take_unused(list, slot, index);
        // The thread queues before it looks for the cached slot: a thread that leaves the slot cached later sees it
        // queued.
        self.queue(slot, Returning { parker: Arc::clone(parker), kind });
        let is_granted = is_free || slot.occupancy == Occupancy::Held && self.counters.return_to_cached(index);
        if !is_granted {
            return ReturnState::Waiting;
        }
        // Before the threads that came earlier: they wait for a holder to give way, and this thread has found none.
        let last = slot.returning.pop_back().expect("pushed just now");
        slot.returning.push_front(last);
        let notices = self.grant(slot, index);
        drop(sleepers);
        notices.send_to_dismissed();
        ReturnState::Granted
    }

    /// The state of the request of the thread that parks at `parker`.
    pub(crate) fn return_state(&self, index: usize, parker: &Arc<Parker>) -> ReturnState {
        match self.place_among_returning(&self.sleepers.lock(), index, parker) {
            Some(_) => ReturnState::Waiting,
            None => ReturnState::Granted,
        }
    }

    /// The slot's progress as a queued thread sees it now.
    pub(crate) fn progress(&self, index: usize) -> SlotProgress {
        self.sleepers.lock().slots[index].progress()
    }

    /// The thread has waited for long since it has `seen` the slot. It goes on without the slot if it is the first of
    /// the waiting threads (idle ones do not count), and the slot has not been granted meanwhile.
    pub(crate) fn has_waited(&self, index: usize, parker: &Arc<Parker>, seen: SlotProgress) -> LongWait {
        let mut sleepers = self.sleepers.lock();
        let Some(place) = self.place_among_returning(&sleepers, index, parker) else {
            return LongWait::Granted;
        };
        let slot = &mut sleepers.slots[index];
        let is_first = slot.returning.iter().take(place).all(|returning| returning.kind == Returner::Idle);
        if !is_first || slot.progress() != seen {
            return LongWait::Again(slot.progress());
        }
        slot.returning.remove(place);
        slot.without += 1;
        self.returning.fetch_sub(1, Ordering::Relaxed);
        LongWait::Without
    }

    /// A thread goes on without its slot.
    #[cfg(all(test, loom))]
    pub(crate) fn goes_on_without(&self, index: usize) {
        self.sleepers.lock().slots[index].without += 1;
    }

    /// The thread stops waiting, unless it has been granted its slot.
    pub(crate) fn stop_waiting(&self, index: usize, parker: &Arc<Parker>) -> ReturnState {
        let mut sleepers = self.sleepers.lock();
        let Some(place) = self.place_among_returning(&sleepers, index, parker) else {
            return ReturnState::Granted;
        };
        sleepers.slots[index].returning.remove(place);
        self.returning.fetch_sub(1, Ordering::Relaxed);
        ReturnState::Waiting
    }

    /// A thread without its slot takes it if no thread is active there.
    pub(crate) fn try_to_return(&self, index: usize, parker: &Arc<Parker>, kind: Returner) -> ReturnState {
        let mut state = self.return_to(index, parker, kind);
        if state == ReturnState::Waiting {
            state = self.stop_waiting(index, parker);
        }
        if state == ReturnState::Granted {
            self.needs_no_slot(index);
        }
        state
    }

    /// A thread that went on without its slot has it again, or has ended its job.
    pub(crate) fn needs_no_slot(&self, index: usize) {
        self.sleepers.lock().slots[index].without -= 1;
    }

    fn place_among_returning(&self, sleepers: &Sleepers, index: usize, parker: &Arc<Parker>) -> Option<usize> {
        let is_it = |returning: &Returning| Arc::ptr_eq(&returning.parker, parker) && returning.kind != Returner::Idle;
        sleepers.slots[index].returning.iter().position(is_it)
    }
}
