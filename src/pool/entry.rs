//! How jobs and calls get into a pool from outside.

use crate::job::JobRef;
use crate::job::context::CarriedContext;
use crate::job::stack::StackJob;
use crate::pool::queues::Class;
use crate::pool::registry::{Registry, Worker};
use crate::pool::thread_builder::default_stack_size;
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::jobs;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::pool::worker::current::Ownership;
use crate::pool::worker::policy::Policy;
use crate::sync::once_call::OnceCall;
use crate::trace;
use std::sync::Arc;

impl Registry {
    /// Puts a job into the queue of its class, from outside.
    ///
    /// # Panics
    ///
    /// When the pool's threads did not survive a fork.
    pub(crate) fn push(&self, job: JobRef, class: Class) {
        self.check_process();
        trace::published(job.header().addr().get());
        jobs::published(job.header().addr().get());
        // Once the job is public another thread may have run it and freed it.
        let region = job.region();
        // Threads that wait in an isolated region do not look into the injector.
        let class = if class == Class::Normal && region.is_isolated() { Class::Deferred } else { class };
        self.queues.push(job, class);
        self.sleep.work_published(region);
        self.run_without_threads();
    }

    /// The class of a scope's jobs. The scope's thread may be an external caller, which finds deferred jobs but does
    /// not look into the injector.
    pub(crate) fn class_of_scopes(&self) -> Class {
        if self.leases_slots() { Class::Deferred } else { Class::Normal }
    }

    /// In a pool without threads, makes the caller run the job that it has just pushed. If the caller is the pool's
    /// only worker already, it runs the job when its current work is done.
    fn run_without_threads(&self) {
        let is_ours = |worker: Option<&Worker>| worker.is_some_and(|worker| self.has(worker));
        if self.works_on_callers() && !Worker::with_current(is_ours) {
            self.work_on_caller(&mut |_| ());
        }
    }

    /// Posts a job to each slot that has a thread, by index. All mailboxes get the jobs of one call before those of the
    /// next, so all threads run them in the same order. The caller has checked the process.
    pub(crate) fn post_to_all(&self, jobs: &[JobRef]) {
        debug_assert_eq!(jobs.len(), self.num_threads());
        // No job and no user code runs under the lock.
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

    /// Runs `op` on a worker of this pool: in place if the caller is one, or is no worker and is leased a slot.
    /// Otherwise injects it and waits. A worker of another pool goes on working there while it waits; any other thread
    /// sleeps.
    ///
    /// `op` is told whether it was injected.
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

    /// Injects `op`, and waits for it; resumes its panic.
    #[cold]
    fn in_worker_slow(&self, op: &mut (dyn FnMut(&Worker, bool) + Send)) {
        self.check_process();
        if self.works_on_callers() {
            let region = Waiter::with_current(|waiter| waiter.region_of_call());
            return self.work_on_caller(&mut |worker| worker.in_region(region, || op(worker, false)));
        }
        let context = CarriedContext::capture();
        let op = || {
            let _entered = context.as_ref().map(CarriedContext::enter);
            Worker::with_current(|worker| op(worker.expect("a handed-in job runs on a worker"), true));
        };
        Waiter::with_current(|waiter| {
            let job = StackJob::new(waiter.region_of_call(), Arc::clone(waiter.parker()), op);
            // SAFETY: called once; the job stays in this frame, which does not end before the latch is open.
            let job_ref = unsafe { job.job_ref() };
            self.push(job_ref, Class::Normal);
            let _listed = waits::list(Awaited::Call(self.number()));
            waiter.wait_until(&job.latch);
            // SAFETY: the latch is open, and the result is taken only here.
            unsafe { job.into_result() }
        })
    }

    /// In a pool without threads: the caller is the worker until `op` and everything spawned meanwhile is done.
    fn work_on_caller(&self, op: &mut dyn FnMut(&Worker)) {
        let _turn = self.caller.try_lock().unwrap_or_else(|| {
            let _listed = waits::list(Awaited::Turn(self.number()));
            self.caller.lock()
        });
        // SAFETY: the holder of the lock owns the worker (invariant 3), and stops being the worker before it unlocks.
        let _stay = unsafe { Ownership::new(self.slots[0].own()) };
        let worker = self.slots[0].own();
        worker.begin(default_stack_size());
        let drain = Drain(worker);
        op(worker);
        drop(drain);
    }

    /// Notifies the thread that is to run the mail of a slot.
    fn notify_of_mail(&self, index: usize) {
        self.sleep.notify(index);
        let shared = self.shared(index);
        if let Some(holder) = shared.holder().filter(|_| shared.own_blocks()) {
            holder.parker().notify();
        }
    }

    /// Makes the calling thread the worker `index` while `f` runs.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn own_for_test(&self, index: usize, f: impl FnOnce(Ownership)) {
        self.slots[index].own().begin(default_stack_size());
        // SAFETY: a test starts no thread for the index, and `f` ends before the registry goes.
        f(unsafe { Ownership::new(self.slots[index].own()) });
    }
}

/// Runs all jobs left in the queues of a pool without threads, also when the caller's operation panics.
#[derive(Debug)]
struct Drain<'a>(&'a Worker);

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        if !self.0.registry().belongs_to_this_process() {
            // This process was forked off in the operation: the jobs are the parent's.
            return;
        }
        while let Some(job) = self.0.take_next(Policy::Any).or_else(|| self.0.look_round_alone()) {
            // SAFETY: the job has just been taken from a queue.
            unsafe { self.0.execute(job) };
        }
        self.0.leaves();
    }
}
