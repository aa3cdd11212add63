//! What the threads of one pool share, as three records that point to one another: the [`Registry`], which is the pool; its
//! [`Slot`]s, at which threads are active; and [`Worker`]s, a thread's own record each. This file says what they consist of, and
//! who may touch what. What threads do with them is in `lifecycle`, `entry`, `lease` and `worker`.
//!
//! A pool of n has n slots. A thread that holds one is *active*: it has the slot's index, it may run jobs, and thieves find
//! its jobs there. What a thread needs for its own frames is its worker; what others find stays with the slot when one
//! thread takes the place of another.

use crate::job::latch::{OnceLatch, SamePool};
use crate::job::slab::Slab;
use crate::job::{JobRef, Region, RunningRegion};
use crate::pool::handlers::Handlers;
use crate::pool::job_list::JobList;
use crate::pool::queues::Queues;
use crate::pool::records::Records;
use crate::pool::sleep::Sleep;
use crate::pool::standby::StandbyThreads;
use crate::pool::worker::fifo::Fifo;
use crate::pool::worker::head::WorkerHead;
use crate::pool::worker::hold_off::{HoldOff, Worth};
use crate::pool::worker::stack_depth::Threshold;
use crate::pool::worker::steal_request::StealRequest;
use crate::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use crate::sync::deque;
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use crate::sync::process;
use crate::sync::rng::XorShift64Star;
use crate::sync::ticks::Ticks;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, Weak};

/// One pool.
///
/// 1. `live` counts the pool's handle and every detached job that has not ended. It is raised only while it is not
///    zero: by somebody who holds a count already, through the handle or from within the pool, or by
///    [`Registry::try_begin_detached`], which looks. When it reaches zero the terminate latches open, once.
/// 2. A registry is alive while its handle, or one of its threads, is: each holds an `Arc`. So is, therefore,
///    everything in it, the workers and their parkers among it, for whoever works in the pool.
/// 3. The slot at `index` has a thread of its own: the one that was started for it, from [`Registry::run_worker`] to its end;
///    or the thread that asked for `use_current_thread`; or, where there are no threads, the holder of the `caller` lock. It
///    is the slot's `own` worker, also while another thread holds the slot.
#[derive(Debug)]
pub(crate) struct Registry {
    /// The `Arc` that the registry is in.
    pub(super) this: Weak<Registry>,
    pub(super) slots: Box<[Slot]>,
    /// The workers of threads that belong to no slot.
    pub(super) records: Records<Worker>,
    /// How many of the slots have a thread: less than there are when the system refused some. When it refused all,
    /// one caller at a time is the pool's only worker.
    pub(super) threads: AtomicUsize,
    pub(super) queues: Queues,
    /// Held while the jobs of one broadcast are put into the mailboxes.
    pub(super) posting: Mutex<()>,
    pub(super) sleep: Sleep,
    pub(super) handlers: Handlers,
    pub(super) standby_threads: StandbyThreads,
    pub(super) live: AtomicUsize,
    /// Held by the outside thread that works in a pool without threads of its own.
    pub(super) caller: Mutex<()>,
    pub(super) exits: Mutex<Exits>,
    /// How many workers, the first of them, are threads that were there before the pool: none or one.
    pub(super) adopted: usize,
    pub(super) habits: Habits,
    /// No other pool's, not even a former one's.
    pub(super) number: usize,
    /// The process in which the threads are, by number and by incarnation.
    pub(super) process: u32,
    pub(super) incarnation: usize,
}

/// What the workers of a pool do when they have nothing to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// They lend their slots while they sleep.
    pub(crate) lease_slots: bool,
    /// One of them is the sentinel for a while.
    pub(crate) keep_sentinel: bool,
}

impl Habits {
    /// A pool whose workers sleep until they are woken, and keep their slots.
    #[cfg(test)]
    pub(crate) const PLAIN: Habits = Habits { lease_slots: false, keep_sentinel: false };
}

/// Who has left.
#[derive(Debug)]
pub(super) struct Exits {
    pub(super) running: usize,
    pub(super) waiting: Option<Arc<Parker>>,
}

impl Registry {
    /// Tells this pool from all others that there have been.
    #[inline]
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Keeps the registry in memory, though not its pool at work: that takes a count.
    pub(crate) fn keep(&self) -> Arc<Registry> {
        self.this.upgrade().expect("whoever can reach a registry keeps it alive")
    }

    /// How many workers there are, with a thread or without.
    #[inline]
    pub(crate) fn num_workers(&self) -> usize {
        self.slots.len()
    }

    /// How many threads work here; one if it is the caller's.
    #[inline]
    pub(crate) fn num_threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed).max(1)
    }

    /// The system gave only `got` threads of its own. To be called before the pool is known to anybody but them.
    pub(crate) fn shrink(&self, got: usize) {
        let refused = self.threads.swap(got, Ordering::Relaxed) - got;
        (0..refused).for_each(|_| self.sleep.came());
        self.exits.lock().running -= refused;
    }

    /// Whether the pool has no thread, so that whoever calls does the work.
    pub(super) fn works_on_callers(&self) -> bool {
        self.threads.load(Ordering::Relaxed) == 0
    }

    /// Whether the pool's threads are in this process, and not in one that this one was forked off.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        process::is(self.incarnation)
    }

    /// Nobody would ever run what is handed to threads that did not survive a fork, nor open what they were to open.
    ///
    /// # Panics
    ///
    /// When the pool does not belong to this process.
    pub(crate) fn check_process(&self) {
        assert!(
            self.belongs_to_this_process(),
            "the threads of this pool are in process {} and do not exist in its forked child {}: \
             build a new pool in the child",
            self.process,
            process::id()
        );
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot `index`.
    #[inline]
    pub(crate) fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// The part of a slot that every thread may reach.
    #[inline]
    pub(crate) fn shared(&self, index: usize) -> &Shared {
        self.slots[index].shared()
    }

    /// The workers of threads that belong to no slot.
    pub(super) fn records(&self) -> &Records<Worker> {
        &self.records
    }

    /// The queues that belong to no slot.
    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    /// How many queues of the pool have something in them, up to two.
    pub(crate) fn more_work(&self) -> usize {
        let deques = (0..self.num_workers()).filter(|&i| self.shared(i).has_public_job()).take(2).count();
        (deques + self.queues.non_empty()).min(2)
    }

    /// Whether a queue that belongs to no worker has something in it.
    pub(crate) fn has_common_work(&self) -> bool {
        self.queues.non_empty() > 0
    }

    /// Whether sleeping workers lend their slots.
    #[inline]
    pub(crate) fn leases_slots(&self) -> bool {
        self.habits.lease_slots
    }

    /// Whether a worker that has just run out of work is the sentinel.
    pub(crate) fn keeps_sentinel(&self) -> bool {
        self.habits.keep_sentinel
    }

    /// Whether a worker is in no job, nor in a call that waits for one. A caller that is the pool's only worker always
    /// is in one.
    pub(crate) fn is_at_bottom(&self, worker: &Worker) -> bool {
        worker.region() == Region::NONE && self.has_thread_of_its_own(worker)
    }

    /// Whether the job that the owner of `worker` runs has nothing beneath it on its stack that waits.
    pub(crate) fn is_job_at_bottom(&self, worker: &Worker) -> bool {
        worker.nesting() == 1 && self.has_thread_of_its_own(worker)
    }

    /// Whether a thread was started for `worker`.
    pub(crate) fn has_thread_of_its_own(&self, worker: &Worker) -> bool {
        !self.is_adopted(worker) && !self.works_on_callers()
    }

    pub(crate) fn sleep(&self) -> &Sleep {
        &self.sleep
    }

    pub(crate) fn standby_threads(&self) -> &StandbyThreads {
        &self.standby_threads
    }

    pub(crate) fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// Whether `worker` belongs to this pool.
    #[inline]
    pub(crate) fn has(&self, worker: &Worker) -> bool {
        std::ptr::eq(self, worker.registry())
    }

    /// Whether the worker's thread is one that was there before the pool.
    pub(crate) fn is_adopted(&self, worker: &Worker) -> bool {
        worker.index() < self.adopted
    }

    /// The worker `index`. A model passes it on by reference: its threads share the locals of one thread of std's, so
    /// there is no current worker.
    #[cfg(all(test, loom))]
    pub(crate) fn worker_for_model(&self, index: usize) -> &Worker {
        self.slots[index].own()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // The last to hold a registry is often one of its threads, at its very end, where nothing catches a panic.
        self.handlers.retire();
    }
}

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
    pub(super) deque: deque::Worker<JobRef>,
    /// Where in the deque's shadow `spawn_fifo` queues.
    pub(super) fifo: Fifo,
    pub(super) index: usize,
    /// In which order the deque gives its jobs.
    pub(super) order: DequeOrder,
    /// The worker of the slot's own thread.
    pub(super) own: Worker,
    /// The worker of an external caller.
    pub(super) caller: Worker,
    pub(super) caller_is_used: AtomicBool,
    pub(super) shared: CachePadded<Shared>,
}

/// The part of a slot that other threads reach.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The thieves' end of the public deque.
    pub(super) stealer: deque::Stealer<JobRef>,
    /// Who is active here, or was last.
    pub(super) holder: AtomicPtr<Worker>,
    /// Jobs for the slot's own thread and no other: broadcasts, in the order that all threads of the pool get them in.
    pub(super) mailbox: JobList,
    /// Whether the slot's own thread is in a blocking call, so that a standby thread runs what is posted.
    pub(super) own_blocks: AtomicBool,
    /// Opens when the pool has no more work and no handle.
    pub(super) terminate: OnceLatch<SamePool>,
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
    pub(crate) fn new(
        index: usize,
        registry: *const Registry,
        order: DequeOrder,
        parker: &Arc<Parker>,
        fifo: Fifo,
    ) -> Self {
        let deque = match order {
            DequeOrder::YoungestFirst => deque::Worker::new_lifo(),
            DequeOrder::OldestFirst => deque::Worker::new_fifo(),
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
            fifo,
            index,
            order,
            own: Worker::new(Kind::Own, Some(index), registry, Arc::clone(parker)),
            caller: Worker::new(Kind::External, Some(index), registry, Arc::new(Parker::new())),
            caller_is_used: AtomicBool::new(false),
            shared: CachePadded::new(shared),
        }
    }

    pub(crate) fn order(&self) -> DequeOrder {
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
    pub(super) head: WorkerHead,
    /// What the last part of a loop was that ran here.
    pub(super) last_worth: Cell<Worth>,
    /// How many requests the thread has served.
    pub(super) answers: Cell<u32>,
    /// How many more forks may be published before a thief must request again.
    pub(super) credit: Cell<usize>,
    /// How many jobs the thread has taken since it was the turn of those that others go before.
    pub(super) row: Cell<u32>,
    pub(super) kind: Kind,
    /// Whether the thread, a slot's own, has yet to find a job or fall asleep for the first time.
    pub(super) is_coming: Cell<bool>,
    pub(super) tenure: Cell<Tenure>,
    /// Where the deep part of the thread's stack begins.
    pub(super) deep: Cell<Threshold>,
    /// When the thread was idle last.
    pub(super) resumed_at: Cell<Ticks>,
    /// How many jobs from queues run on the thread's stack, one above the other; a call from outside counts as one.
    pub(super) nesting: Cell<usize>,
    pub(super) rng: XorShift64Star,
    /// Memory for the jobs that the thread spawns, and the way back for those that it runs.
    pub(super) slab: Slab,
    pub(super) index: Cell<usize>,
    /// The slot that it is a part of.
    pub(super) made_for: Option<usize>,
    pub(super) registry: *const Registry,
    /// Not zero while the thread holds something of ours that a job may block on: then it keeps its slot though it blocks.
    pub(super) pinned: Cell<usize>,
    /// The region of the job that runs.
    pub(super) running: CachePadded<RunningRegion>,
    /// Where the thread parks.
    pub(super) parker: Arc<Parker>,
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
pub(crate) enum DequeOrder {
    /// As a stack: depth first.
    YoungestFirst,
    /// As a queue: breadth first, for those who still ask for it.
    OldestFirst,
}

/// What a worker has of its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenure {
    /// It holds it.
    Held,
    /// It holds it again. An idle thread need not be there to have it next.
    Returned,
    /// Nothing: another thread may hold it.
    None,
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
    pub(super) fn deque(&self) -> Option<&deque::Worker<JobRef>> {
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
}
