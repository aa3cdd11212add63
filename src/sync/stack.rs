//! How much of its stack a thread has left.

use crate::sync::local::thread_local;
use std::cell::Cell;

/// As much stack as a job finds on a thread that std has started with its default of two megabytes, and that is some frames deep
/// by then.
const ROOM: usize = (2 << 20) - (128 << 10);

/// The answer is not known yet: no address is above this.
const UNKNOWN: usize = usize::MAX;

thread_local! {
    /// The lowest address at which the calling thread has [`ROOM`] left.
    static ROOMY_FROM: Cell<usize> = const { Cell::new(UNKNOWN) };
}

/// An address in the caller's frame, or close to it. Stacks grow downwards wherever std has threads.
#[inline(always)]
pub(crate) fn here() -> usize {
    let local = 0_u8;
    (&raw const local).addr()
}

/// Whether the calling thread, which others have started, has as much stack left as a thread of a pool has for a job. Yes where
/// the system does not tell.
#[inline]
pub(crate) fn is_roomy() -> bool {
    here() >= ROOMY_FROM.get() || is_roomy_slow()
}

#[cold]
fn is_roomy_slow() -> bool {
    if ROOMY_FROM.get() == UNKNOWN {
        ROOMY_FROM.set(end().map_or(0, |end| end.saturating_add(ROOM)));
    }
    here() >= ROOMY_FROM.get()
}

/// The end of the calling thread's stack, its lowest address.
#[cfg(all(any(target_os = "linux", target_os = "android"), not(any(miri, asan, loom, sim))))]
fn end() -> Option<usize> {
    use std::mem::MaybeUninit;
    use std::ptr;

    let mut attributes = MaybeUninit::uninit();
    // SAFETY: a thread may ask for itself.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: the thread is the calling one, and the call writes to the place if it succeeds.
    let error = unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) };
    if error != 0 {
        return None;
    }
    let (mut end, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the attributes were written just now, the other two are places of this frame.
    let error = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut end, &raw mut size) };
    // SAFETY: the attributes were written above, and are not used again.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (error == 0).then(|| end.addr())
}

#[cfg(all(target_vendor = "apple", not(any(miri, asan, loom, sim))))]
fn end() -> Option<usize> {
    // SAFETY: a thread may ask for itself.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: as above; this is the highest address.
    let begin = unsafe { libc::pthread_get_stackaddr_np(thread) };
    // SAFETY: as above.
    let size = unsafe { libc::pthread_get_stacksize_np(thread) };
    begin.addr().checked_sub(size)
}

#[cfg(all(windows, not(any(miri, asan, loom, sim))))]
fn end() -> Option<usize> {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentThreadStackLimits(low: *mut usize, high: *mut usize);
    }
    let (mut low, mut high) = (0, 0);
    // SAFETY: both are places of this frame.
    unsafe { GetCurrentThreadStackLimits(&raw mut low, &raw mut high) };
    Some(low)
}

// Under the address sanitizer a local may lie elsewhere than on the stack.
#[cfg(any(
    miri,
    asan,
    loom,
    sim,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple", windows))
))]
fn end() -> Option<usize> {
    None
}

#[cfg(all(test, any(target_os = "linux", target_vendor = "apple", windows), not(any(miri, asan, loom, sim))))]
mod tests {
    use super::is_roomy;

    /// Whether there is room at some depth and none further down, on a stack of two megabytes, or what the system gives for that.
    #[test]
    fn a_thread_has_room_until_it_is_deep_in_its_stack() {
        #[inline(never)]
        fn depth_without_room(depth: usize) -> usize {
            let used = std::hint::black_box([0_u8; 32 << 10]);
            let found = if is_roomy() { depth_without_room(depth + 1) } else { depth };
            std::hint::black_box(&used);
            found
        }
        let deeper = || (is_roomy(), depth_without_room(0), is_roomy());
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(deeper).unwrap();
        let (before, depth, after) = thread.join().unwrap();
        assert!(before && depth > 0 && after);
    }
}
