//! What collecting needs of memory at most, counted by the allocator of this binary, which holds nothing else.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::prelude::*;

/// Bytes allocated now. Relaxed, like the next: they count, and order nothing.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The most bytes that were allocated at once.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static GLOBAL: Counting = Counting;

fn grew(by: usize) {
    let held = HELD.fetch_add(by, Ordering::Relaxed) + by;
    PEAK.fetch_max(held, Ordering::Relaxed);
}

// SAFETY: all is handed on to the system's allocator. `realloc` is the default one, by which both blocks count.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grew(layout.size());
        // SAFETY: passed on to the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: passed on to the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The most bytes that were allocated at once while `collect` ran, and those of what it made.
fn peak_of<T>(collect: impl FnOnce() -> Vec<T>) -> (usize, usize) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let collected = collect();
    (PEAK.load(Ordering::Relaxed) - before, size_of_val(&*collected))
}

/// How many times as much as the outcome collecting may need.
const MOST: f64 = 2.2;

#[track_caller]
fn assert_frugal((peak, bytes): (usize, usize), expected: usize) {
    assert_eq!(bytes, expected);
    let factor = peak as f64 / bytes as f64;
    assert!(factor <= MOST, "{peak} bytes at most for {bytes}: {factor:.3} times as many");
    println!("{factor:.3} times the bytes of the outcome");
}

/// One test, as they share the counts.
#[test]
fn collecting_needs_little_more_than_twice_the_memory_of_the_outcome() {
    const NUMBERS: u32 = 30_000_000;
    for threads in [2, 8] {
        let pool = paceline::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let bytes = || (0..NUMBERS).into_par_iter().flat_map_iter(u32::to_le_bytes).collect::<Vec<u8>>();
            assert_frugal(peak_of(bytes), 4 * NUMBERS as usize);
        });
    }
}
