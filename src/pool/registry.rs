//! What the workers of one pool share, and the pool's life from its first thread to its last.

use crate::job::latch::Wait;
use crate::job::stack::StackJob;
use crate::job::{JobRef, Region};
use crate::pool::handlers::Handlers;
use crate::pool::queues::{Class, Queues};
use crate::pool::records::Records;
use crate::pool::sleep::Sleep;
use crate::pool::slot::{Shared, Slot};
use crate::pool::standby::StandbyThreads;
use crate::pool::thread_builder::default_stack_size;
use crate::pool::waiter::Waiter;
use crate::pool::worker::current::{Ownership, leave_pools_in_children};
use crate::pool::worker::policy::Policy;
use crate::pool::worker::suspend::Tenure;
use crate::pool::worker::{Order, Worker};
use crate::sync::atomic::{AtomicUsize, Ordering, StaticAtomicUsize};
use crate::sync::lock::Mutex;
use crate::sync::once_call::OnceCall;
use crate::sync::parker::Parker;
use crate::sync::process;
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
    this: Weak<Registry>,
    slots: Box<[Slot]>,
    /// The workers of threads that belong to no slot.
    records: Records,
    /// How many of the slots have a thread: less than there are when the system refused some. When it refused all,
    /// one caller at a time is the pool's only worker.
    threads: AtomicUsize,
    queues: Queues,
    /// Held while the jobs of one broadcast are put into the mailboxes.
    posting: Mutex<()>,
    sleep: Sleep,
    handlers: Handlers,
    standby_threads: StandbyThreads,
    pub(super) live: AtomicUsize,
    /// Held by the outside thread that works in a pool without threads of its own.
    caller: Mutex<()>,
    pub(super) exits: Mutex<Exits>,
    /// How many workers, the first of them, are threads that were there before the pool: none or one.
    adopted: usize,
    habits: Habits,
    /// No other pool's, not even a former one's.
    number: usize,
    /// The process in which the threads are, by number and by incarnation.
    process: u32,
    incarnation: usize,
}

/// The number of the next pool.
static NEXT_NUMBER: StaticAtomicUsize = StaticAtomicUsize::new(0);

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
    /// A pool of `workers` workers, whose threads are yet to come but for `adopted` (none or one) that are there.
    pub(crate) fn new(workers: usize, adopted: usize, order: Order, handlers: Handlers, habits: Habits) -> Arc<Self> {
        leave_pools_in_children();
        Arc::new_cyclic(|registry| {
            let sleep = Sleep::new(workers, workers - adopted);
            let slot = |index| Slot::new(index, registry.as_ptr(), order, sleep.parker(index));
            Registry {
                this: Weak::clone(registry),
                slots: (0..workers).map(slot).collect(),
                records: Records::new(),
                threads: AtomicUsize::new(workers),
                queues: Queues::new(),
                posting: Mutex::new(()),
                sleep,
                handlers,
                standby_threads: StandbyThreads::new(),
                live: AtomicUsize::new(1),
                caller: Mutex::new(()),
                exits: Mutex::new(Exits { running: workers - adopted, waiting: None }),
                adopted,
                habits,
                // Only uniqueness matters: the counter orders nothing.
                number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
                process: process::id(),
                incarnation: process::incarnation(),
            }
        })
    }

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
    fn works_on_callers(&self) -> bool {
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
    pub(super) fn records(&self) -> &Records {
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

    /// Wakes the thread that is to run the mail of a slot.
    fn notify_of_mail(&self, index: usize) {
        self.sleep.notify(index);
        let shared = self.shared(index);
        if let Some(holder) = shared.holder().filter(|_| shared.own_blocks()) {
            holder.parker().notify();
        }
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

    /// Hands a job in from outside.
    ///
    /// # Panics
    ///
    /// When the pool's threads did not survive a fork.
    pub(crate) fn push(&self, job: JobRef, class: Class) {
        self.check_process();
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        // The threads that wait in an isolated region do not look at the jobs of no region.
        let class = if class == Class::Normal && region.is_isolated() { Class::Deferred } else { class };
        self.queues.push(job, class);
        self.sleep.work_published(region);
        self.run_without_threads();
    }

    /// The class of a scope's jobs. Its owner may be an external caller, which runs only jobs of its region.
    pub(crate) fn class_of_scopes(&self) -> Class {
        if self.leases_slots() { Class::Deferred } else { Class::Normal }
    }

    /// In a pool without threads, the caller runs what it has handed in. If it is the pool's only worker, it comes to that
    /// when it has done what it is at.
    fn run_without_threads(&self) {
        let is_ours = |worker: Option<&Worker>| worker.is_some_and(|worker| self.has(worker));
        if self.works_on_callers() && !Worker::with_current(is_ours) {
            self.work_on_caller(&mut |_| ());
        }
    }

    /// Leaves a job for each worker that has a thread, and for no other, by index. All mailboxes get those of one call
    /// before those of the next, so all workers take them in the same order. The caller has checked the process.
    pub(crate) fn post_to_all(&self, jobs: &[JobRef]) {
        debug_assert_eq!(jobs.len(), self.num_threads());
        // Nothing under the lock runs a job, or code of a user's.
        let posting = self.posting.lock();
        for (index, &job) in jobs.iter().enumerate() {
            self.shared(index).post(job);
        }
        drop(posting);
        for index in 0..jobs.len() {
            self.notify_of_mail(index);
        }
        self.run_without_threads();
    }

    /// Runs `op` on a worker of this pool: in place if the caller is one, or is no worker and can borrow a slot; else
    /// by handing it in and waiting. A worker of another pool goes on working there while it waits; any other thread
    /// sleeps.
    ///
    /// `op` is told whether it was handed over.
    pub(crate) fn in_worker<R: Send>(&self, op: impl FnOnce(&Worker, bool) -> R + Send) -> R {
        let mut call = OnceCall::new(op);
        self.call_in_worker(&mut |worker, injected| call.make(|op| op(worker, injected)));
        call.into_result()
    }

    fn call_in_worker(&self, op: &mut (dyn FnMut(&Worker, bool) + Send)) {
        Worker::with_current(|worker| match worker {
            Some(worker) if self.has(worker) => op(worker, false),
            Some(_) => self.in_worker_slow(op),
            None => match self.lease_slot() {
                Some(slot) => op(slot.worker(), false),
                None => self.in_worker_slow(op),
            },
        })
    }

    /// Injects `op`, and waits for it; its panic goes on here.
    #[cold]
    fn in_worker_slow(&self, op: &mut (dyn FnMut(&Worker, bool) + Send)) {
        self.check_process();
        if self.works_on_callers() {
            let region = Waiter::with_current(|waiter| waiter.region_of_call());
            return self.work_on_caller(&mut |worker| worker.in_region(region, || op(worker, false)));
        }
        let op = || Worker::with_current(|worker| op(worker.expect("a handed-in job runs on a worker"), true));
        Waiter::with_current(|waiter| {
            let job = StackJob::new(waiter.region_of_call(), Arc::clone(waiter.parker()), op);
            // SAFETY: called once; the job stays in this frame, which does not end before the latch is open.
            let job_ref = unsafe { job.job_ref() };
            self.push(job_ref, Class::Normal);
            waiter.wait_until(&job.latch);
            // SAFETY: the latch is open, and this is the first and last look.
            unsafe { job.into_result() }
        })
    }

    /// In a pool without threads: the caller is the worker until `op` and all that was spawned meanwhile is done.
    fn work_on_caller(&self, op: &mut dyn FnMut(&Worker)) {
        let _turn = self.caller.lock();
        // SAFETY: the holder of the lock owns the worker (invariant 3), and gives it up before the lock.
        let _stay = unsafe { Ownership::new(self.slots[0].own()) };
        let worker = self.slots[0].own();
        worker.begin(default_stack_size());
        let drain = Drain(worker);
        op(worker);
        drop(drain);
    }

    /// Whether the worker's thread is one that was there before the pool.
    pub(crate) fn is_adopted(&self, worker: &Worker) -> bool {
        worker.index() < self.adopted
    }

    /// Makes the calling thread the worker `index` while `f` runs.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn own_for_test(&self, index: usize, f: impl FnOnce(Ownership)) {
        self.slots[index].own().begin(default_stack_size());
        // SAFETY: a test starts no thread for the index, and `f` ends before the registry goes.
        f(unsafe { Ownership::new(self.slots[index].own()) });
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

/// Runs whatever is left in the queues of a pool without threads, also when the caller's operation panics.
#[derive(Debug)]
struct Drain<'a>(&'a Worker);

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        if !self.0.registry().belongs_to_this_process() {
            // Forked off in the operation: the jobs are the parent's.
            return;
        }
        while let Some(job) = self.0.take_next(Policy::Any).or_else(|| self.0.look_round_alone()) {
            // SAFETY: it has just been taken from a queue.
            unsafe { self.0.execute(job) };
        }
    }
}
