//! Running a task where it is joined: on a worker of its pool, if nobody has begun it.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef};
use crate::pool::worker::Worker;
use crate::task::life;
use crate::task::record::{self, Head};
use std::cell::RefCell;
use std::ptr::NonNull;

/// References to tasks that have run where they were joined, and are still in the queue of the calling thread's worker,
/// unless a thief has come to them.
///
/// They are compared with what is taken from the queue, and that is run, whatever it is by then: so it does no harm if
/// the memory is another task's now.
struct Left {
    jobs: [Option<JobRef>; Left::MOST],
    len: usize,
}

thread_local! {
    static LEFT: RefCell<Left> = const { RefCell::new(Left { jobs: [None; Left::MOST], len: 0 }) };
}

impl Left {
    /// How many references may be left. A loop that never lets its worker come to the queue must not fill it.
    const MOST: usize = 64;

    fn is_full(&self) -> bool {
        self.len == Left::MOST
    }

    fn add(&mut self, job: JobRef) {
        if !self.is_full() {
            self.jobs[self.len] = Some(job);
            self.len += 1;
        }
    }

    /// Whether the job was among them; it is not any more.
    fn remove(&mut self, job: JobRef) -> bool {
        let Some(place) = self.jobs[..self.len].iter().rposition(|&left| left == Some(job)) else {
            return false;
        };
        self.len -= 1;
        self.jobs[place] = self.jobs[self.len];
        true
    }
}

/// Runs the task if nobody does yet, or polls it if it is due.
///
/// # Safety
///
/// The caller has the handle, and the worker is one of the task's pool.
pub(super) unsafe fn run(head: NonNull<Head>, worker: &Worker) {
    // SAFETY: to be compared with others, unless it is the one that was in the queue.
    let job = unsafe { record::job_of(head) };
    if LEFT.with_borrow(Left::is_full) {
        run_from_queue(head, worker);
    } else if worker.take_next_if(|next| next == job).is_some() {
        // SAFETY: it has just been taken from a queue.
        unsafe { worker.execute(job) };
    // SAFETY: passed on to the caller.
    } else if unsafe { life::claim(head) } {
        LEFT.with_borrow_mut(|left| left.add(job));
        Claimed::run(head, worker);
    }
    run_left(worker);
}

/// Takes what the worker's queue has, the references that were left among it, until the task is done.
fn run_from_queue(head: NonNull<Head>, worker: &Worker) {
    // SAFETY: the caller's handle keeps it.
    let task = unsafe { head.as_ref() };
    while !task.state.seen().is_done() && worker.run_one_own() {}
    run_left(worker);
    // The rest was stolen, or lies below jobs that the worker is still to come to.
    LEFT.with_borrow_mut(|left| left.len = 0);
}

/// Takes the references that were left from the top of the worker's queue.
fn run_left(worker: &Worker) {
    let is_left = |next| LEFT.with_borrow_mut(|left| left.remove(next));
    while LEFT.with_borrow(|left| left.len > 0) {
        let Some(job) = worker.take_next_if(is_left) else {
            return;
        };
        // SAFETY: it has just been taken from a queue.
        unsafe { worker.execute(job) };
    }
}

/// A task that has been claimed, as a job in the claimer's frame: so it runs in its own region.
#[repr(C)]
struct Claimed {
    header: Header,
    head: NonNull<Head>,
}

impl Claimed {
    /// Runs a task that the caller has claimed.
    fn run(head: NonNull<Head>, worker: &Worker) {
        // SAFETY: to be asked for its region.
        let region = unsafe { record::job_of(head) }.region();
        // An isolated call that waits for it stays isolated while it runs.
        let region = if worker.region().is_isolated() { worker.region() } else { region };
        let claimed = Claimed { header: Header::new(Self::execute, region), head };
        // SAFETY: the pointer is to the whole of it, and it is in this frame until it has run.
        let job = unsafe { JobRef::new(NonNull::from(&claimed).cast()) };
        // SAFETY: no queue knows it, and it is run once.
        unsafe { worker.execute(job) };
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        // SAFETY: the pointer comes from `run`, whose frame is there.
        let claimed = unsafe { header.cast::<Self>().as_ref() };
        // SAFETY: the claimer is the runner, and its handle keeps the task.
        unsafe { life::run(claimed.head) };
    }
}
