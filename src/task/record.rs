//! A task's memory: one allocation for the job, the closure or future, its outcome, and who waits for it.

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

/// The part of a record that does not depend on what the task does, and its first field.
///
/// 1. The record is in memory while the state counts a reference. Who brings the count to zero frees it.
/// 2. `sleeper` belongs to the handle, but while `SLEEPER` is set to nobody, and from `DONE` on, if it was set then, to
///    whoever brought `DONE` about.
/// 3. `registry` is compared with others, never followed.
#[repr(C)]
pub(super) struct Head {
    header: Header,
    pub(super) state: TaskState,
    pub(super) sleeper: UnsafeCell<Option<Sleeper>>,
    pub(super) registry: *const Registry,
    /// The incarnation of the process in which the pool's threads are.
    pub(super) process: usize,
    /// The region of what the body begins.
    pub(super) inside: Region,
    pub(super) vtable: &'static TaskVtable,
}

/// What depends on what the task does. All take the head of a record that is in memory, of the type that the functions
/// were made for.
pub(super) struct TaskVtable {
    /// Runs the body, and says whether it is done, with its outcome stored. For the runner.
    pub(super) run: unsafe fn(NonNull<Head>) -> bool,
    /// Drops the body, or the outcome, if it is there. For its owner.
    pub(super) clear: unsafe fn(NonNull<Head>),
    /// Moves the outcome to where the pointer leads, a `Option<thread::Result<T>>` with the task's `T`. For the handle.
    pub(super) take_outcome: unsafe fn(NonNull<Head>, *mut ()),
    /// Has the task end without an outcome, if it is not too late. For one who keeps it in memory.
    pub(super) cancel: unsafe fn(NonNull<Head>),
    /// Leaves what the task belongs to. To be called once, when the task is done and in no queue.
    pub(super) leave: unsafe fn(NonNull<Head>),
    /// Puts the reference into a queue. For whom the state has told to.
    pub(super) enqueue: unsafe fn(NonNull<Head>),
    /// Frees the record. For whoever was told that its reference was the last.
    pub(super) free: unsafe fn(NonNull<Head>),
}

/// A task.
///
/// 1. `stage` holds the body until the task is done, and belongs to the runner while there is one. A body that does not
///    run belongs to nobody, until somebody becomes the runner, or the one to drop it. Then it holds the outcome, which
///    is the handle's if there was one when the task became done, and else the runner's.
/// 2. `home` is moved out by whoever leaves it; until then it is there to be shared.
#[repr(C)]
struct TaskRecord<B: TaskBody, H> {
    head: Head,
    home: ManuallyDrop<H>,
    stage: UnsafeCell<TaskStage<B>>,
}

/// What is left of a task to do, or what came of it.
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
        // SAFETY: the record is of this type and in memory, says the caller.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage is the runner's, and holds the body (invariant 1). It does not move: the record does not.
        record.stage.with_mut(|stage| unsafe { B::run(stage, head) })
    }

    unsafe fn clear(head: NonNull<Head>) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage is the caller's.
        record.stage.with_mut(|stage| unsafe { TaskStage::clear(stage) });
    }

    unsafe fn take_outcome(head: NonNull<Head>, place: *mut ()) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the stage is the caller's.
        let stage = record.stage.with_mut(|stage| unsafe { ptr::replace(stage, TaskStage::Empty) });
        if let TaskStage::Outcome(outcome) = stage {
            // SAFETY: the caller's place has room for this type.
            unsafe { place.cast::<Option<thread::Result<B::Output>>>().write(Some(outcome)) };
        }
    }

    unsafe fn leave(head: NonNull<Head>) {
        // SAFETY: as in `run`.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: this is called once, and nobody looks at the home any more (invariant 2).
        let home = unsafe { ptr::read(&*record.home) };
        home.leave();
    }

    unsafe fn enqueue(head: NonNull<Head>) {
        // SAFETY: as in `run`; and the task is not done, so that its home is still there.
        let record = unsafe { head.cast::<Self>().as_ref() };
        // SAFETY: the state has counted a reference for the queue.
        record.home.enqueue(unsafe { job_of(head) });
    }

    unsafe fn free(head: NonNull<Head>) {
        // SAFETY: it was leaked by `place`, and nobody refers to it any more.
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
    /// Drops what is on the stage. A panic of its destructor is swallowed.
    ///
    /// # Safety
    ///
    /// The stage is the caller's.
    pub(super) unsafe fn clear(this: *mut Self) {
        // SAFETY: the stage is the caller's, and holds something; what is left of it after a panic is overwritten.
        let dropped = unwind::halt(|| unsafe { ptr::drop_in_place(this) });
        // SAFETY: the stage is the caller's.
        unsafe { this.write(TaskStage::Empty) };
        unwind::dispose(dropped);
    }
}

/// The regions of a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regions {
    /// That of the task as a job.
    pub(super) around: Region,
    /// That of what its body begins.
    pub(super) inside: Region,
}

/// Makes a task that has not begun: one reference for a handle, and one for a queue, the job.
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
/// The state counts a reference for it, and the caller gives the job to a queue, or to nobody.
pub(super) unsafe fn job_of(head: NonNull<Head>) -> JobRef {
    // SAFETY: the header is the first field of the head, which is that of the record, and the pointer is to the whole of
    // it. Of the copies, all but the one that the state counts are for comparison only.
    unsafe { JobRef::new(head.cast()) }
}

unsafe fn execute(header: NonNull<Header>, _: &Slab) {
    // SAFETY: the pointer is that of `job_of`, and the queue's reference keeps the record.
    unsafe { life::come_from_queue(header.cast()) };
}
