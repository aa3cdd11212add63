//! An allocator that knows how much is allocated, and how much was at most.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes allocated now. Relaxed, like the next: they count, and order nothing.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The most bytes ever allocated at once since this was last set.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted; a bench that wants it declares it as its global one.
pub(crate) struct Heap;

impl Heap {
    fn grew(by: usize) {
        let held = HELD.fetch_add(by, Ordering::Relaxed) + by;
        PEAK.fetch_max(held, Ordering::Relaxed);
    }
}

// SAFETY: every call is the system allocator's own; what is counted beside it touches no memory of the caller's.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::grew(layout.size());
        // SAFETY: the caller keeps `alloc`'s contract, which is the same here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps `dealloc`'s contract, and the block came from `System`, as all of ours do.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // The old block may live until the new one is filled, so that both count for the peak.
        Self::grew(new_size);
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps `realloc`'s contract, and the block came from `System`, as all of ours do.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

/// The most bytes that were allocated at once while `work` ran, beyond those that were before; needs [`Heap`] as the
/// global allocator.
pub(crate) fn peak_of<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    (result, PEAK.load(Ordering::Relaxed).saturating_sub(before))
}
