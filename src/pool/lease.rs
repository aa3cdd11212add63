//! Leases of slots to external callers: threads from outside that work in the pool themselves for the time of a call.

use crate::job::Region;
use crate::job::latch::Wait;
use crate::pool::registry::{Kind, Registry, Tenure, Worker};
use crate::pool::tuning::EXTERNAL_STACK_LEFT;
use crate::pool::worker::current;
use crate::pool::worker::stack_depth::Threshold;
use crate::sync::atomic::Ordering;
use crate::sync::stack;
use std::marker::PhantomData;

/// The lease of a slot to an external caller: a thread that is no worker works in the pool itself, instead of handing its call
/// over. Dropping it, also by a panic, gives the slot back.
///
/// 1. It stays on the thread that made it, which was no worker, and is this one meanwhile.
/// 2. A worker of another pool that the thread is in between is left before.
#[derive(Debug)]
pub(crate) struct SlotLease<'r>(&'r Worker, PhantomData<*mut ()>);

impl Registry {
    /// Whether the calling thread, which is no worker, may be leased a slot. Not one with less stack than the pool's threads
    /// have: a call that runs there may need all of it.
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
        // Acquire: pairs with the release of an external caller that ended without its slot.
        let worker = if slot.caller_is_used.load(Ordering::Acquire) {
            self.another_caller(slot.index)
        } else {
            slot.caller_is_used.store(true, Ordering::Relaxed);
            &slot.caller
        };
        worker.begin_call();
        slot.set_holder(worker);
        // SAFETY: the worker is this thread's alone, and by invariants 1 and 2 it is left, in `drop`, before it is given back;
        // the registry, and the worker in it, is borrowed for as long.
        unsafe { current::enter(worker) };
        let lease = SlotLease(worker, PhantomData);
        if slot.shared.has_mail() {
            // It came before this call, and is for the slot's own thread.
            drop(lease);
            return None;
        }
        Some(lease)
    }

    /// A worker for an external caller where that of the slot is used: by a caller that has given the slot up for now.
    #[cold]
    fn another_caller(&self, index: usize) -> &Worker {
        let worker = self.take_record(Kind::External);
        worker.set_index(index);
        worker
    }

    /// The external caller has ended.
    #[inline]
    fn put_back_caller(&self, worker: &Worker) {
        match worker.made_for() {
            Some(index) => {
                worker.set_index(index);
                // Release: the next caller may come without the slot having passed from this thread to it.
                self.slot(index).caller_is_used.store(false, Ordering::Release);
            }
            None => self.records().put_back(worker),
        }
    }
}

impl SlotLease<'_> {
    /// The worker that the calling thread is.
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
            // Forked off during the call: it was the parent's slot.
            return;
        }
        let (index, tenure) = (worker.index(), worker.end_call());
        registry.put_back_caller(worker);
        registry.give_slot_back(index, tenure);
    }
}

impl Registry {
    /// An external caller has ended, and gives its slot back as its tenure says.
    #[inline]
    pub(super) fn give_slot_back(&self, index: usize, tenure: Tenure) {
        let must_look = match tenure {
            Tenure::Held => self.sleep.give_back(index),
            Tenure::Returned => self.sleep.release(index),
            Tenure::None => {
                self.sleep.needs_no_slot(index);
                false
            }
        };
        self.look_after(index, must_look);
    }

    /// An external caller gives its slot up for now.
    pub(super) fn give_slot_up(&self, index: usize) {
        let must_look = self.sleep.release(index);
        self.look_after(index, must_look);
    }

    #[inline]
    fn look_after(&self, index: usize, must_look: bool) {
        if must_look {
            for _ in 0..self.more_work() {
                self.sleep.wake_another();
            }
        }
        // What the slot's own thread was called for while it was away.
        let shared = self.shared(index);
        if shared.has_mail() || shared.terminate().probe() {
            self.sleep.notify(index);
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
    }

    /// It ends the call, with nothing begun. The answer is what it has of its slot.
    #[inline]
    pub(super) fn end_call(&self) -> Tenure {
        debug_assert!(self.head.stack.is_empty(), "joins nest within the call");
        self.running.replace(Region::NONE);
        self.tenure.get()
    }
}
