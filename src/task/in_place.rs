//! Running a task where it is joined: on a worker of its pool, if nobody has begun it.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef};
use crate::pool::worker::Worker;
use crate::sync::local::thread_local;
use crate::task::life;
use crate::task::record::{self, Head};
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ptr::NonNull;

/// Without random keys, so that a thread's set is a constant until it is used. The addresses are the allocator's.
type References = HashSet<JobRef, BuildHasherDefault<DefaultHasher>>;

thread_local! {
    /// References to tasks that have run where they were joined, and are still in the queue of the calling thread's worker,
    /// unless a thief has come to them.
    ///
    /// They are compared with what is taken from the queue, and that is run, whatever it is by then: so it does no harm if
    /// the memory is another task's now.
    static LEFT: RefCell<References> = const { RefCell::new(References::with_hasher(BuildHasherDefault::new())) };
}

/// So many references are remembered however few jobs are in the queue.
const ALWAYS_REMEMBERED: usize = 64;

/// Runs the task if nobody does yet, or polls it if it is due.
///
/// # Safety
///
/// The caller has the handle, and the worker is one of the task's pool.
pub(super) unsafe fn run(head: NonNull<Head>, worker: &Worker) {
    // SAFETY: to be compared with others, unless it is the one that was in the queue.
    let job = unsafe { record::job_of(head) };
    if worker.take_next_if(|next| next == job).is_some() {
        // SAFETY: it has just been taken from a queue.
        unsafe { worker.execute_within(job) };
    // SAFETY: passed on to the caller.
    } else if unsafe { life::claim(head) } {
        remember(job, worker);
        Claimed::run(head, worker);
    }
    run_left(worker);
}

/// Remembers a reference that stays in the queue.
fn remember(job: JobRef, worker: &Worker) {
    with_left(|left| {
        // With more of them than there are jobs in the queue, thieves have come to most. Those that are forgotten are run as
        // other jobs are, when the worker comes to them.
        if left.len() >= ALWAYS_REMEMBERED.max(2 * worker.public_jobs()) {
            left.clear();
        }
        left.insert(job);
    });
}

/// Calls `f` with what the thread remembers. `None` when the thread ends and remembers nothing any more.
fn with_left<R>(f: impl FnOnce(&mut References) -> R) -> Option<R> {
    LEFT.try_with(|left| f(&mut left.borrow_mut())).ok()
}

/// Takes the references that were left from the top of the worker's queue.
fn run_left(worker: &Worker) {
    let is_left = |next| with_left(|left| left.remove(&next)) == Some(true);
    while with_left(|left| left.is_empty()) == Some(false) {
        let Some(job) = worker.take_next_if(is_left) else {
            return;
        };
        // SAFETY: it has just been taken from a queue.
        unsafe { worker.execute_within(job) };
    }
}

/// A task that has been claimed, as a job in the claimer's frame.
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
        let claimed = Claimed { header: Header::new(Self::execute, region), head };
        // SAFETY: the pointer is to the whole of it, and it is in this frame until it has run.
        let job = unsafe { JobRef::new(NonNull::from(&claimed).cast()) };
        // SAFETY: no queue knows it, and it is run once.
        unsafe { worker.execute_within(job) };
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        // SAFETY: the pointer comes from `run`, whose frame is there.
        let claimed = unsafe { header.cast::<Self>().as_ref() };
        // SAFETY: the claimer is the runner, and its handle keeps the task.
        unsafe { life::run(claimed.head) };
    }
}
