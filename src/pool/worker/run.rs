//! A worker begins, makes jobs public, and runs jobs from queues.

use crate::job::{JobRef, Region, context};
use crate::pool::registry::Worker;
use crate::pool::sleep::Sleep;
use crate::pool::watchdog::jobs;
use crate::pool::worker::fifo::Fifo;
use crate::pool::worker::stack_depth::Threshold;
use crate::sync::deque;
use crate::trace::{self, JobSpan, ThreadLabel};

impl Fifo {
    /// For jobs of one region, or of any.
    pub(crate) fn new(region: Region) -> Self {
        Fifo::with(region, execute_here)
    }
}

/// # Safety
///
/// As for [`Worker::execute`].
unsafe fn execute_here(job: JobRef) {
    Worker::with_current(|worker| {
        let worker = worker.expect("tickets are executed by workers");
        // The ticket has been counted.
        // SAFETY: the caller's duty.
        unsafe { worker.execute_in(job.region(), job) };
    });
}

impl Worker {
    /// Called by the thread at its start, near the bottom of its stack of `stack_size` bytes, as the holder of its
    /// slot.
    pub(crate) fn begin(&self, stack_size: usize) {
        self.deep.set(Threshold::below(stack_size));
        self.slot().set_holder(self);
        self.capture_contexts_if_carried();
        self.works();
        trace::set_label(ThreadLabel::Worker(self.registry().number(), self.index()));
    }

    /// Counts the thread as coming (yet to start) until [`Worker::arrived`], though it has started. Otherwise it would
    /// be counted nowhere meanwhile, and busy workers would publish nothing for it.
    pub(crate) fn set_coming(&self) {
        self.is_coming.set(true);
    }

    /// From here on the thread is counted as asleep, or has a job.
    #[inline]
    pub(super) fn arrived(&self) {
        if self.is_coming.replace(false) {
            self.registry().sleep().came();
        }
    }

    /// True if the thread has used more than half of its stack, and should run only its own jobs.
    pub(super) fn is_deep(&self) -> bool {
        self.deep.get().is_passed()
    }

    /// Makes a job public, as the youngest of this worker's jobs. A job of an isolated region is deferred: all threads
    /// that wait in the region find it there, whatever this worker runs next.
    #[inline]
    pub(crate) fn push(&self, job: JobRef) {
        self.push_and_tell(job, Sleep::work_published);
    }

    /// As [`push`](Self::push), for a job that this worker comes back for, as for a fork.
    pub(crate) fn push_offer(&self, job: JobRef) {
        self.push_and_tell(job, Sleep::forks_published);
    }

    #[inline]
    fn push_and_tell(&self, job: JobRef, tell: impl FnOnce(&Sleep, Region)) {
        trace::published(job.header().addr().get());
        jobs::published(job.header().addr().get());
        // Once the job is public another thread may have run it and freed it.
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

    /// True if a fork is on the join stack.
    pub(super) fn has_private_fork(&self) -> bool {
        !self.head.stack.is_empty()
    }

    /// True if this worker has a fork or a spawned job that has not begun to run.
    pub(crate) fn has_pending(&self) -> bool {
        self.public_jobs() > 0 || !self.head.stack.is_empty()
    }

    /// The number of jobs in the slot's deque; 0 without the slot.
    pub(crate) fn public_jobs(&self) -> usize {
        self.deque().map_or(0, deque::Worker::len)
    }

    /// Runs a job that came from a queue.
    ///
    /// # Safety
    ///
    /// The job was taken out of a queue, so that no other copy of it will be executed.
    pub(crate) unsafe fn execute(&self, job: JobRef) {
        self.count_job();
        // SAFETY: the caller's duty.
        unsafe { self.execute_in(job.region(), job) };
    }

    /// As [`Worker::execute`], for a job that the calling frame waits for: in an isolated call it runs as a part of
    /// that call.
    ///
    /// # Safety
    ///
    /// As for [`Worker::execute`].
    pub(crate) unsafe fn execute_within(&self, job: JobRef) {
        let region = if self.region().is_isolated() { self.region() } else { job.region() };
        self.count_job();
        // SAFETY: the caller's duty.
        unsafe { self.execute_in(region, job) };
    }

    /// Work begins here: from now on its forks have their contexts captured, if contexts are carried.
    #[inline]
    pub(in crate::pool) fn capture_contexts_if_carried(&self) {
        if context::is_carried() {
            self.request().capture_contexts();
        }
    }

    /// Calls `f`, which is no job, as if it were one: on top of its waits only jobs of its own region run.
    pub(in crate::pool) fn as_job(&self, f: impl FnOnce()) {
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
        let _span = JobSpan::begin(job.header().addr().get());
        let _listed = jobs::list_running(self, job.header().addr().get());
        let is_carried = context::is_carried();
        if is_carried {
            self.request().capture_contexts();
            context::begin_job();
        }
        let outer = self.running.replace(region);
        let nesting = self.nesting.get();
        self.nesting.set(nesting + 1);
        // SAFETY: the caller's duty. `execute` does not unwind, so the region is always restored.
        unsafe { job.execute(&self.slab) };
        if is_carried {
            context::end_job();
        }
        self.nesting.set(nesting);
        self.running.replace(outer);
    }
}
