//! What a worker's thread notes for the numbers of its slot, each in a line of the code that it is about.

use super::slot_meter::{Activity, Holder, Tallied};
use crate::job::JobRef;
use crate::pool::registry::Worker;

impl Worker {
    /// The thread is about to run a job that came from a queue.
    #[inline]
    pub(in crate::pool) fn count_job(&self) {
        self.count(Tallied::JobBegun, 1);
        self.does_more_than_a_light_call();
    }

    /// The thread has made so many private forks public.
    #[inline]
    pub(in crate::pool) fn count_published_forks(&self, published: usize) {
        self.count(Tallied::ForkPublished, published as u64);
    }

    /// The thread has taken a job out of another slot's deque.
    #[inline]
    pub(in crate::pool) fn count_steal(&self) {
        self.count(Tallied::Stolen, 1);
    }

    /// The thread has looked at all queues, and there was nothing for it.
    #[inline]
    pub(in crate::pool) fn count_empty_look(&self) -> Option<JobRef> {
        self.count(Tallied::EmptyLook, 1);
        None
    }

    /// The time of an external caller counts from here on. All other threads are at work already.
    ///
    /// A fork that is published unasked, as that of each `join` from outside is, does not tell: the clock would be read for
    /// it twice, which takes a fifth of the time of such a call.
    #[inline]
    pub(in crate::pool) fn does_more_than_a_light_call(&self) {
        if self.is_external() {
            self.works();
        }
    }

    /// The thread, if it holds its slot, is at work there from here on.
    #[inline]
    pub(crate) fn works(&self) {
        self.turn_to(Activity::Busy);
    }

    /// The thread, if it holds its slot, looks for work from here on.
    #[inline]
    pub(in crate::pool) fn searches(&self) {
        self.turn_to(Activity::Searching);
    }

    /// The thread has found no work and is about to park. If it holds its slot, it may free it after this.
    pub(in crate::pool) fn falls_asleep(&self) {
        self.count(Tallied::Parked, 1);
        self.turn_to(Activity::Asleep);
    }

    /// The thread has woken up.
    pub(in crate::pool) fn wakes_up(&self) {
        self.count(Tallied::WokenUp, 1);
        self.searches();
    }

    /// The thread, if it holds its slot, is about to give it up, to be taken by another.
    #[inline]
    pub(in crate::pool) fn leaves(&self) {
        if self.has_slot() {
            self.slot().meter.turn_to(Activity::Asleep, Holder::OfPool);
        }
    }

    #[inline]
    fn count(&self, event: Tallied, times: u64) {
        let meter = &self.slot().meter;
        if self.has_slot() { meter.count(event, times) } else { meter.count_beside(event, times) }
    }

    #[inline]
    fn turn_to(&self, activity: Activity) {
        if self.has_slot() {
            let by = if self.is_external() { Holder::External } else { Holder::OfPool };
            self.slot().meter.turn_to(activity, by);
        }
    }
}
