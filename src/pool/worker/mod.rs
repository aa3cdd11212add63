//! Layer 2: one worker of a pool, its two queues and its doorbell.
//!
//! | file          | concept                                                             |
//! |---------------|---------------------------------------------------------------------|
//! | `current`     | which worker the calling thread is                                  |
//! | `head`        | what a thread touches at every fork                                 |
//! | `join_stack`  | the private stack of forks                                          |
//! | `request`        | how idle workers ask a busy one to publish                          |
//! | `publish`     | from the private stack to the public deque, and back                |
//! | `steal`       | looking for work elsewhere                                          |
//! | `wait`        | what a worker does until a latch opens                              |
//! | `fifo`        | spawns that run in the order they were made                         |
//! | `external`       | a thread that has borrowed the worker's slot                        |
//! | `restricted`  | what those do who may run only jobs of their region while they wait |
//! | `priority`    | when a worker turns to jobs of high and low priority                |
//! | `relay`       | threads that are its owner in turn, because some of them block      |
//! | `absentees`   | those of them who will come back                                    |
//! | `sentinel`       | the sleeper that looks for forks by itself                          |
//! | `stack_depth` | how much of the thread's stack is used                              |
//!
//! The states of a fork and the argument for the orderings are in `README.md`.

mod absentees;
pub(crate) mod current;
pub(crate) mod fifo;
pub(crate) mod guest;
mod head;
mod hold_off;
mod join_stack;
mod priority;
pub(crate) mod publish;
pub(crate) mod relay;
pub(crate) mod restricted;
mod sentinel;
mod stack_depth;
pub(crate) mod steal;
pub(crate) mod steal_request;
mod wait;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use self::absentees::Absentees;
use self::fifo::Fifo;
use self::head::WorkerHead;
use self::hold_off::HoldOff;
use self::publish::Worth;
use self::stack_depth::Threshold;
use self::steal_request::StealRequest;
use crate::job::latch::{OnceLatch, SamePool};
use crate::job::slab::Slab;
use crate::job::{JobRef, Region, RunningRegion};
use crate::pool::job_list::JobList;
use crate::pool::registry::Registry;
use crate::pool::sleep::Sleep;
use crate::sync::deque;
use crate::sync::parker::Parker;
use crate::sync::rng::XorShift64Star;
use crate::sync::ticks::Ticks;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::sync::Arc;

/// One worker: the place in a pool that a thread works at.
///
/// 1. At any moment at most one thread *owns* a worker: its [`current`] is this worker. Only the owner has a
///    `&Worker`; everybody else goes through [`Registry::shared`] and [`Registry::request`].
/// 2. A worker lives in its registry, which outlives every owner's stay.
///
/// The head comes first: a pointer to a worker is a pointer to its head.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Worker {
    head: WorkerHead,
    /// What the last part of a loop was that ran here.
    last_worth: Cell<Worth>,
    /// How many calls of the request the owners have answered.
    answers: Cell<u32>,
    /// How many more forks may be published before a thief must make again.
    credit: Cell<usize>,
    /// How many jobs the owner has taken while some of low priority waited.
    passed_low: Cell<u32>,
    /// The owner's end of the public deque: spawned jobs and published forks.
    deque: deque::Worker<JobRef>,
    /// Where in the deque's shadow `spawn_fifo` queues.
    fifo: Fifo,
    /// Whether the owner is an external caller; for the owner, as all that is not in `shared`.
    is_external: Cell<bool>,
    /// Where the deep part of the owner's stack begins, and where that of the worker's own thread does.
    deep: Cell<Threshold>,
    /// When the owner was idle last.
    resumed_at: Cell<Ticks>,
    own_deep: Cell<Threshold>,
    /// How many jobs from queues run on the owner's stack, one above the other; an external caller's call counts as one.
    nesting: Cell<usize>,
    rng: XorShift64Star,
    /// Memory for the jobs that the owner spawns, and the way back for those that it runs.
    slab: Slab,
    index: usize,
    /// In which order the deque gives its jobs.
    order: Order,
    registry: *const Registry,
    /// The threads that were the owner, and will be it again.
    absentees: Absentees,
    /// Whether the owner is a standby.
    is_standby: Cell<bool>,
    /// Whether the worker's own thread is absent in a wait, and comes back for its mail.
    mail_is_left: Cell<bool>,
    /// Not zero while the owner holds something of ours that a job may block on: then it stays the owner though it
    /// blocks.
    pinned: Cell<usize>,
    shared: CachePadded<Shared>,
}

/// In which order a worker takes its own public jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As a stack: depth first.
    YoungestFirst,
    /// As a queue: breadth first, for those who still ask for it.
    OldestFirst,
}

/// The part of a worker that other threads reach.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The thieves' end of the public deque.
    stealer: deque::Stealer<JobRef>,
    /// Jobs for this worker and no other: broadcasts, in the order that all workers of the pool get them in.
    mailbox: JobList,
    /// Opens when the pool has no more work and no handle.
    terminate: OnceLatch<SamePool>,
    /// Whether thieves may take the oldest public job at once.
    hold_off: HoldOff,
    /// The region of the job that runs.
    running: RunningRegion,
    /// Where the worker's own thread parks.
    parker: Arc<Parker>,
}

// SAFETY: by invariant 1 the fields that are not `Sync` (cells, the deque's owner's end) are reached by one thread at
// a time, through the only `&Worker`; ownership passes between threads with a thread's start or a lock.
unsafe impl Sync for Worker {}
// SAFETY: as above; the pointer to the registry is good on every thread by invariant 2.
unsafe impl Send for Worker {}

impl Worker {
    /// The worker `index` of the pool that `registry` will be; the pointer is not followed here.
    pub(crate) fn new(index: usize, registry: *const Registry, order: Order, parker: &Arc<Parker>) -> Self {
        let deque = match order {
            Order::YoungestFirst => deque::Worker::new_lifo(),
            Order::OldestFirst => deque::Worker::new_fifo(),
        };
        // SAFETY: the latch is in the pool that the parker belongs to; who opens it keeps the registry alive.
        let waker = unsafe { SamePool::new(parker) };
        let shared = Shared {
            stealer: deque.stealer(),
            mailbox: JobList::new(),
            terminate: OnceLatch::new(waker),
            hold_off: HoldOff::new(),
            running: RunningRegion::new(),
            parker: Arc::clone(parker),
        };
        Worker {
            head: WorkerHead::new(),
            last_worth: Cell::new(Worth::Inline),
            answers: Cell::new(0),
            credit: Cell::new(0),
            passed_low: Cell::new(0),
            deque,
            fifo: Fifo::new(Region::NONE),
            is_external: Cell::new(false),
            deep: Cell::new(Threshold::UNKNOWN),
            resumed_at: Cell::new(Ticks::ZERO),
            own_deep: Cell::new(Threshold::UNKNOWN),
            nesting: Cell::new(0),
            rng: XorShift64Star::new(index),
            slab: Slab::new(),
            index,
            order,
            registry,
            absentees: Absentees::new(),
            is_standby: Cell::new(false),
            mail_is_left: Cell::new(false),
            pinned: Cell::new(0),
            shared: CachePadded::new(shared),
        }
    }

    /// Called by the worker's own thread, or by one that stands in for it, when it comes, near the bottom of its stack
    /// of `stack_size` bytes.
    pub(crate) fn begin(&self, stack_size: usize) {
        self.own_deep.set(Threshold::below(stack_size));
        self.deep.set(self.own_deep.get());
    }

    /// Whether the owner has used so much of its stack that it should not take on strangers' jobs.
    fn is_deep(&self) -> bool {
        self.deep.get().is_passed()
    }

    /// This worker's place in its pool, from 0.
    #[inline]
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The pool that this worker belongs to.
    #[inline]
    pub(crate) fn registry(&self) -> &Registry {
        // SAFETY: invariant 2; nobody makes a `&mut Registry`.
        unsafe { &*self.registry }
    }

    /// The region of the job that runs on this worker.
    #[inline]
    pub(crate) fn region(&self) -> Region {
        self.shared.running.get()
    }

    /// How many jobs from queues run on the owner's stack, one above the other.
    #[inline]
    pub(crate) fn nesting(&self) -> usize {
        self.nesting.get()
    }

    /// Whether the owner is an external caller, not the worker's own thread.
    #[inline]
    pub(crate) fn is_external(&self) -> bool {
        self.is_external.get()
    }

    /// The parker of the thread that owns this worker.
    pub(crate) fn parker(&self) -> &Arc<Parker> {
        if self.is_external.get() { self.registry().sleep().caller_parker(self.index) } else { &self.shared.parker }
    }

    /// Where the owner's spawns find memory.
    pub(crate) fn slab(&self) -> &Slab {
        &self.slab
    }

    /// The queue behind `spawn_fifo`.
    pub(crate) fn fifo(&self) -> &Fifo {
        &self.fifo
    }

    /// The request that other threads make.
    pub(crate) fn request(&self) -> &StealRequest {
        &self.head.request.0
    }

    /// The rest of what other threads reach.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Makes a job visible to everybody, the youngest of this worker's. One of an isolated region goes where all who
    /// wait in the region find it, whatever this worker turns to next.
    #[inline]
    pub(crate) fn push(&self, job: JobRef) {
        self.push_and_tell(job, Sleep::work_published);
    }

    /// The same for a job that its owner comes back for, as for a fork.
    pub(crate) fn push_offer(&self, job: JobRef) {
        self.push_and_tell(job, Sleep::forks_published);
    }

    #[inline]
    fn push_and_tell(&self, job: JobRef, tell: impl FnOnce(&Sleep, Region)) {
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        if region.is_isolated() {
            return self.defer(job);
        }
        self.hold_nothing_back();
        self.deque.push(job);
        tell(self.registry().sleep(), region);
    }

    /// Whether a fork is on the join stack.
    fn has_private_fork(&self) -> bool {
        !self.head.stack.is_empty()
    }

    /// Whether this worker has forked or spawned anything that has not begun to run.
    pub(crate) fn has_pending(&self) -> bool {
        !self.deque.is_empty() || !self.head.stack.is_empty()
    }

    /// How many public jobs of this worker's there are.
    pub(crate) fn public_jobs(&self) -> usize {
        self.deque.len()
    }

    /// Runs a job that came from a queue.
    ///
    /// # Safety
    ///
    /// The job was taken out of a queue, so that no other copy of it will be executed.
    pub(crate) unsafe fn execute(&self, job: JobRef) {
        // SAFETY: passed on to the caller.
        unsafe { self.execute_in(job.region(), job) };
    }

    /// As [`Worker::execute`], for a job that the calling frame waits for: in an isolated call it is a part of that.
    ///
    /// # Safety
    ///
    /// As there.
    pub(crate) unsafe fn execute_within(&self, job: JobRef) {
        let region = if self.region().is_isolated() { self.region() } else { job.region() };
        // SAFETY: passed on to the caller.
        unsafe { self.execute_in(region, job) };
    }

    /// # Safety
    ///
    /// As for [`Worker::execute`].
    unsafe fn execute_in(&self, region: Region, job: JobRef) {
        let outer = self.shared.running.replace(region);
        let nesting = self.nesting.get();
        self.nesting.set(nesting + 1);
        // SAFETY: passed on to the caller. It does not unwind, so the region is always restored.
        unsafe { job.execute(&self.slab) };
        self.nesting.set(nesting);
        self.shared.running.replace(outer);
    }
}

impl Shared {
    /// Puts a job where only this worker finds it. The caller wakes the worker.
    pub(crate) fn post(&self, job: JobRef) {
        self.mailbox.push(job);
    }

    /// Whether anything has been posted to the worker.
    pub(crate) fn has_mail(&self) -> bool {
        !self.mailbox.is_empty()
    }

    /// The latch that ends this worker's main loop.
    pub(crate) fn terminate(&self) -> &OnceLatch<SamePool> {
        &self.terminate
    }
}
