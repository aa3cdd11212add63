//! Slots: the places in a pool at which threads are active.
//!
//! A pool of n has n slots. A thread that holds one is *active*: it has the slot's index, it may run jobs, and thieves find
//! its jobs there. What a thread needs for its own frames is its [`Worker`]; what others find stays with the slot when one
//! thread takes the place of another.

use crate::job::latch::{OnceLatch, SamePool};
use crate::job::{JobRef, Region};
use crate::pool::job_list::JobList;
use crate::pool::registry::Registry;
use crate::pool::worker::fifo::Fifo;
use crate::pool::worker::hold_off::HoldOff;
use crate::pool::worker::{Kind, Order, Worker, current};
use crate::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use crate::sync::deque;
use crate::sync::parker::Parker;
use crate::sync::stack;
use crossbeam_utils::CachePadded;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

/// One slot of a pool.
///
/// 1. At any moment at most one thread holds a slot (`Sleep`, invariant 4). It alone touches `deque`.
/// 2. `holder` is null or points to a worker of the same registry, which keeps all its workers until it goes: so a thief may
///    look at it, though it may have given the slot up.
/// 3. `caller` belongs to the external caller that has set `caller_is_used`, and to the holder of the slot while that is not
///    set.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The holder's end of the public deque: spawned jobs and published forks.
    deque: deque::Worker<JobRef>,
    /// Where in the deque's shadow `spawn_fifo` queues.
    fifo: Fifo,
    index: usize,
    /// In which order the deque gives its jobs.
    order: Order,
    /// The worker of the slot's own thread.
    own: Worker,
    /// The worker of an external caller.
    caller: Worker,
    caller_is_used: AtomicBool,
    shared: CachePadded<Shared>,
}

/// The part of a slot that other threads reach.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The thieves' end of the public deque.
    pub(super) stealer: deque::Stealer<JobRef>,
    /// Who is active here, or was last.
    holder: AtomicPtr<Worker>,
    /// Jobs for the slot's own thread and no other: broadcasts, in the order that all threads of the pool get them in.
    pub(super) mailbox: JobList,
    /// Whether the slot's own thread is in a blocking call, so that a standby thread runs what is posted.
    own_blocks: AtomicBool,
    /// Opens when the pool has no more work and no handle.
    terminate: OnceLatch<SamePool>,
    /// Whether thieves may take the oldest public job at once.
    pub(super) hold_off: HoldOff,
}

// SAFETY: the fields that are not `Sync` (the deque's end, and the workers' cells) are reached by one thread at a time, by
// invariants 1 and 3; what one did is visible to the next (`Sleep`, invariant 4, and `caller_is_used`).
unsafe impl Sync for Slot {}
// SAFETY: as above.
unsafe impl Send for Slot {}

impl Slot {
    /// The slot `index` of the pool that `registry` will be; the pointer is not followed here.
    pub(crate) fn new(index: usize, registry: *const Registry, order: Order, parker: &Arc<Parker>) -> Self {
        let deque = match order {
            Order::YoungestFirst => deque::Worker::new_lifo(),
            Order::OldestFirst => deque::Worker::new_fifo(),
        };
        // SAFETY: the latch is in the pool that the parker belongs to; who opens it keeps the registry alive.
        let waker = unsafe { SamePool::new(parker) };
        let shared = Shared {
            stealer: deque.stealer(),
            holder: AtomicPtr::new(ptr::null_mut()),
            mailbox: JobList::new(),
            own_blocks: AtomicBool::new(false),
            terminate: OnceLatch::new(waker),
            hold_off: HoldOff::new(),
        };
        Slot {
            deque,
            fifo: Fifo::new(Region::NONE),
            index,
            order,
            own: Worker::new(Kind::Own, Some(index), registry, Arc::clone(parker)),
            caller: Worker::new(Kind::External, Some(index), registry, Arc::new(Parker::new())),
            caller_is_used: AtomicBool::new(false),
            shared: CachePadded::new(shared),
        }
    }

    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// The queue behind `spawn_fifo`.
    pub(crate) fn fifo(&self) -> &Fifo {
        &self.fifo
    }

    /// The rest of what other threads reach.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The worker of the slot's own thread.
    pub(crate) fn own(&self) -> &Worker {
        &self.own
    }

    /// The holder's end of the deque. For the holder alone.
    #[inline]
    pub(super) fn deque(&self) -> &deque::Worker<JobRef> {
        &self.deque
    }

    /// The calling thread, which holds the slot from here on, is found by thieves.
    #[inline]
    pub(super) fn set_holder(&self, worker: &Worker) {
        let holder = ptr::from_ref(worker).cast_mut();
        if self.shared.holder.load(Ordering::Relaxed) != holder {
            // Release: a thief that finds the worker sees it made.
            self.shared.holder.store(holder, Ordering::Release);
            // Threads that have requested work here so far have asked another thread.
            worker.request().make();
        }
    }
}

impl Shared {
    /// The worker that is active here, or was last.
    #[inline]
    pub(crate) fn holder(&self) -> Option<&Worker> {
        // SAFETY: invariant 2.
        unsafe { self.holder.load(Ordering::Acquire).as_ref() }
    }

    /// The region of the job that runs here; `NONE` if nobody has come yet.
    #[inline]
    pub(super) fn region(&self) -> Region {
        self.holder().map_or(Region::NONE, Worker::region)
    }

    /// Asks whoever is active here to publish.
    #[inline]
    pub(super) fn request(&self) {
        if let Some(holder) = self.holder() {
            holder.request().make();
        }
    }

    /// Leaves a job where only the slot's own thread finds it. The caller wakes the thread.
    pub(crate) fn post(&self, job: JobRef) {
        self.mailbox.push(job);
    }

    /// Whether anything has been posted to the slot's own thread.
    pub(crate) fn has_mail(&self) -> bool {
        !self.mailbox.is_empty()
    }

    /// Whether the slot's own thread is in a blocking call. Relaxed: a thread that posts a job takes the lock of the sleepers
    /// (`Sleep::notify`) before it loads this. A holder that took the lock before it, to sleep, came after the store, by
    /// `Standby::order`, so the load sees it; one that takes the lock later finds the job in its last look.
    pub(crate) fn own_blocks(&self) -> bool {
        self.own_blocks.load(Ordering::Relaxed)
    }

    /// For the slot's own thread.
    pub(super) fn set_own_blocks(&self, blocks: bool) {
        self.own_blocks.store(blocks, Ordering::Relaxed);
    }

    /// The latch that ends the main loop of the slot's own thread.
    pub(crate) fn terminate(&self) -> &OnceLatch<SamePool> {
        &self.terminate
    }
}

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
        let worker = self.records().take(self, Kind::External);
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
