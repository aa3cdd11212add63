//! An allocator with addresses that depend on the run alone.
//!
//! The library compares addresses: a task's with those of finished tasks, and pointers in a compare-exchange. With
//! another allocator, the reuse of an address would depend on everything that the process has done before. With this
//! one it depends on the run alone: a run has pages of its own, and reuses a block that it has freed before it takes a
//! new one.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The global allocator for programs that run the machine; outside of runs, and for large blocks, the system's.
///
/// 1. A page belongs to one run, from when it is taken from the region, or from `FREE`, until `live` reaches 0: it
///    counts the blocks in use, plus one for the run. Then no pointer into the page is used any more.
/// 2. The blocks of a page all have one size, and their offsets in the page are multiples of it; the header takes the
///    first ones.
/// 3. The free blocks of a run are linked through their first words, and are in no other list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allocator;

/// The size of the reserved region of the address space.
const REGION: usize = 1 << 36;
const PAGE: usize = 1 << 16;
const SMALLEST: usize = 16;
const CLASSES: usize = 11;
/// The room for the header.
const HEADER: usize = 64;

/// The front of a page.
struct PageHeader {
    run: AtomicU64,
    live: AtomicUsize,
    next: Cell<*mut PageHeader>,
}

/// The blocks of one run.
pub(super) struct Arena {
    run: u64,
    free: [Cell<*mut u8>; CLASSES],
    /// The unused rest of each class's current page: its begin and its end.
    fresh: [Cell<(usize, usize)>; CLASSES],
    pages: Cell<*mut PageHeader>,
}

std::thread_local! {
    static ARENA: Cell<*const Arena> = const { Cell::new(ptr::null()) };
}

/// The beginning of the region; 1 if there is none; 0 before the first use.
static REGION_AT: AtomicUsize = AtomicUsize::new(0);
static USED: AtomicUsize = AtomicUsize::new(0);
static RUNS: AtomicU64 = AtomicU64::new(1);

/// The first of the pages that belong to no run.
static FREE: Mutex<Pages> = Mutex::new(Pages(ptr::null_mut()));

struct Pages(*mut PageHeader);

// SAFETY: the pages in the list belong to no run (invariant 1).
unsafe impl Send for Pages {}

/// The guard of a run's arena.
#[derive(Debug)]
pub(super) struct OwnMemory;

impl OwnMemory {
    /// From now on the calling thread allocates from pages of its own.
    pub(super) fn begin() -> Self {
        let arena = Arena {
            run: RUNS.fetch_add(1, Ordering::Relaxed),
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            fresh: [const { Cell::new((0, 0)) }; CLASSES],
            pages: Cell::new(ptr::null_mut()),
        };
        ARENA.set(Box::into_raw(Box::new(arena)));
        OwnMemory
    }
}

impl Drop for OwnMemory {
    fn drop(&mut self) {
        let arena = ARENA.replace(ptr::null()).cast_mut();
        // SAFETY: `begin` has leaked it, outside of all runs, and this is the only pointer to it.
        let arena = unsafe { Box::from_raw(arena) };
        let mut page = arena.pages.get();
        // SAFETY: the page is the run's until `leave` (invariant 1).
        while let Some(header) = unsafe { page.as_ref() } {
            page = header.next.get();
            leave(header);
        }
    }
}

/// Counts the page's blocks in use down by one; frees the page if none is left.
fn leave(header: &PageHeader) {
    if header.live.fetch_sub(1, Ordering::AcqRel) == 1 {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        header.next.set(free.0);
        free.0 = ptr::from_ref(header).cast_mut();
    }
}

/// The beginning of the region, if the system gives one.
fn region() -> Option<usize> {
    let known = REGION_AT.load(Ordering::Acquire);
    if known != 0 {
        return (known != 1).then_some(known);
    }
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
    // SAFETY: a new mapping, which overlaps no other.
    let mapped = unsafe { libc::mmap(ptr::null_mut(), REGION, protection, flags, -1, 0) };
    let found = if mapped == libc::MAP_FAILED { 1 } else { mapped.expose_provenance().next_multiple_of(PAGE) };
    // The second of two threads leaves an unused mapping behind, which takes no memory.
    let set = REGION_AT.compare_exchange(0, found, Ordering::AcqRel, Ordering::Acquire);
    let found = set.map_or_else(|first| first, |_| found);
    (found != 1).then_some(found)
}

fn is_ours(block: *mut u8) -> bool {
    let region = REGION_AT.load(Ordering::Acquire);
    region > 1 && block.addr().wrapping_sub(region) < REGION - PAGE
}

/// The class of blocks for a layout, and their size, unless it is large.
fn class_of(layout: Layout) -> Option<(usize, usize)> {
    let size = layout.size().max(layout.align()).max(SMALLEST).next_power_of_two();
    let class = (size / SMALLEST).trailing_zeros() as usize;
    (class < CLASSES).then_some((class, size))
}

fn header_of<'a>(block: *mut u8) -> &'a PageHeader {
    let page = block.map_addr(|address| address & !(PAGE - 1));
    // SAFETY: the block is in use, and so its page is there, with its header in front (invariants 1 and 2).
    unsafe { &*page.cast::<PageHeader>() }
}

impl Arena {
    fn take(&self, class: usize, size: usize) -> Option<*mut u8> {
        let block = self.free[class].get();
        if !block.is_null() {
            // SAFETY: a free block holds the next one's address (invariant 3).
            self.free[class].set(unsafe { block.cast::<*mut u8>().read() });
            header_of(block).live.fetch_add(1, Ordering::Relaxed);
            return Some(block);
        }
        let (mut from, mut to) = self.fresh[class].get();
        if from == to {
            let page = self.page()?;
            (from, to) = (page + size.max(HEADER), page + PAGE);
        }
        self.fresh[class].set((from + size, to));
        let block = ptr::with_exposed_provenance_mut(from);
        header_of(block).live.fetch_add(1, Ordering::Relaxed);
        Some(block)
    }

    /// Takes a page for the run.
    fn page(&self) -> Option<usize> {
        let header = PageHeader { run: AtomicU64::new(self.run), live: AtomicUsize::new(1), next: self.pages.clone() };
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = free.0;
        // SAFETY: a page in the list belongs to no run, and has its header (invariant 1).
        if let Some(first) = unsafe { page.as_ref() } {
            free.0 = first.next.get();
        } else {
            let used = USED.fetch_add(PAGE, Ordering::Relaxed);
            if used + 2 * PAGE > REGION {
                return None;
            }
            page = ptr::with_exposed_provenance_mut(region()? + used);
        }
        drop(free);
        // SAFETY: the page is this run's now, and lies in the region, with room for a header.
        unsafe { page.write(header) };
        self.pages.set(page);
        Some(page.expose_provenance())
    }
}

// SAFETY: no block is given out twice: it comes from the system, or is removed from a list of free blocks, or comes
// from the part of a page that was never used. By invariant 2 it is as large as its class, and aligned to that size.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: while the pointer is not null, the arena is alive, and belongs to this thread.
        let arena = unsafe { ARENA.get().as_ref() };
        let block = arena.zip(class_of(layout)).and_then(|(arena, (class, size))| arena.take(class, size));
        // SAFETY: the caller's duty.
        block.unwrap_or_else(|| unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some((class, _)) = class_of(layout).filter(|_| is_ours(block)) else {
            // SAFETY: the block came from the system: a block of the region has a class.
            return unsafe { System.dealloc(block, layout) };
        };
        // SAFETY: while the pointer is not null, the arena is alive, and belongs to this thread.
        let arena = unsafe { ARENA.get().as_ref() };
        let header = header_of(block);
        if let Some(arena) = arena.filter(|arena| arena.run == header.run.load(Ordering::Relaxed)) {
            // SAFETY: the block is free, and large enough for an address.
            unsafe { block.cast::<*mut u8>().write(arena.free[class].get()) };
            arena.free[class].set(block);
        }
        leave(header);
    }
}
