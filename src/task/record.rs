//! A task's memory: one allocation for the job, the closure or future, its outcome, and the sleeper.

use crate::job::Header;
use crate::job::slab::Slab;
use crate::pool::registry::Registry;
use crate::sync::cell::UnsafeCell;
use crate::task::body::{TaskBody, TaskStage};
use crate::task::error::TaskError;
use crate::task::head::{self, Head, Regions, TaskVtable};
use crate::task::home::Home;
use crate::task::life;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

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
            unsafe { place.cast::<Option<Result<B::Output, TaskError>>>().write(Some(outcome)) };
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
        record.home.enqueue(unsafe { head::job_of(head) });
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

/// Makes a task that has not begun, with one reference for a handle and one for a queue.
pub(super) fn place<B: TaskBody, H: Home>(
    regions: Regions,
    registry: *const Registry,
    body: B,
    home: H,
) -> NonNull<Head> {
    let head = Head::new(execute, regions, registry, TaskRecord::<B, H>::VTABLE);
    let stage = UnsafeCell::new(TaskStage::Body(body));
    let record = Box::new(TaskRecord { head, home: ManuallyDrop::new(home), stage });
    NonNull::from(Box::leak(record)).cast()
}

unsafe fn execute(header: NonNull<Header>, _: &Slab) {
    // SAFETY: the pointer is that of `job_of`, and the queue's reference keeps the record in memory.
    unsafe { life::come_from_queue(header.cast()) };
}
