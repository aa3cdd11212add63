//! Stand-ins for the threads of a pool that lends its slots.
//!
//! A [`House`] has the sleep state, one queue, and worker 0's mailbox for real. What stands for a worker is a cell
//! that is written by whoever owns the worker by the protocol: loom reports two writes that nothing orders. Residents go
//! through the steps of `Worker::idle_as` and `sleep_registered`, external_callers through those of `SlotLease` and `idle_restricted`. Each
//! resident takes one thing and never looks again, so that what is left lying is a deadlock.

use crate::job::Region;
use crate::pool::sleep::{RestrictedSleeper, SearchPermit, Sitter, Sleep, WakeOutcome, WakeUp};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use loom::cell::UnsafeCell;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// A pool of which the workers are cells.
pub(super) struct House {
    pub(super) sleep: Sleep,
    jobs: Injector<Found>,
    /// Worker 0's.
    mail: Injector<Found>,
    /// 1 when the pool has ended.
    ended: AtomicU32,
    workers: Vec<UnsafeCell<u32>>,
}

// SAFETY: loom checks who touches the cells when.
unsafe impl Sync for House {}
// SAFETY: as above.
unsafe impl Send for House {}

/// What somebody comes upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Job(u32),
    Mail,
    End,
}

impl House {
    /// A pool of `workers`: the first `asleep` have lain down and offered their slots, the others are at work.
    pub(super) fn new(workers: usize, asleep: usize) -> Arc<Self> {
        let house = House {
            sleep: Sleep::new(workers, 0),
            jobs: Injector::new(),
            mail: Injector::new(),
            ended: AtomicU32::new(0),
            workers: (0..workers).map(|_| UnsafeCell::new(0)).collect(),
        };
        for index in 0..asleep {
            house.sleep.register(index, SearchPermit::Refused);
            house.sleep.free_slot(index);
        }
        Arc::new(house)
    }

    /// A pool of `workers`, which have lain down; the first one's slot is cached.
    pub(super) fn cached(workers: usize) -> Arc<Self> {
        let house = House::new(workers, workers);
        assert!(house.call_in() && house.sleep.counters.load(Ordering::Relaxed).cached() == Some(0));
        house
    }

    /// Does what only the owner of the worker may do.
    pub(super) fn use_worker(&self, index: usize) {
        // SAFETY: loom checks that nobody else is at it.
        self.workers[index].with_mut(|uses| unsafe { *uses += 1 });
    }

    pub(super) fn publish(&self, job: u32, region: Region) {
        self.jobs.push(Found::Job(job));
        self.sleep.work_published(region);
    }

    pub(super) fn post(&self) {
        self.mail.push(Found::Mail);
        self.sleep.notify(0);
    }

    pub(super) fn end(&self) {
        self.ended.store(1, Ordering::Release);
        for index in 0..self.workers.len() {
            self.sleep.notify(index);
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire) == 1
    }

    fn has_mail(&self, index: usize) -> bool {
        index == 0 && !self.mail.is_empty()
    }

    pub(super) fn more_work(&self) -> usize {
        usize::from(!self.jobs.is_empty())
    }

    pub(super) fn take_job(&self) -> Option<Found> {
        take(&self.jobs)
    }

    pub(super) fn assert_all_at_work(&self) {
        let now = self.sleep.counters.load(Ordering::Relaxed);
        assert_eq!((now.searching(), now.sleeping(), self.sleep.counters.restricted()), (0, 0, 0));
        let sleepers = self.sleep.sleepers.lock();
        assert!(sleepers.list.is_empty() && sleepers.restricted.is_empty());
    }

    pub(super) fn start<R: 'static>(self: &Arc<Self>, run: impl FnOnce(&House) -> R + 'static) -> JoinHandle<R> {
        let house = Arc::clone(self);
        thread::spawn(move || run(&house))
    }

    /// Starts the thread of a worker that is asleep, with its slot on offer or lent.
    pub(super) fn start_sleeper(self: &Arc<Self>, index: usize) -> JoinHandle<Found> {
        self.start(move |house| house.sleep_on(index))
    }
}

fn take(queue: &Injector<Found>) -> Option<Found> {
    if queue.is_empty() {
        return None;
    }
    match queue.steal() {
        Steal::Success(found) => Some(found),
        Steal::Empty | Steal::Retry => None,
    }
}

/// A worker's own thread.
impl House {
    fn look(&self, index: usize) -> Option<Found> {
        if self.has_ended() {
            return Some(Found::End);
        }
        if index == 0 { take(&self.mail).or_else(|| self.take_job()) } else { self.take_job() }
    }

    /// Searches, and sleeps, until there is something.
    pub(super) fn idle(&self, index: usize, mut permit: SearchPermit) -> Found {
        loop {
            self.use_worker(index);
            self.sleep.register(index, permit);
            let last_look = self.look(index);
            if let Some(found) = last_look {
                assert_eq!(self.sleep.wake_up_at(index), WakeOutcome::Up);
                self.sleep.end_search(|| self.more_work());
                return found;
            }
            self.use_worker(index);
            self.sleep.free_slot(index);
            self.sleep_registered(index);
            if let Some(found) = self.look(index) {
                self.sleep.end_search(|| self.more_work());
                return found;
            }
            permit = SearchPermit::Granted;
        }
    }

    fn sleep_registered(&self, index: usize) {
        loop {
            self.sleep.parker(index).park();
            match self.sleep.wake_up_at(index) {
                WakeOutcome::Up => return self.use_worker(index),
                WakeOutcome::Away => {}
                WakeOutcome::Visit => {
                    self.use_worker(index);
                    self.run_mail();
                    self.sleep.end_visit(index);
                }
            }
        }
    }

    /// Goes on from where it has lain down.
    fn sleep_on(&self, index: usize) -> Found {
        self.sleep_registered(index);
        if let Some(found) = self.look(index) {
            self.sleep.end_search(|| self.more_work());
            return found;
        }
        self.idle(index, SearchPermit::Granted)
    }

    /// What is in the mailbox is what an external caller at worker 0 waits for.
    fn run_mail(&self) {
        while take(&self.mail).is_some() {
            self.jobs.push(Found::Mail);
            self.sleep.caller_parker(0).notify();
        }
    }
}

/// An external caller.
impl House {
    /// Borrows a slot, if it can, and gives it back.
    pub(super) fn call_in(&self) -> bool {
        let Some(index) = self.sleep.lease() else { return false };
        self.use_worker(index);
        self.see_off(index);
        true
    }

    pub(super) fn see_off(&self, index: usize) {
        if self.sleep.give_back(index) {
            for _ in 0..self.more_work() {
                self.sleep.wake_another();
            }
        }
        if self.has_mail(index) || self.has_ended() {
            self.sleep.notify(index);
        }
    }

    /// Waits as a worker in an isolated call, or in a job, does, for something in the queue: what an owner in a job would hand
    /// its place over for, it takes itself. Who waits at worker 0 also looks at its mail, and having found some passes on
    /// what it was woken for.
    pub(super) fn wait_restricted(&self, sitter: Sitter, index: usize, region: Region) -> Found {
        self.sleep.restricted_waits(sitter);
        let mut wake_up;
        let found = loop {
            self.sleep.register_restricted(RestrictedSleeper { index, sitter, region });
            let last_look = self.look(index);
            if last_look.is_none() {
                self.sleep.parker(index).park();
            }
            wake_up = self.sleep.owner_wakes_up(index);
            if let Some(found) = last_look.or_else(|| self.look(index)) {
                break found;
            }
        };
        self.sleep.restricted_goes_on(sitter);
        if wake_up == WakeUp::ByPublisher && found == Found::Mail {
            self.sleep.pass_on(|| self.more_work());
        }
        found
    }

    /// Waits at worker 0 for something in the queue.
    pub(super) fn wait_as_guest(&self, region: Region) -> Found {
        self.sleep.restricted_waits(Sitter::Guest);
        let found = loop {
            self.use_worker(0);
            self.sleep.register_restricted(RestrictedSleeper { index: 0, sitter: Sitter::Guest, region });
            let last_look = self.take_job();
            if last_look.is_none() {
                self.sleep.leave_slot(0);
                if self.has_mail(0) {
                    self.sleep.notify(0);
                }
                self.sleep.caller_parker(0).park();
            }
            self.sleep.caller_wakes_up(0);
            self.use_worker(0);
            if let Some(found) = last_look.or_else(|| self.take_job()) {
                break found;
            }
        };
        self.sleep.restricted_goes_on(Sitter::Guest);
        found
    }
}
