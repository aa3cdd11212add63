//! What wakes a future of the pool: a reference to its task, as the standard library's waker.

use crate::task::life;
use crate::task::record::Head;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// The data of a waker is a task's head, in memory while the waker lives, since it counts as a reference.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

fn head_of(data: *const ()) -> NonNull<Head> {
    NonNull::new(data.cast_mut()).expect("a task has an address").cast()
}

/// A waker that counts as no reference.
///
/// # Safety
///
/// The caller keeps the task in memory for as long.
pub(super) unsafe fn borrowed(head: NonNull<Head>) -> ManuallyDrop<Waker> {
    let raw = RawWaker::new(head.as_ptr().cast_const().cast(), &VTABLE);
    // SAFETY: a task may be woken, retained and released by any thread; and it is in memory.
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
    // SAFETY: the reference is the waker's, who is used up.
    unsafe { life::release(head_of(data)) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker keeps the task in memory.
    unsafe { life::wake(head_of(data)) };
}

unsafe fn drop(data: *const ()) {
    // SAFETY: the reference is the waker's, who is gone.
    unsafe { life::release(head_of(data)) };
}
