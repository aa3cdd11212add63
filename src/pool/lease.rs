//! Leases of slots to external callers: threads from outside that work in the pool for the time of a call.

use crate::job::Region;
use crate::job::latch::Wait;
use crate::pool::registry::{Kind, Registry, Tenure, Worker};
use crate::pool::sleep::GaveUp;
use crate::pool::tuning::EXTERNAL_STACK_LEFT;
use crate::pool::worker::current;
use crate::pool::worker::stack_depth::Threshold;
use crate::sync::atomic::Ordering;
use crate::sync::stack;
use crate::trace;
use std::marker::PhantomData;

/// The lease of a slot to an external caller: a thread that is no worker works in the pool itself, instead of injecting
/// its call. Dropping the lease, also during a panic, gives the slot back.
///
/// 1. It stays on the thread that made it. That thread was no worker before, and is this worker meanwhile.
/// 2. If the thread becomes a worker of another pool during the lease, it leaves that pool before this one.
#[derive(Debug)]
pub(crate) struct SlotLease<'r>(&'r Worker, PhantomData<*mut ()>);

impl Registry {
    /// True if the calling thread, which is no worker, may be leased a slot. It needs as much free stack as the pool's
    /// threads have, because a call that runs there may use all of it.
    #[inline]
    pub(crate) fn may_lease(&self) -> bool {
        self.leases_slots() && stack::is_roomy()
    }

    /// Leases a free slot to the calling thread, which is no worker.
    #[inline]
    pub(crate) fn lease_slot(&self) -> Option<SlotLease<'_>> {
        if !self.may_lease() {
            return None;
        }
        let slot = self.slot(self.sleep().lease()?);
        // Acquire: pairs with the release in `put_back_caller`, by an external caller that ended without its slot.
        let worker = if slot.caller_is_used.load(Ordering::Acquire) {
            self.another_caller(slot.index)
        } else {
            slot.caller_is_used.store(true, Ordering::Relaxed);
            &slot.caller
        };
        worker.begin_call();
        slot.set_holder(worker);
        slot.meter.lease();
        // SAFETY: the worker is this thread's alone, and by invariants 1 and 2 the thread leaves it, in `drop`, before
        // it is given back. The registry, and the worker in it, is borrowed for as long.
        unsafe { current::enter(worker) };
        let lease = SlotLease(worker, PhantomData);
        if slot.shared.has_mail() {
            // Mail that came before this call is for the slot's own thread, which needs the slot.
            drop(lease);
            return None;
        }
        Some(lease)
    }

    /// A worker for an external caller if the slot's `caller` is in use, by a caller that has given the slot up for
    /// now.
    #[cold]
    fn another_caller(&self, index: usize) -> &Worker {
        let worker = self.take_record(Kind::External);
        worker.set_index(index);
        worker
    }

    /// Frees the worker of an external caller that has ended.
    #[inline]
    fn put_back_caller(&self, worker: &Worker) {
        match worker.made_for() {
            Some(index) => {
                worker.set_index(index);
                // Release: the next caller may get this worker without the slot having passed from this thread to it.
                self.slot(index).caller_is_used.store(false, Ordering::Release);
            }
            None => self.records().put_back(worker),
        }
    }
}

impl SlotLease<'_> {
    /// The worker that the calling thread is during the lease.
    #[inline]
    pub(crate) fn worker(&self) -> &Worker {
        self.0
    }
}

impl Drop for SlotLease<'_> {
    #[inline]
    fn drop(&mut self) {
        // The thread stops being the worker before another may be.
        current::leave();
        let worker = self.0;
        let registry = worker.registry();
        if !registry.belongs_to_this_process() {
            // This process was forked off during the call: the slot is the parent's.
            return;
        }
        worker.leaves();
        let (index, tenure) = (worker.index(), worker.end_call());
        registry.put_back_caller(worker);
        registry.give_slot_back(index, tenure);
    }
}

impl Registry {
    /// Gives the slot of an external caller that has ended back, as its tenure says.
    #[inline]
    pub(super) fn give_slot_back(&self, index: usize, tenure: Tenure) {
        let gave_up = match tenure {
            Tenure::Held => self.sleep.give_back(index),
            Tenure::Returned => self.sleep.release(index),
            Tenure::None => {
                self.sleep.needs_no_slot(index);
                GaveUp::ToAnother
            }
        };
        self.look_after(index, gave_up);
    }

    /// Gives the slot of an external caller up for now.
    pub(super) fn give_slot_up(&self, index: usize) {
        let gave_up = self.sleep.release(index);
        self.look_after(index, gave_up);
    }

    #[inline]
    fn look_after(&self, index: usize, gave_up: GaveUp) {
        match gave_up {
            GaveUp::ToAnother => {}
            GaveUp::MustLook => (0..self.more_work()).for_each(|_| self.sleep.wake_another()),
            GaveUp::Unattended => self.attend(index),
        }
        // The slot's own thread may have been notified of this while it was away.
        let shared = self.shared(index);
        if shared.has_mail() || shared.terminate().probe() {
            self.sleep.notify(index);
        }
    }

    /// Sends a standby thread to a slot that the caller holds, so that a thread is there for jobs to come.
    #[cold]
    fn attend(&self, index: usize) {
        match self.find_standby(index) {
            Some(standby) => standby.send_to(index),
            None => self.sleep.abandon(index),
        }
    }
}

impl Worker {
    /// An external caller begins a call.
    #[inline]
    pub(super) fn begin_call(&self) {
        debug_assert!(self.head.stack.is_empty() && self.pinned.get() == 0, "its last call has ended");
        self.tenure.set(Tenure::Held);
        self.deep.set(Threshold::below(EXTERNAL_STACK_LEFT));
        self.nesting.set(1);
        self.running.replace(Region::of_call_from_outside());
        trace::call_begins();
        self.capture_contexts_if_carried();
    }

    /// Ends the call, with nothing begun. Returns the worker's claim to its slot.
    #[inline]
    pub(super) fn end_call(&self) -> Tenure {
        debug_assert!(self.head.stack.is_empty(), "joins nest within the call");
        self.running.replace(Region::NONE);
        trace::call_ends();
        self.tenure.get()
    }
}
