//! The data of a pool, in three records that point to one another: the [`Registry`] is the pool, its [`Slot`]s are the
//! places at which threads are active, and a [`Worker`] is a thread's own record. This file says what they consist of,
//! and which thread may touch which field. `lifecycle`, `entry`, `lease` and `worker` have the operations.
//!
//! A pool of n has n slots. A thread that holds one is *active*: it has the slot's index, it may run jobs, and thieves
//! find its jobs there. The worker has what a thread needs for its own frames. The slot has what other threads find,
//! and it stays when another thread takes the slot.

use crate::job::latch::{OnceLatch, SamePool};
use crate::job::slab::Slab;
use crate::job::{JobRef, Region, RunningRegion};
use crate::pool::discard::Discard;
use crate::pool::handlers::Handlers;
use crate::pool::job_list::JobList;
use crate::pool::metrics::origin::PoolOrigin;
use crate::pool::metrics::slot_meter::SlotMeter;
use crate::pool::queues::Queues;
use crate::pool::records::Records;
use crate::pool::sleep::Sleep;
use crate::pool::standby::StandbyThreads;
use crate::pool::worker::fifo::Fifo;
use crate::pool::worker::gaps::Gaps;
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
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, Weak};

/// One pool.
///
/// 1. `live` counts the pool's handle and every detached job that has not ended. It is raised only while it is not
///    zero: by a thread that holds a count already, through the handle or from within the pool, or by
///    [`Registry::try_begin_detached`], which checks. When it reaches zero the terminate latches open, once.
/// 2. A registry is alive while its handle, or one of its threads, is: each holds an `Arc`. So everything in it, such
///    as the workers and their parkers, is alive for every thread that works in the pool.
/// 3. The slot at `index` has an own thread: the one that was started for it, from the start to the end of
///    [`Registry::run_worker`]; or the thread that asked for `use_current_thread`; or, in a pool without threads, the
///    holder of the `caller` lock. The thread is the slot's `own` worker, also while another thread holds the slot.
#[derive(Debug)]
pub(crate) struct Registry {
    /// The `Arc` that the registry is in.
    pub(super) this: Weak<Registry>,
    pub(super) slots: Box<[Slot]>,
    /// The workers of threads that belong to no slot.
    pub(super) records: Records<Worker>,
    /// How many of the slots have a thread: fewer than there are slots when the system refused some. When it refused
    /// all, one caller at a time is the pool's only worker.
    pub(super) threads: AtomicUsize,
    pub(super) queues: Queues,
    /// Held while the jobs of one broadcast are put into the mailboxes.
    pub(super) posting: Mutex<()>,
    pub(super) sleep: Sleep,
    pub(super) handlers: Handlers,
    pub(super) standby_threads: StandbyThreads,
    pub(super) live: AtomicUsize,
    pub(super) discard: Arc<Discard>,
    /// Held by the outside thread that works in a pool without threads of its own.
    pub(super) caller: Mutex<()>,
    pub(super) exits: Mutex<Exits>,
    /// How many workers, the first ones, have a thread that existed before the pool: none or one.
    pub(super) adopted: usize,
    pub(super) habits: Habits,
    pub(super) origin: PoolOrigin,
    /// Unique among all pools of the process, past ones included.
    pub(super) number: usize,
    /// The process that the threads belong to, by its id and by its incarnation.
    pub(super) process: u32,
    pub(super) incarnation: usize,
}

/// What the workers of a pool do while they have no work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// They lease their slots to external callers while they sleep.
    pub(crate) lease_slots: bool,
    /// One of them is the sentinel for a while.
    pub(crate) keep_sentinel: bool,
}

impl Habits {
    /// The workers sleep until they are woken, and keep their slots.
    #[cfg(test)]
    pub(crate) const PLAIN: Habits = Habits { lease_slots: false, keep_sentinel: false };
}

/// How many threads have yet to leave, and the parker of the thread that waits for that.
#[derive(Debug)]
pub(super) struct Exits {
    pub(super) running: usize,
    pub(super) waiting: Option<Arc<Parker>>,
}

impl Registry {
    /// Tells this pool from all others, past and present.
    #[inline]
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Keeps the registry in memory. That does not keep the pool at work: only a count does.
    pub(crate) fn keep(&self) -> Arc<Registry> {
        self.this.upgrade().expect("whoever can reach a registry keeps it alive")
    }

    /// The number of slots, with an own thread or without.
    #[inline]
    pub(crate) fn num_workers(&self) -> usize {
        self.slots.len()
    }

    /// The number of threads that work here; 1 for a pool without threads, where the caller works.
    #[inline]
    pub(crate) fn num_threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed).max(1)
    }

    /// The system started only `got` threads. Must be called before other threads than those know the pool.
    pub(crate) fn shrink(&self, got: usize) {
        let refused = self.threads.swap(got, Ordering::Relaxed) - got;
        (0..refused).for_each(|_| self.sleep.came());
        self.exits.lock().running -= refused;
    }

    /// How many slots have no thread, because the system refused it.
    pub(super) fn refused_threads(&self) -> usize {
        self.slots.len() - self.threads.load(Ordering::Relaxed)
    }

    /// True if the pool has no thread, so that its callers do the work.
    pub(super) fn works_on_callers(&self) -> bool {
        self.threads.load(Ordering::Relaxed) == 0
    }

    /// True if the pool's threads are in this process, not in the one that it was forked from.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        process::is(self.incarnation)
    }

    /// Checks that the pool's threads exist. Jobs for threads that did not survive a fork would never run, and their
    /// latches never open.
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

    #[inline]
    pub(crate) fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// The part of a slot that every thread may reach.
    #[inline]
    pub(crate) fn shared(&self, index: usize) -> &Shared {
        self.slots[index].shared()
    }

    pub(super) fn records(&self) -> &Records<Worker> {
        &self.records
    }

    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(crate) fn discard(&self) -> &Arc<Discard> {
        &self.discard
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

    /// True if sleeping workers lease their slots.
    #[inline]
    pub(crate) fn leases_slots(&self) -> bool {
        self.habits.lease_slots
    }

    /// True if a worker that has just run out of work becomes the sentinel.
    pub(crate) fn keeps_sentinel(&self) -> bool {
        self.habits.keep_sentinel
    }

    /// True if a worker is in no job, nor in a call that waits for one. A caller that is the pool's only worker is
    /// always in a call.
    pub(crate) fn is_at_bottom(&self, worker: &Worker) -> bool {
        worker.region() == Region::NONE && self.has_thread_of_its_own(worker)
    }

    /// True if nothing beneath the job that `worker` runs waits on the same stack.
    pub(crate) fn is_job_at_bottom(&self, worker: &Worker) -> bool {
        worker.nesting() == 1 && self.has_thread_of_its_own(worker)
    }

    /// True if a thread was started for `worker`.
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

    /// True if `worker` belongs to this pool.
    #[inline]
    pub(crate) fn has(&self, worker: &Worker) -> bool {
        std::ptr::eq(self, worker.registry())
    }

    /// True if the worker's thread existed before the pool.
    pub(crate) fn is_adopted(&self, worker: &Worker) -> bool {
        worker.index() < self.adopted
    }

    /// The worker `index`. A model passes it on by reference: its threads share the thread-locals of one thread of std,
    /// so there is no current worker.
    #[cfg(all(test, loom))]
    pub(crate) fn worker_for_model(&self, index: usize) -> &Worker {
        self.slots[index].own()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // The last reference to a registry is often held by one of its threads, at its very end, where nothing catches
        // a panic.
        self.handlers.retire();
    }
}

/// One slot of a pool.
///
/// 1. At any moment at most one thread holds a slot (`Sleep`, invariant 4). It alone touches `deque`.
/// 2. `holder` is null or points to a worker of the same registry, which keeps all its workers until it is dropped. So
///    a thief may use the pointer even if that worker has given the slot up.
/// 3. `caller` belongs to the external caller that has set `caller_is_used`, and to the holder of the slot while that
///    is not set.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The holder's end of the public deque: spawned jobs and published forks.
    pub(super) deque: deque::Worker<JobRef>,
    /// The queue of `spawn_fifo`'s jobs, which have tickets in the deque.
    pub(super) fifo: Fifo,
    pub(super) index: usize,
    /// The order in which the deque yields jobs to the holder.
    pub(super) order: DequeOrder,
    /// The worker of the slot's own thread.
    pub(super) own: Worker,
    /// The worker of an external caller.
    pub(super) caller: Worker,
    pub(super) caller_is_used: AtomicBool,
    /// What users can learn of the slot in numbers.
    pub(super) meter: SlotMeter,
    pub(super) shared: CachePadded<Shared>,
}

/// The part of a slot that other threads reach.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The thieves' end of the public deque.
    pub(super) stealer: deque::Stealer<JobRef>,
    /// The worker that is active here, or was last.
    pub(super) holder: AtomicPtr<Worker>,
    /// Jobs for the slot's own thread and no other: broadcasts, in the same order in all mailboxes of the pool.
    pub(super) mailbox: JobList,
    /// True while the slot's own thread is in a blocking call, so that a standby thread runs the mail.
    pub(super) own_blocks: AtomicBool,
    /// Opens when the pool has no more work and no handle.
    pub(super) terminate: OnceLatch<SamePool>,
    /// Whether thieves may take the oldest public job at once.
    pub(super) hold_off: HoldOff,
}

// SAFETY: the fields that are not `Sync` (the deque's end, and the workers' cells) are reached by one thread at a time,
// by invariants 1 and 3. What one thread did is visible to the next (`Sleep`, invariant 4, and `caller_is_used`).
unsafe impl Sync for Slot {}
// SAFETY: as above.
unsafe impl Send for Slot {}

impl Slot {
    /// The slot `index` of the pool that `registry` will point to; the pointer is not followed here.
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
        // SAFETY: the latch is in the pool that the parker belongs to; the thread that opens it keeps the registry
        // alive.
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
            meter: SlotMeter::new(),
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

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn own(&self) -> &Worker {
        &self.own
    }

    /// The holder's end of the deque. Only the holder may use it.
    #[inline]
    pub(super) fn deque(&self) -> &deque::Worker<JobRef> {
        &self.deque
    }

    /// Lets thieves find the calling thread, which holds the slot from here on.
    #[inline]
    pub(super) fn set_holder(&self, worker: &Worker) {
        let holder = ptr::from_ref(worker).cast_mut();
        if self.shared.holder.load(Ordering::Relaxed) != holder {
            // Release: a thief that loads the pointer sees the worker initialised.
            self.shared.holder.store(holder, Ordering::Release);
            // Threads that have made a request here made it to the holder before.
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

    /// The region of the job that runs here; `NONE` if no thread has held the slot yet.
    #[inline]
    pub(super) fn region(&self) -> Region {
        self.holder().map_or(Region::NONE, Worker::region)
    }

    /// Makes a steal request to the worker that is active here.
    #[inline]
    pub(super) fn request(&self) {
        if let Some(holder) = self.holder() {
            holder.request().make();
        }
    }

    /// Leaves a job in the mailbox. The caller notifies the slot's own thread.
    pub(crate) fn post(&self, job: JobRef) {
        self.mailbox.push(job);
    }

    /// True if the mailbox has something in it.
    pub(crate) fn has_mail(&self) -> bool {
        !self.mailbox.is_empty()
    }

    /// True while the slot's own thread is in a blocking call. Relaxed: a thread that posts a job takes the lock of the
    /// sleepers (`Sleep::notify`) before it loads this. If a holder took that lock earlier, to sleep, then the store
    /// came before that, by `Standby::order`, so the load sees it. A holder that takes the lock later finds the job in
    /// its last look.
    pub(crate) fn own_blocks(&self) -> bool {
        self.own_blocks.load(Ordering::Relaxed)
    }

    /// Only the slot's own thread may call this.
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
/// 1. At any moment at most one thread *is* a worker: `CURRENT` in `worker::current` points to it. That thread alone has
///    a `&Worker`, except for thieves and the watchdog, which have one from [`Shared::holder`] and touch only
///    `head.request`, `running`, `parker`, and `kind`, which does not change.
/// 2. A worker lives in its registry, which outlives the time that any thread is the worker.
/// 3. The worker holds the slot `index` unless its `tenure` is [`Tenure::None`]; the deque it uses is that slot's.
///
/// The head comes first, so a pointer to a worker is a pointer to its head.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Worker {
    pub(super) head: WorkerHead,
    /// What the last part of a loop that ran here was worth to a thief.
    pub(super) last_worth: Cell<Worth>,
    /// How many steal requests the thread has served; wraps around.
    pub(super) requests_served: Cell<u32>,
    /// How many more forks may be published for the last request.
    pub(super) credit: Cell<usize>,
    /// A count of the jobs taken, modulo `IN_A_ROW`: at some of its values a queue has its turn that comes later
    /// otherwise.
    pub(super) row: Cell<u32>,
    pub(super) kind: Kind,
    /// True for a slot's own thread that has yet to find a job or fall asleep for the first time.
    pub(super) is_coming: Cell<bool>,
    pub(super) tenure: Cell<Tenure>,
    /// Where the deep part of the thread's stack begins.
    pub(super) deep: Cell<Threshold>,
    pub(super) gaps: Cell<Gaps>,
    /// How many jobs from queues run on the thread's stack, one above the other; a call from outside counts as one.
    pub(super) nesting: Cell<usize>,
    pub(super) rng: XorShift64Star,
    /// Memory for the jobs that the thread spawns; takes back the blocks of the jobs that it runs.
    pub(super) slab: Slab,
    pub(super) index: Cell<usize>,
    /// The slot that the worker is a part of; `None` for one in `Registry::records`.
    pub(super) made_for: Option<usize>,
    pub(super) registry: *const Registry,
    /// Not zero while the thread holds an internal lock that a job may block on: then it keeps its slot even if it
    /// blocks.
    pub(super) pinned: Cell<usize>,
    /// The region of the job that runs.
    pub(super) running: CachePadded<RunningRegion>,
    /// Where the thread parks.
    pub(super) parker: Arc<Parker>,
}

/// The kind of thread that uses a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A slot's own thread, or one in that role: a thread that existed before the pool, or a caller in a pool without
    /// threads.
    Own,
    /// A standby thread: takes the slot of a thread that waits or blocks.
    Standby,
    /// An external caller: a thread from outside, for the time of a call.
    External,
}

/// The order in which a worker takes its own public jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DequeOrder {
    /// As a stack: depth first.
    YoungestFirst,
    /// As a queue: breadth first (`ThreadPoolBuilder::breadth_first`).
    OldestFirst,
}

/// A worker's claim to its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenure {
    /// The worker holds its slot.
    Held,
    /// It holds its slot again after another thread had it. An idle thread need not be at the slot to take it next.
    Returned,
    /// It does not hold its slot: another thread may.
    None,
}

// SAFETY: by invariant 1 the fields that are not `Sync` are reached by one thread at a time. A worker passes from one
// thread to the next with a thread's start or a lock, or as `Slot`, invariant 3, says.
unsafe impl Sync for Worker {}
// SAFETY: as above; the pointer to the registry is valid on every thread by invariant 2.
unsafe impl Send for Worker {}

impl Worker {
    /// A worker of the pool that `registry` will point to, for the slot `made_for` or for any; the pointer is not
    /// followed here.
    pub(crate) fn new(kind: Kind, made_for: Option<usize>, registry: *const Registry, parker: Arc<Parker>) -> Self {
        let index = made_for.unwrap_or_default();
        Worker {
            head: WorkerHead::new(),
            last_worth: Cell::new(Worth::Inline),
            requests_served: Cell::new(0),
            credit: Cell::new(0),
            row: Cell::new(0),
            kind,
            is_coming: Cell::new(false),
            tenure: Cell::new(Tenure::Held),
            deep: Cell::new(Threshold::UNKNOWN),
            gaps: Cell::new(Gaps::NONE),
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

    /// The index, from 0, of the slot at which the thread is active, or was before it gave the slot up.
    #[inline]
    pub(crate) fn index(&self) -> usize {
        self.index.get()
    }

    /// The index of the slot that the worker is a part of.
    #[inline]
    pub(super) fn made_for(&self) -> Option<usize> {
        self.made_for
    }

    /// Only for a worker that no thread is.
    pub(super) fn set_index(&self, index: usize) {
        self.index.set(index);
    }

    #[inline]
    pub(crate) fn registry(&self) -> &Registry {
        // SAFETY: invariant 2; there is no `&mut Registry`.
        unsafe { &*self.registry }
    }

    #[inline]
    pub(crate) fn slot(&self) -> &Slot {
        self.registry().slot(self.index.get())
    }

    /// The deque of the slot, if the thread holds it.
    #[inline]
    pub(super) fn deque(&self) -> Option<&deque::Worker<JobRef>> {
        if self.has_slot() { Some(self.slot().deque()) } else { None }
    }

    #[inline]
    pub(crate) fn region(&self) -> Region {
        self.running.get()
    }

    /// How many jobs from queues run on the thread's stack, one above the other.
    #[inline]
    pub(crate) fn nesting(&self) -> usize {
        self.nesting.get()
    }

    #[inline]
    pub(super) fn is_external(&self) -> bool {
        self.kind == Kind::External
    }

    pub(crate) fn parker(&self) -> &Arc<Parker> {
        &self.parker
    }

    /// The memory for the thread's spawns.
    pub(crate) fn slab(&self) -> &Slab {
        &self.slab
    }

    /// The steal request that other threads make to this worker.
    pub(crate) fn request(&self) -> &StealRequest {
        &self.head.request.0
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.slot().shared()
    }
}
