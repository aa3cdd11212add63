//! Running a task where it is joined: on a worker of its pool, if no other thread has begun it.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef};
use crate::pool::registry::Worker;
use crate::sync::local::thread_local;
use crate::task::head::{self, Head};
use crate::task::life;
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ptr::NonNull;

/// It has no random keys, so that the set of a thread is a constant until it is used. The addresses come from the
/// allocator.
type References = HashSet<JobRef, BuildHasherDefault<DefaultHasher>>;

thread_local! {
    /// References to tasks that have run where they were joined. They are still in the queue of the calling thread's
    /// worker, unless a thief has taken them.
    ///
    /// The worker compares them with the job that it takes from the queue, and runs that job, whatever it is by then.
    /// So it does no harm if another task has the memory now.
    static LEFT: RefCell<References> = const { RefCell::new(References::with_hasher(BuildHasherDefault::new())) };
}

/// So many references are remembered even if the queue has few jobs.
const ALWAYS_REMEMBERED: usize = 64;

/// Runs the task if no thread does yet, or polls it if it is due.
///
/// # Safety
///
/// The caller must have the handle, and the worker must be one of the task's pool.
pub(super) unsafe fn run(head: NonNull<Head>, worker: &Worker) {
    // SAFETY: the job is only compared with others, unless it is the very one that was in the queue.
    let job = unsafe { head::job_of(head) };
    if worker.take_next_if(|next| next == job).is_some() {
        // SAFETY: it has just been taken from a queue.
        unsafe { worker.execute_within(job) };
    // SAFETY: the caller has the same duties.
    } else if unsafe { life::claim(head) } {
        remember(job, worker);
        Claimed::run(head, worker);
    }
    run_left(worker);
}

/// Remembers a reference that stays in the queue.
fn remember(job: JobRef, worker: &Worker) {
    with_left(|left| {
        // With more references than the queue has jobs, thieves have taken most of them. A reference that is forgotten
        // is run like any other job, when the worker comes to it.
        if left.len() >= ALWAYS_REMEMBERED.max(2 * worker.public_jobs()) {
            left.clear();
        }
        left.insert(job);
    });
}

/// Calls `f` with the references that the thread remembers. `None` while the thread ends: then it remembers none.
fn with_left<R>(f: impl FnOnce(&mut References) -> R) -> Option<R> {
    LEFT.try_with(|left| f(&mut left.borrow_mut())).ok()
}

/// Takes the remembered references from the top of the worker's queue, and runs them.
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
        // SAFETY: the job is only asked for its region.
        let region = unsafe { head::job_of(head) }.region();
        let claimed = Claimed { header: Header::new(Self::execute, region), head };
        // SAFETY: the pointer is to the whole of it, and it stays in this frame until it has run.
        let job = unsafe { JobRef::new(NonNull::from(&claimed).cast()) };
        // SAFETY: it is in no queue, and is run once.
        unsafe { worker.execute_within(job) };
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        // SAFETY: the pointer comes from `run`, which is still in its frame.
        let claimed = unsafe { header.cast::<Self>().as_ref() };
        // SAFETY: the claimer is the runner, and its handle keeps the task.
        unsafe { life::run(claimed.head) };
    }
}
