//! Seats: a thread from outside works in the place of a sleeping worker, instead of handing over and waiting.
//!
//! A pool of n workers has n slots. Only a worker that sleeps with nothing begun lends its own, so that never more than n
//! threads work, and each has an index of its own. The states of a slot are in `sleep/README.md`.

use crate::job::latch::Wait;
use crate::pool::registry::Registry;
use crate::pool::worker::Worker;
use crate::pool::worker::current;
use std::marker::PhantomData;

/// A borrowed slot, and the worker whose it is; dropping it, also by a panic, gives it back.
///
/// 1. It stays on the thread that borrowed it, which was no worker, and owns this one meanwhile.
/// 2. A worker of another pool that the thread comes to own in between is given up before.
#[derive(Debug)]
pub(crate) struct SlotLease<'r>(&'r Worker, PhantomData<*mut ()>);

impl Registry {
    /// Makes the calling thread, which is no worker, the external caller of a sleeping worker.
    #[inline]
    pub(crate) fn lease_slot(&self) -> Option<SlotLease<'_>> {
        if !self.leases_slots() {
            return None;
        }
        let worker = self.worker_of_caller(self.sleep().lease()?);
        worker.receive_caller();
        // SAFETY: the slot is lent to this thread alone, and by invariants 1 and 2 it gives up the ownership, in `drop`, before
        // the slot; the registry, and the worker in it, is borrowed for as long.
        unsafe { current::enter(worker) };
        let slot = SlotLease(worker, PhantomData);
        if worker.shared().has_mail() {
            // It came before this call, and is for the worker's own thread.
            drop(slot);
            return None;
        }
        Some(slot)
    }
}

impl SlotLease<'_> {
    /// The worker whose slot it is.
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
        let (registry, shared) = (worker.registry(), worker.shared());
        if !registry.belongs_to_this_process() {
            // Forked off during the call: it was the parent's slot.
            return;
        }
        let sleep = registry.sleep();
        worker.see_caller_off();
        if sleep.give_back(worker.index()) {
            for _ in 0..registry.more_work() {
                sleep.wake_another();
            }
        }
        // What the worker's own thread was called for while it was away.
        if shared.has_mail() || shared.terminate().probe() {
            sleep.notify(worker.index());
        }
    }
}
