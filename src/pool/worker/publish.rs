//! From the private stack to the public deque, and back.

use crate::job::JobRef;
use crate::job::fork::{ForkHeader, ForkJob, Forked};
use crate::job::latch::{SamePool, Wait};
use crate::pool::queues::Class;
use crate::pool::registry::Worker;
use crate::pool::tuning::WALKED_PER_PUBLISHED;
use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::steal_request::Call;
use crate::sync::atomic::{Ordering, fence};
use crate::sync::deque;
use std::thread;

impl Worker {
    /// What a fork that is to be pushed next must lead to.
    #[inline(always)]
    pub(crate) fn newest_fork(&self) -> *const ForkHeader {
        self.head.stack.newest()
    }

    /// Puts a fork on the join stack.
    ///
    /// # Safety
    ///
    /// The fork leads to [`Worker::newest_fork`]. It stays alive until [`Worker::take_back`] has said yes to it or
    /// [`Worker::retrieve`] has ended; one of them is called when its first half has ended, and joins nest.
    #[inline(always)]
    pub(crate) unsafe fn push_fork(&self, fork: *const ForkHeader) {
        // SAFETY: passed on to the caller.
        unsafe { self.head.stack.push(fork) };
    }

    /// Whether another worker has asked for work; to be looked at once a fork, and served by [`Worker::serve_request`] when
    /// the fork has been pushed.
    #[inline(always)]
    pub(crate) fn is_requested(&self) -> bool {
        self.head.is_requested()
    }

    /// Publishes the oldest forks, as many as were asked for and while fewer jobs are public than workers are idle.
    ///
    /// A request asks for as many as were idle then. While they have not all been published it stays on, so that
    /// they go out as soon as they are forked; afterwards a thief must ask again. So a worker whose public jobs
    /// nobody takes pays for a bounded number of publications, however many it forks.
    pub(crate) fn serve_request(&self) {
        let call = self.take_request();
        // Between turning the request off and looking who is idle. Pairs with the fence in `Sleep::register`, between being
        // counted and asking: either the sleeper sees the request off and asks again, or it is seen in `answer`.
        fence(Ordering::SeqCst);
        self.answer(call);
    }

    /// Turns the request off.
    fn take_request(&self) -> Call {
        self.answers.set(self.answers.get().wrapping_add(1));
        self.head.request.0.take()
    }

    /// How many requests have been served here; the numbers come round.
    #[inline(always)]
    pub(crate) fn answers(&self) -> u32 {
        self.answers.get()
    }

    /// As if every idle worker had just asked: for a fork whose owner will not look at the request again for long.
    #[inline]
    pub(crate) fn offer(&self, likely: Worth) {
        if self.registry().sleep().idle() > self.public_jobs() || self.is_requested() {
            self.offer_to_idle(likely);
        }
    }

    /// Publishes all forks, the newest of which is wanted only if its owner is held up. Whoever is busy now, and counted as
    /// idle later, cannot ask an owner that is.
    #[inline]
    pub(crate) fn offer_for_held_up(&self) {
        if self.public_jobs() == 0 {
            self.shared().hold_off.begin_for_held_up();
        }
        if self.is_requested() {
            self.serve_request();
        }
        self.publish_all();
    }

    /// Sets what forks of loops are taken to be worth from now on.
    #[inline]
    pub(crate) fn remember_worth(&self, worth: Worth) {
        self.last_worth.set(worth);
    }

    /// What was set last.
    #[inline]
    pub(crate) fn likely_worth(&self) -> Worth {
        self.last_worth.get()
    }

    #[cold]
    fn offer_to_idle(&self, likely: Worth) {
        // Nobody has asked for this very fork: thieves leave one of little work alone at first, but not an older one for
        // its sake.
        if likely == Worth::Inline && self.public_jobs() == 0 {
            self.shared().hold_off.begin();
        }
        if self.is_requested() {
            self.take_request();
            // As in `serve_request`.
            fence(Ordering::SeqCst);
        }
        self.answer(Call::Made);
        if likely == Worth::WakeUp {
            self.urge();
        }
    }

    /// Sees to it that somebody looks for this worker's public jobs, if there are any.
    pub(crate) fn urge(&self) {
        if self.public_jobs() > 0 && self.registry().belongs_to_this_process() {
            self.registry().sleep().work_published(self.region());
        }
    }

    /// To be called before a job is made public: no older one that thieves leave alone, until its owner is held up, is to
    /// stand before it.
    #[inline]
    pub(super) fn hold_nothing_back(&self, deque: &deque::Worker<JobRef>) {
        let hold_off = &self.shared().hold_off;
        if hold_off.is_for_held_up() && !deque.is_empty() {
            hold_off.end();
        }
    }

    fn answer(&self, call: Call) {
        let idle = self.registry().sleep().idle();
        let credit = match call {
            Call::Made => idle,
            Call::Owed => self.credit.get(),
        };
        let wanted = idle.saturating_sub(self.public_jobs()).min(credit);
        if wanted == 0 {
            return;
        }
        let published = self.publish_oldest(|private| wanted.max(private / WALKED_PER_PUBLISHED));
        self.credit.set(credit.saturating_sub(published));
        if published < wanted {
            self.head.request.0.keep_on();
        }
    }

    /// Publishes every private fork: a worker that waits, or runs what is not its own, hides nothing.
    pub(crate) fn publish_all(&self) {
        if !self.head.stack.is_empty() {
            self.publish_oldest(|private| private);
        }
    }

    /// Moves the oldest private forks to the public deque, and returns how many. How many there shall be, `how_many`
    /// says when it is told how many there are.
    fn publish_oldest(&self, how_many: impl FnOnce(usize) -> usize) -> usize {
        if !self.registry().belongs_to_this_process() {
            // In a forked child nobody is left to ask, and its one thread runs what it had forked, on its way back.
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
            // SAFETY: the fork is this thread's; it is alive (join stack, invariant 1) and leaves the stack once; its owner's
            // frame waits for it in `retrieve`.
            let job = unsafe { ForkHeader::publish(fork, self.region(), waker) };
            match deque {
                Some(deque) => deque.push(job),
                // Nobody finds what a thread without a slot has.
                None => self.registry().queues().push(job, Class::Deferred),
            }
            published += 1;
        });

        if published > 0 {
            self.registry().sleep().forks_published(self.region());
        }
        published
    }

    /// Takes back a fork, whose first half has ended, if it is still private: then it is the caller's to run.
    #[inline(always)]
    pub(crate) fn take_back<F, R>(&self, fork: &ForkJob<F, R>) -> bool
    where
        F: Forked<R>,
        R: Send,
    {
        // SAFETY: the pointer is made from the reference.
        self.head.stack.take_back(unsafe { &*fork.header() })
    }

    /// The other end of a fork that was published: finds it in the public deque, or waits for its thief.
    ///
    /// # Safety
    ///
    /// [`Worker::take_back`] has just said no, and this is the fork's first retrieval.
    pub(crate) unsafe fn retrieve<F, R>(&self, fork: &ForkJob<F, R>) -> Retrieved<R>
    where
        F: Forked<R>,
        R: Send,
    {
        // SAFETY: passed on to the caller.
        if unsafe { self.get_back(fork.header()) } {
            return Retrieved::Untaken;
        }
        // SAFETY: the latch is open, and this is the first and last look.
        Retrieved::Done(unsafe { fork.result() })
    }

    /// Gets a published fork out of the queues, or waits until its latch is open: whether it was there.
    ///
    /// # Safety
    ///
    /// As for [`retrieve`](Self::retrieve).
    unsafe fn get_back(&self, header: *const ForkHeader) -> bool {
        // SAFETY: `take_back` said no, so the fork was published.
        let latch = unsafe { ForkHeader::latch(header) };
        // SAFETY: it lives as long as the fork.
        let latch = unsafe { &*latch };
        let job = ForkHeader::job_ref(header);
        if !self.registry().belongs_to_this_process() {
            return self.find_in_child(job, latch);
        }
        let is_found = self.find_in_deque(job, latch);
        // Not before: a thief that searches would take a fork of little work from under the owner's hand.
        self.shared().hold_off.end();
        // One that a restricted worker came upon lies among the deferred.
        if is_found || self.registry().queues().take_this(job) {
            return true;
        }
        self.wait_until(latch);
        false
    }

    /// Looks for a published fork in the public deque; on the way it runs the younger jobs that sleep_registered above it. False
    /// when it is not there, or has been run.
    fn find_in_deque(&self, wanted: JobRef, latch: &dyn Wait) -> bool {
        let policy = self.policy_of_wait();
        while !latch.probe() {
            match self.take_from_deque(policy, usize::MAX) {
                Some(job) if job == wanted => return true,
                // SAFETY: it has just been taken from the deque.
                Some(job) => unsafe { self.execute(job) },
                None => return false,
            }
        }
        false
    }
}

impl Worker {
    /// In a child that was forked off on this worker: finds a fork in the public deque. What lies above it is the
    /// parent's to run. False when the fork was run before the child was made.
    ///
    /// # Panics
    ///
    /// When a thread has it that the child does not have. Nobody will look at the fork again.
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

/// How the owner finds a published fork when it comes back for it.
#[derive(Debug)]
pub(crate) enum Retrieved<R> {
    /// Nobody took it: it is the caller's to run.
    Untaken,
    /// A thief ran it, and this is what came of it.
    Done(thread::Result<R>),
}
