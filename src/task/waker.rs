//! The waker of a pool's future: a reference to its task, as the standard library's waker.

use crate::task::head::Head;
use crate::task::life;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// The data of a waker is a task's head. It is in memory while the waker lives, since the waker counts as a reference.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

fn head_of(data: *const ()) -> NonNull<Head> {
    NonNull::new(data.cast_mut()).expect("a task has an address").cast()
}

/// A waker that counts as no reference.
///
/// # Safety
///
/// The caller must keep the task in memory as long as the waker lives.
pub(super) unsafe fn borrowed(head: NonNull<Head>) -> ManuallyDrop<Waker> {
    let raw = RawWaker::new(head.as_ptr().cast_const().cast(), &VTABLE);
    // SAFETY: any thread may wake, retain and release a task, and the task is in memory.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker keeps the task in memory.
    unsafe { head_of(data).as_ref() }.state.retain();
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker keeps the task in memory.
    unsafe { life::wake(head_of(data)) };
    // SAFETY: the reference belongs to the waker, which this call consumes.
    unsafe { life::release(head_of(data)) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker keeps the task in memory.
    unsafe { life::wake(head_of(data)) };
}

unsafe fn drop(data: *const ()) {
    // SAFETY: the reference belongs to the waker, which is gone afterwards.
    unsafe { life::release(head_of(data)) };
}
