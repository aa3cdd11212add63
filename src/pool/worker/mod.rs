//! Layer 2: a worker, which is a thread's own record in a pool: its private forks, its region, what it knows of itself.
//!
//! | file            | concept                                                             |
//! |-----------------|---------------------------------------------------------------------|
//! | `current`       | which worker the calling thread is                                  |
//! | `head`          | what a thread touches at every fork                                 |
//! | `join_stack`    | the private stack of forks                                          |
//! | `steal_request` | how idle workers ask a busy one to publish                          |
//! | `publish`       | from the private stack to the public deque, and back                |
//! | `hold_off`      | for how long thieves leave a fork alone that was offered unasked    |
//! | `own_jobs`      | what a worker runs next of the jobs that are close at hand          |
//! | `steal`         | looking for work elsewhere                                          |
//! | `policy`        | which jobs may run on top of a frame that waits                     |
//! | `wait`          | what a worker does until a latch opens: the one wait loop           |
//! | `idle`          | the steps of that loop, for either policy                           |
//! | `suspend`       | giving a slot up, and coming back to it                             |
//! | `fifo`          | spawns that run in the order they were made                         |
//! | `sentinel`      | the sleeper that looks for forks by itself                          |
//! | `stack_depth`   | how much of the thread's stack is used                              |
//!
//! The states of a fork and the argument for the orderings are in `README.md`.

pub(crate) mod current;
pub(crate) mod fifo;
mod head;
pub(crate) mod hold_off;
mod idle;
mod join_stack;
mod own_jobs;
pub(crate) mod policy;
pub(crate) mod publish;
mod sentinel;
mod stack_depth;
pub(crate) mod steal;
pub(crate) mod steal_request;
pub(crate) mod suspend;
mod wait;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use self::head::WorkerHead;
use self::publish::Worth;
use self::stack_depth::Threshold;
use self::steal_request::StealRequest;
use self::suspend::Tenure;
use crate::job::slab::Slab;
use crate::job::{JobRef, Region, RunningRegion};
use crate::pool::registry::Registry;
use crate::pool::sleep::Sleep;
use crate::pool::slot::{Shared, Slot};
use crate::pool::tuning::EXTERNAL_STACK_LEFT;
use crate::sync::deque;
use crate::sync::parker::Parker;
use crate::sync::rng::XorShift64Star;
use crate::sync::ticks::Ticks;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::sync::Arc;

/// One worker: what a thread needs in a pool for the frames that it has begun there.
///
/// 1. At any moment at most one thread *is* a worker: its [`current`] is this one. It alone has a `&Worker` but for
///    thieves, which have one from [`Shared::holder`] and touch only `head.request`, `running` and `parker`.
/// 2. A worker lives in its registry, which outlives every thread's stay.
/// 3. The worker holds the slot `index` unless its `tenure` is [`Tenure::None`]; the deque it uses is that slot's.
///
/// The head comes first: a pointer to a worker is a pointer to its head.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Worker {
    head: WorkerHead,
    /// What the last part of a loop was that ran here.
    last_worth: Cell<Worth>,
    /// How many requests the thread has served.
    answers: Cell<u32>,
    /// How many more forks may be published before a thief must request again.
    credit: Cell<usize>,
    /// How many jobs the thread has taken since it was the turn of those that others go before.
    row: Cell<u32>,
    kind: Kind,
    /// Whether the thread, a slot's own, has yet to find a job or fall asleep for the first time.
    is_coming: Cell<bool>,
    tenure: Cell<Tenure>,
    /// Where the deep part of the thread's stack begins.
    deep: Cell<Threshold>,
    /// When the thread was idle last.
    resumed_at: Cell<Ticks>,
    /// How many jobs from queues run on the thread's stack, one above the other; a call from outside counts as one.
    nesting: Cell<usize>,
    rng: XorShift64Star,
    /// Memory for the jobs that the thread spawns, and the way back for those that it runs.
    slab: Slab,
    index: Cell<usize>,
    /// The slot that it is a part of.
    made_for: Option<usize>,
    registry: *const Registry,
    /// Not zero while the thread holds something of ours that a job may block on: then it keeps its slot though it blocks.
    pinned: Cell<usize>,
    /// The region of the job that runs.
    running: CachePadded<RunningRegion>,
    /// Where the thread parks.
    parker: Arc<Parker>,
}

/// What kind of thread uses a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A slot's own thread, or one that stands for it: it was there before the pool, or is a caller in a pool without threads.
    Own,
    /// One that takes the slot of another that waits.
    Standby,
    /// A thread from outside, for the time of a call.
    External,
}

/// In which order a worker takes its own public jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As a stack: depth first.
    YoungestFirst,
    /// As a queue: breadth first, for those who still ask for it.
    OldestFirst,
}

// SAFETY: by invariant 1 the fields that are not `Sync` are reached by one thread at a time; a worker passes from one thread to
// the next with a thread's start or a lock, or as `Slot`, invariant 3, says.
unsafe impl Sync for Worker {}
// SAFETY: as above; the pointer to the registry is good on every thread by invariant 2.
unsafe impl Send for Worker {}

impl Worker {
    /// A worker of the pool that `registry` will be, for the slot of an index or for any; the pointer is not followed here.
    pub(crate) fn new(kind: Kind, made_for: Option<usize>, registry: *const Registry, parker: Arc<Parker>) -> Self {
        let index = made_for.unwrap_or_default();
        Worker {
            head: WorkerHead::new(),
            last_worth: Cell::new(Worth::Inline),
            answers: Cell::new(0),
            credit: Cell::new(0),
            row: Cell::new(0),
            kind,
            is_coming: Cell::new(false),
            tenure: Cell::new(Tenure::Held),
            deep: Cell::new(Threshold::UNKNOWN),
            resumed_at: Cell::new(Ticks::ZERO),
            nesting: Cell::new(0),
            rng: XorShift64Star::new(index),
            slab: Slab::new(),
            index: Cell::new(index),
            made_for,
            registry,
            pinned: Cell::new(0),
            running: CachePadded::new(RunningRegion::new()),
            parker,
        }
    }

    /// Called by the thread when it comes, near the bottom of its stack of `stack_size` bytes, as the holder of its slot.
    pub(crate) fn begin(&self, stack_size: usize) {
        self.deep.set(Threshold::below(stack_size));
        self.slot().set_holder(self);
    }

    /// The thread is counted as coming until [`Worker::arrived`], though it has come: a busy worker that counted it nowhere
    /// meanwhile would publish nothing for it.
    pub(crate) fn set_coming(&self) {
        self.is_coming.set(true);
    }

    /// The thread is counted otherwise from here on, or has a job.
    #[inline]
    pub(super) fn arrived(&self) {
        if self.is_coming.replace(false) {
            self.registry().sleep().came();
        }
    }

    /// Whether the thread has used so much of its stack that it should not take on strangers' jobs.
    fn is_deep(&self) -> bool {
        self.deep.get().is_passed()
    }

    /// The index of the slot that the thread is active at, or was before it waited, from 0.
    #[inline]
    pub(crate) fn index(&self) -> usize {
        self.index.get()
    }

    /// The slot that the worker is a part of.
    #[inline]
    pub(super) fn made_for(&self) -> Option<usize> {
        self.made_for
    }

    /// For a worker that no thread is.
    pub(super) fn set_index(&self, index: usize) {
        self.index.set(index);
    }

    /// The pool that this worker belongs to.
    #[inline]
    pub(crate) fn registry(&self) -> &Registry {
        // SAFETY: invariant 2; nobody makes a `&mut Registry`.
        unsafe { &*self.registry }
    }

    /// The slot of the index.
    #[inline]
    pub(crate) fn slot(&self) -> &Slot {
        self.registry().slot(self.index.get())
    }

    /// The deque of the slot, if the thread holds it.
    #[inline]
    fn deque(&self) -> Option<&deque::Worker<JobRef>> {
        if self.has_slot() { Some(self.slot().deque()) } else { None }
    }

    /// The region of the job that runs on this worker.
    #[inline]
    pub(crate) fn region(&self) -> Region {
        self.running.get()
    }

    /// How many jobs from queues run on the thread's stack, one above the other.
    #[inline]
    pub(crate) fn nesting(&self) -> usize {
        self.nesting.get()
    }

    /// Whether the thread is an external caller.
    #[inline]
    pub(super) fn is_external(&self) -> bool {
        self.kind == Kind::External
    }

    /// Where the thread parks.
    pub(crate) fn parker(&self) -> &Arc<Parker> {
        &self.parker
    }

    /// Where the thread's spawns find memory.
    pub(crate) fn slab(&self) -> &Slab {
        &self.slab
    }

    /// The request that other threads make.
    pub(crate) fn request(&self) -> &StealRequest {
        &self.head.request.0
    }

    /// What other threads reach of the slot.
    pub(crate) fn shared(&self) -> &Shared {
        self.slot().shared()
    }

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
        let Some(deque) = self.deque() else {
            return self.defer(job);
        };
        self.hold_nothing_back(deque);
        deque.push(job);
        tell(self.registry().sleep(), region);
    }

    /// Whether a fork is on the join stack.
    fn has_private_fork(&self) -> bool {
        !self.head.stack.is_empty()
    }

    /// Whether this worker has forked or spawned anything that has not begun to run.
    pub(crate) fn has_pending(&self) -> bool {
        self.public_jobs() > 0 || !self.head.stack.is_empty()
    }

    /// How many public jobs of this worker's there are.
    pub(crate) fn public_jobs(&self) -> usize {
        self.deque().map_or(0, deque::Worker::len)
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

    /// Calls `f`, which is no job, as if it were one: on top of its waits run only its own.
    pub(super) fn as_job(&self, f: impl FnOnce()) {
        let outer = self.running.replace(Region::fresh());
        let nesting = self.nesting.replace(self.nesting.get() + 1);
        f();
        self.nesting.set(nesting);
        self.running.replace(outer);
    }

    /// # Safety
    ///
    /// As for [`Worker::execute`].
    unsafe fn execute_in(&self, region: Region, job: JobRef) {
        let outer = self.running.replace(region);
        let nesting = self.nesting.get();
        self.nesting.set(nesting + 1);
        // SAFETY: passed on to the caller. It does not unwind, so the region is always restored.
        unsafe { job.execute(&self.slab) };
        self.nesting.set(nesting);
        self.running.replace(outer);
    }
}
