//! How several threads take turns at one worker: one that blocks steps aside, another goes on in its place, and it
//! comes back. `README.md`, "Blocking calls", has the protocol.

use crate::job::Region;
use crate::job::latch::{Latch, OnceLatch, SamePool, Wait};
use crate::pool::standby::Standby;
use crate::pool::worker::absentees::{AnyOf, Recall, Stack};
use crate::pool::worker::current::Absence;
use crate::pool::worker::restricted::Policy;
use crate::pool::worker::stack_depth::Threshold;
use crate::pool::worker::wait::Next;
use crate::pool::worker::{Shared, Worker};
use crate::sync::parker::Parker;
use crate::sync::unwind::AbortOnUnwind;
use std::sync::Arc;

/// Who is the worker's owner next.
#[derive(Debug)]
enum Successor {
    /// Somebody who was it before, and can go on.
    Absentee(Recall),
    /// A thread of the pool's that has nothing to do.
    Standby(Arc<Standby>),
}

/// What of a worker is its owner's own.
#[derive(Debug, Clone, Copy)]
struct Place {
    region: Region,
    nesting: usize,
    deep: Threshold,
    own_deep: Threshold,
    is_standby: bool,
}

/// The calling thread's way back to its worker. When it is dropped, also by a panic, the thread waits until it is the
/// owner again.
#[derive(Debug)]
struct WayBack<'a> {
    worker: &'a Worker,
    place: Place,
    recall: &'a OnceLatch<Arc<Parker>>,
    parker: &'a Parker,
    /// While the thread is away it is no worker.
    _outside: Absence,
}

impl Drop for WayBack<'_> {
    fn drop(&mut self) {
        if !self.worker.registry().belongs_to_this_process() {
            // Whoever has the worker is in another process, and left it in whatever state.
            drop(AbortOnUnwind { because: "a process that was forked off within `blocking` cannot return from it" });
        }
        while self.recall.fall_asleep() {
            self.parker.park();
            self.recall.wake_up();
        }
        // From here on the worker is this thread's.
        self.worker.return_to(self.place);
    }
}

/// Opens a latch when it is dropped, also by a panic.
#[derive(Debug)]
struct OpenOnDrop<'a>(&'a OnceLatch<SamePool>);

impl Drop for OpenOnDrop<'_> {
    fn drop(&mut self) {
        // SAFETY: it is borrowed, and opened nowhere else.
        unsafe { Latch::set(self.0) };
    }
}

/// What the worker's own thread waits for that has left its mail to itself.
struct LatchOrMail<'a> {
    latch: &'a dyn Wait,
    shared: &'a Shared,
}

impl Wait for LatchOrMail<'_> {
    fn probe(&self) -> bool {
        self.shared.has_mail() || self.latch.probe()
    }

    /// Mail that comes later notifies the worker's parker, where the owner sleeps for all who are absent.
    fn fall_asleep(&self) -> bool {
        !self.shared.has_mail() && self.latch.fall_asleep()
    }

    fn wake_up(&self) {
        self.latch.wake_up();
    }
}

/// A latch that is open.
#[derive(Debug)]
struct Open;

impl Wait for Open {
    fn probe(&self) -> bool {
        true
    }

    fn fall_asleep(&self) -> bool {
        false
    }

    fn wake_up(&self) {}
}

impl Worker {
    /// Runs `f`, which may block, while another thread is the owner in the caller's place, if there is one that can be.
    pub(crate) fn step_aside<R>(&self, f: impl FnOnce() -> R) -> R {
        let Some(next) = self.may_step_aside().then(|| self.successor()).flatten() else {
            return f();
        };
        // Whoever comes next hides nothing, and finds what its own forks can sleep_registered upon.
        self.publish_all();
        // SAFETY: its owners, who alone are woken by it, are workers of this pool, and so is the caller, who opens it.
        let over = OnceLatch::new(unsafe { SamePool::new(self.parker()) });
        self.away(next, &over, || {
            let _over = OpenOnDrop(&over);
            f()
        })
    }

    /// Lets another thread be the owner until the latch is open. Says no if there is none that can be.
    pub(super) fn hand_over_until(&self, latch: &dyn Wait) -> bool {
        let Some(next) = self.may_step_aside().then(|| self.successor()).flatten() else {
            return false;
        };
        if let Successor::Absentee(_) = next {
            // It goes on with its own, and looks for nothing else.
            self.registry().sleep().pass_on(|| self.registry().more_work());
        }
        self.away_in_wait(next, latch);
        true
    }

    /// Whether another thread can take the caller's place.
    fn may_step_aside(&self) -> bool {
        let registry = self.registry();
        // In a job; and neither in one of an isolated call, nor on a visit, nor where a lock is held: there a
        // stranger's job could wait for what the caller holds, and never give the place back.
        self.nesting.get() > 0
            && !self.is_bound()
            && self.pinned.get() == 0
            && registry.belongs_to_this_process()
            && registry.has_thread_of_its_own(self)
            && registry.sleep().is_kept(self.index)
    }

    fn successor(&self) -> Option<Successor> {
        let standby = || self.registry().standby_threads().find(self.registry(), self.index).map(Successor::Standby);
        self.take_absentee().map(Successor::Absentee).or_else(standby)
    }

    /// An absentee that can go on, for a thread that has nothing begun, or will wait for long.
    fn take_absentee(&self) -> Option<Recall> {
        self.absentees.take_ready().or_else(|| self.absentees.take_free())
    }

    /// Runs `f` while others own the worker, `next` to begin with, and comes back when `until`, which belongs to the
    /// caller, is open.
    fn away<R>(&self, next: Successor, until: &dyn Wait, f: impl FnOnce() -> R) -> R {
        debug_assert!(!self.has_private_fork(), "joins nest, and these would not");
        let parker = Arc::new(Parker::new());
        let recall = OnceLatch::new(Arc::clone(&parker));
        let stack = if self.nesting.get() == 0 { Stack::Empty } else { Stack::Job };
        // SAFETY: both stay in place until the way back has ended, which is when `recall` is open.
        unsafe { self.absentees.add(until, stack, &recall) };
        self.registry().priority_queues().absentee_leaves();
        let _back =
            WayBack { worker: self, place: self.place(), recall: &recall, parker: &parker, _outside: Absence::begin() };
        match next {
            // SAFETY: it was taken out of this worker's list just now; from here on the worker is not the caller's.
            Successor::Absentee(next) => unsafe { next.call() },
            Successor::Standby(standby) => standby.send_to(self.index),
        }
        f()
    }

    /// Sleeps while others own the worker, `next` to begin with, until the latch is open, or the worker's own thread, if it
    /// is the caller, has mail. What is broadcast runs on the threads that the pool was made of.
    fn away_in_wait(&self, next: Successor, latch: &dyn Wait) {
        if self.is_standby.get() {
            return self.away(next, latch, || ());
        }
        self.mail_is_left.set(true);
        self.away(next, &LatchOrMail { latch, shared: &self.shared }, || ());
    }

    fn place(&self) -> Place {
        Place {
            region: self.region(),
            nesting: self.nesting.get(),
            deep: self.deep.get(),
            own_deep: self.own_deep.get(),
            is_standby: self.is_standby.get(),
        }
    }

    /// The calling thread is the owner again.
    fn return_to(&self, place: Place) {
        self.registry().priority_queues().absentee_is_back();
        self.shared.running.replace(place.region);
        self.nesting.set(place.nesting);
        self.deep.set(place.deep);
        self.own_deep.set(place.own_deep);
        self.is_standby.set(place.is_standby);
        if !place.is_standby {
            self.mail_is_left.set(false);
        }
    }

    /// A standby, near the bottom of its stack of `stack_size` bytes, becomes the owner.
    pub(crate) fn begin_standing_in(&self, stack_size: usize) {
        self.begin(stack_size);
        self.is_standby.set(true);
        // Not `NONE`: whoever has absentees behind him does not lend his slot.
        self.shared.running.replace(Region::fresh());
        self.nesting.set(0);
    }

    /// The standby works until an absentee can go on. The caller calls that one when it has given up the worker.
    pub(crate) fn stand_in(&self) -> Recall {
        let guard = AbortOnUnwind { because: "a panic escaped from a job on a thread that stands in for another" };
        let next = loop {
            if let Some(next) = self.take_absentee() {
                break next;
            }
            let any = AnyOf { own: None, absentees: &self.absentees };
            // With nothing begun it may run whatever there is, so it never hands over.
            self.go_on(self.next(Policy::Any, &any), &any);
        };
        std::mem::forget(guard);
        next
    }

    /// Whether the worker has absentees whom its owner may let go on while it waits.
    pub(super) fn has_company(&self) -> bool {
        !self.absentees.are_none() && !self.is_bound() && self.pinned.get() == 0
    }

    /// What is next at a worker with absentees, in a wait for `latch`: one that can go on does, or there is a job, or all
    /// sleep.
    pub(super) fn next_in_company(&self, policy: Policy, latch: &dyn Wait) -> Next {
        if !self.registry().belongs_to_this_process() {
            // A forked child has none of these threads.
            return self.next(policy, latch);
        }
        if let Some(next) = self.absentees.take_ready() {
            self.away_in_wait(Successor::Absentee(next), latch);
            return Next::LookAgain;
        }
        // As in `begin_standing_in`.
        let region = self.region();
        if region == Region::NONE {
            self.shared.running.replace(Region::fresh());
        }
        let next = self.next(policy, &AnyOf { own: Some(latch), absentees: &self.absentees });
        self.shared.running.replace(region);
        next
    }

    /// Lets an absentee go on that can, for a while. Says whether there was one.
    pub(super) fn let_another_go_on(&self) -> bool {
        let is_asked = self.registry().priority_queues().are_in_use() && self.has_company();
        if !is_asked || !self.registry().belongs_to_this_process() {
            return false;
        }
        let Some(next) = self.absentees.take_ready() else {
            return false;
        };
        self.away_in_wait(Successor::Absentee(next), &Open);
        true
    }

    /// From here on nobody takes the caller's place though it blocks or waits: it holds something that a job may block
    /// on.
    pub(crate) fn pin(&self) {
        self.pinned.set(self.pinned.get() + 1);
    }

    /// Ends what [`Worker::pin`] has begun.
    pub(crate) fn unpin(&self) {
        self.pinned.set(self.pinned.get() - 1);
    }
}
