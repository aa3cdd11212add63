//! How forks get from the private stack to the public deque, and back.

use crate::job::JobRef;
use crate::job::fork::{ForkHeader, ForkJob, Forked};
use crate::job::latch::{SamePool, Wait};
use crate::pool::queues::Class;
use crate::pool::registry::Worker;
use crate::pool::tuning::WALKED_PER_PUBLISHED;
use crate::pool::watchdog::jobs;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::steal_request::Call;
use crate::sync::atomic::{Ordering, fence};
use crate::sync::deque;
use crate::trace;
use crate::trace::meter::is_measured;
use std::thread;

impl Worker {
    /// The link for the fork that is pushed next.
    #[inline(always)]
    pub(crate) fn newest_fork(&self) -> *const ForkHeader {
        self.head.stack.newest()
    }

    /// Puts a fork on the join stack.
    ///
    /// # Safety
    ///
    /// The fork's link is [`Worker::newest_fork`]. It stays alive until [`Worker::take_back`] has returned true for it
    /// or [`Worker::retrieve`] has returned. One of them is called when its first half has ended, and joins nest.
    #[inline(always)]
    pub(crate) unsafe fn push_fork(&self, fork: *const ForkHeader) {
        // SAFETY: the caller's duty.
        unsafe { self.head.stack.push(fork) };
    }

    /// True if there is a steal request. To be checked once a fork, and served by [`Worker::serve_request`] when the
    /// fork has been pushed.
    #[inline(always)]
    pub(crate) fn is_requested(&self) -> bool {
        self.head.is_requested()
    }

    /// Publishes the oldest forks: as many as were requested, while fewer jobs are public than workers are idle.
    ///
    /// A request asks for as many jobs as workers are idle when it is served. It stays on until that many have been
    /// published, so later ones are published as soon as they are forked; after that a thief must make another request.
    /// So a worker that publishes jobs which no thief takes pays for a bounded number of publications, however many it
    /// forks.
    pub(crate) fn serve_request(&self) {
        let call = self.take_request();
        // Between turning the request off and reading which workers are idle. Pairs with the fence in
        // `Sleep::register`, which is between counting the sleeper and its request: either the sleeper sees the request
        // off and makes it again, or `serve` counts the sleeper.
        fence(Ordering::SeqCst);
        if self.serve(call) > 0 {
            self.does_more_than_a_light_call();
        }
    }

    /// Serves the request if there is one.
    pub(crate) fn serve_request_if_made(&self) {
        if self.is_requested() {
            self.serve_request();
        }
    }

    /// Turns the request off, and counts it as served.
    fn take_request(&self) -> Call {
        self.requests_served.set(self.requests_served.get().wrapping_add(1));
        let call = self.head.request.0.take();
        if is_measured() {
            // All forks on this thread are to be seen.
            self.head.request.0.keep_on();
        }
        call
    }

    /// How many requests this worker has served; wraps around.
    #[inline(always)]
    pub(crate) fn requests_served(&self) -> u32 {
        self.requests_served.get()
    }

    /// Publishes as if every idle worker had just made a request: for a fork after which the worker will not check the
    /// request again for long.
    #[inline]
    pub(crate) fn offer(&self, likely: Worth) {
        if self.registry().sleep().idle() > self.public_jobs() || self.is_requested() {
            self.offer_to_idle(likely);
        }
    }

    /// Publishes all forks; the newest is wanted only if the worker is held up. A worker that is busy now and idle
    /// later cannot make a request to a worker that is held up.
    #[inline]
    pub(crate) fn offer_for_held_up(&self) {
        if self.public_jobs() == 0 {
            self.shared().hold_off.begin_for_held_up();
        }
        self.serve_request_if_made();
        self.publish_all();
    }

    /// Stores what later forks of loops are likely to be worth.
    #[inline]
    pub(crate) fn remember_worth(&self, worth: Worth) {
        self.last_worth.set(worth);
    }

    /// The value stored last.
    #[inline]
    pub(crate) fn likely_worth(&self) -> Worth {
        self.last_worth.get()
    }

    #[cold]
    fn offer_to_idle(&self, likely: Worth) {
        // No thief has requested this very fork: thieves leave a small one alone at first. But they must not leave an
        // older one alone because of it.
        if likely == Worth::Inline && self.public_jobs() == 0 {
            self.shared().hold_off.begin();
        }
        if self.is_requested() {
            self.take_request();
            // As in `serve_request`.
            fence(Ordering::SeqCst);
        }
        self.serve(Call::Made);
        if likely == Worth::WakeUp {
            self.urge();
        }
    }

    /// Makes sure that a thread looks for this worker's public jobs, if there are any.
    pub(crate) fn urge(&self) {
        if self.public_jobs() > 0 && self.registry().belongs_to_this_process() {
            self.registry().sleep().work_published(self.region());
        }
    }

    /// Must be called before a job is made public. Ends the hold-off of an older job that is wanted only if its worker
    /// is held up, because the new job stands behind it.
    #[inline]
    pub(super) fn hold_nothing_back(&self, deque: &deque::Worker<JobRef>) {
        let hold_off = &self.shared().hold_off;
        if hold_off.is_for_held_up() && !deque.is_empty() {
            hold_off.end();
        }
    }

    /// Returns how many forks it has published.
    fn serve(&self, call: Call) -> usize {
        let idle = self.registry().sleep().idle();
        let credit = match call {
            Call::Made => idle,
            Call::Owed => self.credit.get(),
        };
        let wanted = idle.saturating_sub(self.public_jobs()).min(credit);
        if wanted == 0 {
            return 0;
        }
        let published = self.publish_oldest(|private| wanted.max(private / WALKED_PER_PUBLISHED));
        self.credit.set(credit.saturating_sub(published));
        if published < wanted {
            self.head.request.0.keep_on();
        }
        published
    }

    /// Publishes every private fork: before a worker waits, or runs a job that is not its own.
    pub(crate) fn publish_all(&self) {
        if !self.head.stack.is_empty() {
            self.publish_oldest(|private| private);
        }
    }

    /// Moves the oldest private forks to the public deque, and returns how many. `how_many` gets the number of private
    /// forks and returns how many to move.
    fn publish_oldest(&self, how_many: impl FnOnce(usize) -> usize) -> usize {
        if !self.registry().belongs_to_this_process() {
            // A forked child has no other thread; its one thread runs its forks itself, on its way back.
            return how_many(0);
        }
        let deque = self.deque();
        if let Some(deque) = deque {
            self.hold_nothing_back(deque);
        }
        // SAFETY: the queues are this pool's; only its workers take jobs from them and open their latches.
        let waker = unsafe { SamePool::new(self.parker()) };
        let mut published = 0;
        self.head.stack.drain_oldest(how_many, |fork| {
            // SAFETY: the fork is this thread's. It is alive (join stack, invariant 1) and leaves the stack once. Its
            // frame waits for it in `retrieve`.
            let job = unsafe { ForkHeader::publish(fork, self.region(), waker) };
            trace::published(job.header().addr().get());
            jobs::published(job.header().addr().get());
            match deque {
                Some(deque) => deque.push(job),
                // Thieves do not look into the deque for jobs of a thread without a slot.
                None => self.registry().queues().push(job, Class::Deferred),
            }
            published += 1;
        });

        if published > 0 {
            self.count_published_forks(published);
            self.registry().sleep().forks_published(self.region());
        }
        published
    }

    /// Takes back a fork if it is still private: then the caller runs it. To be called when its first half has ended.
    #[inline(always)]
    pub(crate) fn take_back<F, R>(&self, fork: &ForkJob<F, R>) -> bool
    where
        F: Forked<R>,
        R: Send,
    {
        // SAFETY: the pointer is made from the reference.
        self.head.stack.take_back(unsafe { &*fork.header() })
    }

    /// Comes back for a fork that was published: finds it in a queue, or waits for its thief.
    ///
    /// # Safety
    ///
    /// [`Worker::take_back`] has just returned false, and this is the fork's first retrieval.
    pub(crate) unsafe fn retrieve<F, R>(&self, fork: &ForkJob<F, R>) -> Retrieved<R>
    where
        F: Forked<R>,
        R: Send,
    {
        // SAFETY: the caller's duty.
        if unsafe { self.get_back(fork.header()) } {
            return Retrieved::Untaken;
        }
        // SAFETY: the latch is open, and the result is taken only here.
        Retrieved::Done(unsafe { fork.result() })
    }

    /// Takes a published fork out of the queues, or else waits until its latch is open. Returns true if it was in a
    /// queue.
    ///
    /// # Safety
    ///
    /// As for [`retrieve`](Self::retrieve).
    unsafe fn get_back(&self, header: *const ForkHeader) -> bool {
        // SAFETY: `take_back` returned false, so the fork was published.
        let latch = unsafe { ForkHeader::latch(header) };
        // SAFETY: the latch lives as long as the fork.
        let latch = unsafe { &*latch };
        let job = ForkHeader::job_ref(header);
        if !self.registry().belongs_to_this_process() {
            return self.find_in_child(job, latch);
        }
        let is_found = self.find_in_deque(job, latch);
        // Not earlier: a thief that searches would take a small fork just before the owner does.
        self.shared().hold_off.end();
        // A restricted worker that took the fork from a deque has deferred it.
        if is_found || self.registry().queues().take_this(job) {
            return true;
        }
        let _listed = waits::list(Awaited::Fork);
        self.wait_until(latch);
        false
    }

    /// Looks for a published fork in the public deque; on the way it runs younger jobs of the region that lie above it.
    /// Returns false if the fork is not there, or has been run.
    fn find_in_deque(&self, wanted: JobRef, latch: &dyn Wait) -> bool {
        let policy = self.policy_of_wait();
        while !latch.probe() {
            match self.take_from_deque(policy, usize::MAX) {
                Some(job) if job == wanted => return true,
                // SAFETY: the job has just been taken from the deque.
                Some(job) => unsafe { self.execute(job) },
                None => return false,
            }
        }
        false
    }
}

impl Worker {
    /// In a child that was forked off on this worker: finds a fork in the public deque. The jobs above it are the
    /// parent's to run. Returns false if the fork was run before the child was made.
    ///
    /// # Panics
    ///
    /// If a thief has the fork: that thread does not exist in the child. No thread will touch the fork again.
    #[cold]
    fn find_in_child(&self, wanted: JobRef, latch: &dyn Wait) -> bool {
        while !latch.probe() {
            match self.pop() {
                Some(job) if job == wanted => return true,
                Some(_) => {}
                None => self.registry().check_process(),
            }
        }
        false
    }
}

/// The outcome when a worker comes back for a published fork.
#[derive(Debug)]
pub(crate) enum Retrieved<R> {
    /// No thief took it: the caller runs it.
    Untaken,
    /// A thief ran it, with this result.
    Done(thread::Result<R>),
}
