//! A task's memory: one allocation for the job, the closure or future, its outcome, and the sleeper.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef, Region};
use crate::pool::registry::Registry;
use crate::sync::cell::UnsafeCell;
use crate::sync::{process, unwind};
use crate::task::body::TaskBody;
use crate::task::home::Home;
use crate::task::life;
use crate::task::sleeper::Sleeper;
use crate::task::state::TaskState;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::thread;

/// The part of a record that does not depend on the type of the task. It is the record's first field.
///
/// 1. The record is in memory while the state counts a reference. The thread that brings the count to zero frees it.
/// 2. `sleeper` belongs to the handle until the handle sets `SLEEPER`. While that is set no thread touches it. If it is
///    set when the task becomes done, `sleeper` belongs to the thread that set `DONE`.
/// 3. `registry` is compared with other pointers, and never followed.
#[repr(C)]
pub(super) struct Head {
    header: Header,
    pub(super) state: TaskState,
    pub(super) sleeper: UnsafeCell<Option<Sleeper>>,
    pub(super) registry: *const Registry,
    /// The incarnation of the process in which the pool's threads are.
    pub(super) process: usize,
    /// The region of the jobs that the body spawns.
    pub(super) inside: Region,
    pub(super) vtable: &'static TaskVtable,
}

/// The operations that depend on the task's type. Each takes the head of a record that is in memory, and was made for
/// the type of that record.
pub(super) struct TaskVtable {
    /// Runs the body. True if it is done, and its outcome is stored. Only the runner may call it.
    pub(super) run: unsafe fn(NonNull<Head>) -> bool,
    /// Drops the body or the outcome, if there is one. Only its owner may call it.
    pub(super) clear: unsafe fn(NonNull<Head>),
    /// Moves the outcome to the pointer's place, an `Option<thread::Result<T>>` with the task's `T`. Only the handle
    /// may call it.
    pub(super) take_outcome: unsafe fn(NonNull<Head>, *mut ()),
    /// Ends the task without an outcome, if it is not too late. The caller must keep the task in memory.
    pub(super) cancel: unsafe fn(NonNull<Head>),
    /// Leaves the task's home. It must be called once, when the task is done and in no queue.
    pub(super) leave: unsafe fn(NonNull<Head>),
    /// Puts a reference into a queue. Only the thread that a transition told to queue it may call it.
    pub(super) enqueue: unsafe fn(NonNull<Head>),
    /// Frees the record. Only the thread that gave up the last reference may call it.
    pub(super) free: unsafe fn(NonNull<Head>),
}

/// A task.
///
/// 1. `stage` holds the body until the task is done, and belongs to the runner while there is one. While no thread is
///    the runner, no thread touches the body. Afterwards `stage` holds the outcome. That belongs to the handle if there
///    was one when the task became done, and else to the runner.
/// 2. The thread that leaves `home` moves it out; until then it may be shared.
#[repr(C)]
struct TaskRecord<B: TaskBody, H> {
    head: Head,
    home: ManuallyDrop<H>,
    stage: UnsafeCell<TaskStage<B>>,
}

/// The body of a task, its outcome, or neither.
pub(super) enum TaskStage<B: TaskBody> {
    Body(B),
    Outcome(thread::Result<B::Output>),
    Empty,
}

impl<B: TaskBody, H: Home> TaskRecord<B, H> {
    const VTABLE: &'static TaskVtable = &TaskVtable {
        run: Self::run,
        clear: Self::clear,
        take_outcome: Self::take_outcome,
        cancel: if B::IS_FUTURE || !H::IS_LEFT_ANYWHERE { life::cancel_by_the_pool } else { life::cancel_here },
        leave: Self::leave,
        enqueue: Self::enqueue,
        free: Self::free,
    };

    unsafe fn run(head: NonNull<Head>) -> bool {
        // SAFETY: by the caller's duty the record is of this type and in memory.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage belongs to the runner, which calls, and holds the body (invariant 1). It does not move: the
        // record does not.
        record.stage.with_mut(|stage| unsafe { B::run(stage, head) })
    }

    unsafe fn clear(head: NonNull<Head>) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage belongs to the caller.
        record.stage.with_mut(|stage| unsafe { TaskStage::clear(stage) });
    }

    unsafe fn take_outcome(head: NonNull<Head>, place: *mut ()) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage belongs to the caller.
        let stage = record.stage.with_mut(|stage| unsafe { ptr::replace(stage, TaskStage::Empty) });
        if let TaskStage::Outcome(outcome) = stage {
            // SAFETY: by the caller's duty its place has room for this type.
            unsafe { place.cast::<Option<thread::Result<B::Output>>>().write(Some(outcome)) };
        }
    }

    unsafe fn leave(head: NonNull<Head>) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: this is called once, and no thread uses the home any more (invariant 2).
        let home = unsafe { ptr::read(&*record.home) };
        home.leave();
    }

    unsafe fn enqueue(head: NonNull<Head>) {
        // SAFETY: as in `run`. The task is not done, so its home is still there.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the state has counted a reference for the queue.
        record.home.enqueue(unsafe { job_of(head) });
    }

    unsafe fn free(head: NonNull<Head>) {
        // SAFETY: `place` leaked it, and there is no reference to it any more.
        let record = unsafe { Box::from_raw(head.cast::<Self>().as_ptr()) };
        #[cfg(all(test, loom))]
        let record = {
            let mut record = record;
            record.head.state.expire();
            record.head.sleeper.with_mut(|_| ());
            record.stage.with_mut(|_| ());
            record
        };
        drop(record);
    }
}

impl<B: TaskBody> TaskStage<B> {
    /// Drops the closure, the future or the outcome. A panic in its destructor is swallowed.
    ///
    /// # Safety
    ///
    /// The stage must belong to the caller.
    pub(super) unsafe fn clear(this: *mut Self) {
        // SAFETY: the stage belongs to the caller, and is initialised. The write below overwrites what a panic left of
        // it.
        let dropped = unwind::halt(|| unsafe { ptr::drop_in_place(this) });
        // SAFETY: the stage belongs to the caller.
        unsafe { this.write(TaskStage::Empty) };
        unwind::dispose(dropped);
    }
}

/// The regions of a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regions {
    /// The region of the task as a job.
    pub(super) around: Region,
    /// The region of the jobs that its body spawns.
    pub(super) inside: Region,
}

/// Makes a task that has not begun, with one reference for a handle and one for a queue.
pub(super) fn place<B: TaskBody, H: Home>(
    regions: Regions,
    registry: *const Registry,
    body: B,
    home: H,
) -> NonNull<Head> {
    let head = Head {
        header: Header::new(execute, regions.around),
        state: TaskState::new(),
        sleeper: UnsafeCell::new(None),
        registry,
        process: process::incarnation(),
        inside: regions.inside,
        vtable: TaskRecord::<B, H>::VTABLE,
    };
    let stage = UnsafeCell::new(TaskStage::Body(body));
    let record = Box::new(TaskRecord { head, home: ManuallyDrop::new(home), stage });
    NonNull::from(Box::leak(record)).cast()
}

/// The task as a job.
///
/// # Safety
///
/// The state must count a reference for the job, or the caller must give the job to no queue.
pub(super) unsafe fn job_of(head: NonNull<Head>) -> JobRef {
    // SAFETY: the header is the first field of the head, and the head is the first of the record; the pointer is to the
    // whole record. Of the copies, only the one that the state counts is executed; all others are only compared.
    unsafe { JobRef::new(head.cast()) }
}

unsafe fn execute(header: NonNull<Header>, _: &Slab) {
    // SAFETY: the pointer is that of `job_of`, and the queue's reference keeps the record in memory.
    unsafe { life::come_from_queue(header.cast()) };
}
