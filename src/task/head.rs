//! The head of a task's record: what a thread needs that has a reference to the task, whatever the type of its result.

use crate::job::context::CarriedContext;
use crate::job::{Execute, Header, JobRef, Region};
use crate::pool::registry::Registry;
use crate::sync::cell::UnsafeCell;
use crate::sync::process;
use crate::task::sleeper::Sleeper;
use crate::task::state::{RunOutcome, TaskState};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// The part of a record that does not depend on the type of the task. It is the record's first field.
///
/// 1. The record is in memory while the state counts a reference. The thread that brings the count to zero frees it.
/// 2. `sleeper` belongs to the handle until the handle sets `SLEEPER`. While that is set no thread touches it. If it is
///    set when the task becomes done, `sleeper` belongs to the thread that set `DONE`.
/// 3. `context` belongs to the runner, which drops it with the body; the record does not.
/// 4. `registry` is compared with other pointers, and never followed.
#[repr(C)]
pub(super) struct Head {
    header: Header,
    pub(super) state: TaskState,
    pub(super) sleeper: UnsafeCell<Option<Sleeper>>,
    /// That of the thread that spawned the task.
    pub(super) context: UnsafeCell<Option<ManuallyDrop<Box<CarriedContext>>>>,
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
    /// Runs the body, or says that it must be dropped. Only the runner may call it.
    pub(super) run: unsafe fn(NonNull<Head>) -> RunOutcome,
    /// Drops the body or the outcome, if there is one. Only its owner may call it.
    pub(super) clear: unsafe fn(NonNull<Head>),
    /// Moves the outcome to the pointer's place, an `Option<Result<T, TaskError>>` with the task's `T`. Only the handle
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

/// The regions of a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regions {
    /// The region of the task as a job.
    pub(super) around: Region,
    /// The region of the jobs that its body spawns.
    pub(super) inside: Region,
}

impl Head {
    /// The head of a task that has not begun. `execute` runs the task as a job.
    #[inline]
    pub(super) fn new(
        execute: Execute,
        regions: Regions,
        registry: *const Registry,
        vtable: &'static TaskVtable,
    ) -> Self {
        Head {
            header: Header::new(execute, regions.around),
            state: TaskState::new(),
            sleeper: UnsafeCell::new(None),
            context: UnsafeCell::new(CarriedContext::capture_boxed().map(ManuallyDrop::new)),
            registry,
            process: process::incarnation(),
            inside: regions.inside,
            vtable,
        }
    }
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
