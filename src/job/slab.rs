//! Memory for spawned jobs, without an allocation and a release for each.
//!
//! Spawns come in bursts, are all of a size, and are mostly freed in the order in which they were made, or in reverse.
//! So a worker cuts the memory for its spawns off a chunk, one block after the other, and the thread that runs a job
//! counts its block back. A chunk is used again or released when all its blocks have come back. With the general
//! allocator instead, allocating takes more of a spawn's time than anything else.

#[cfg(all(test, loom))]
mod loom;

use crate::sync::atomic::{AtomicUsize, Ordering};
use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// The size of a block, in bytes: a cache line, so that two jobs never share one.
pub(crate) const BLOCK: usize = 64;

/// The size of a chunk, in bytes. It is aligned to its size, so that the address of a block gives that of its chunk.
/// Small under Miri, where filling more than one would take long.
const CHUNK: usize = if cfg!(miri) { 1 << 10 } else { 32 << 10 };

/// How many blocks a chunk has beside its header.
const BLOCKS: usize = CHUNK / BLOCK - 1;

const CHUNK_LAYOUT: Layout = match Layout::from_size_align(CHUNK, CHUNK) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// The first block of a chunk.
#[derive(Debug)]
struct Chunk {
    /// How many blocks have not come back. A block that was never cut off counts too, so the count cannot reach zero
    /// while the chunk's owner still cuts.
    out: AtomicUsize,
}

/// One worker's source of blocks. It also gives back blocks that this worker, or another, cut off.
///
/// Only the owner uses it. Invariants:
///
/// 1. `current`, if not null, is a chunk. Its blocks from `next` on have never been given out. No other thread cuts
///    blocks from it.
/// 2. `spare`, if not null, is a chunk to which no other thread has a pointer.
/// 3. `returning` blocks of the chunk `returning_to` have come back and are not counted in its `out` yet.
#[derive(Debug)]
pub(crate) struct Slab {
    current: Cell<*mut Chunk>,
    next: Cell<usize>,
    spare: Cell<*mut Chunk>,
    returning_to: Cell<*mut Chunk>,
    returning: Cell<usize>,
}

impl Slab {
    /// A slab without memory.
    pub(crate) const fn new() -> Self {
        Slab {
            current: Cell::new(ptr::null_mut()),
            next: Cell::new(BLOCKS),
            spare: Cell::new(ptr::null_mut()),
            returning_to: Cell::new(ptr::null_mut()),
            returning: Cell::new(0),
        }
    }

    /// Whether blocks are large enough for a `T`.
    pub(crate) const fn fits<T>() -> bool {
        size_of::<T>() <= BLOCK && align_of::<T>() <= BLOCK
    }

    /// A block of [`BLOCK`] bytes, aligned to as many. [`Slab::give_back`] of any slab takes it back.
    #[inline]
    pub(crate) fn cut(&self) -> NonNull<u8> {
        if self.next.get() == BLOCKS {
            self.begin_chunk();
        }
        let next = self.next.get();
        self.next.set(next + 1);
        // SAFETY: the header is the first block, and `next` is less than `BLOCKS`: within the chunk.
        let block = unsafe { self.current.get().cast::<u8>().add((next + 1) * BLOCK) };
        // SAFETY: a pointer into an allocation is not null.
        unsafe { NonNull::new_unchecked(block) }
    }

    /// All blocks of the current chunk have been given out: its own count says when it is free.
    #[cold]
    fn begin_chunk(&self) {
        let mut chunk = self.spare.replace(ptr::null_mut());
        if chunk.is_null() {
            // SAFETY: the layout is not empty.
            chunk = unsafe { alloc::alloc(CHUNK_LAYOUT) }.cast();
            if chunk.is_null() {
                alloc::handle_alloc_error(CHUNK_LAYOUT);
            }
        }
        // SAFETY: no other thread has a pointer to the chunk; it is large enough and aligned.
        unsafe { chunk.write(Chunk { out: AtomicUsize::new(BLOCKS) }) };
        self.current.set(chunk);
        self.next.set(0);
    }

    /// Gives a block back. The slab only notes it at first: it counts runs of blocks from one chunk at once.
    ///
    /// # Safety
    ///
    /// The block must come from [`Slab::cut`] of this slab or another, and must not be used any more.
    #[inline]
    pub(crate) unsafe fn give_back(&self, block: NonNull<u8>) {
        let chunk = block.as_ptr().map_addr(|address| address & !(CHUNK - 1)).cast::<Chunk>();
        if self.returning_to.get() == chunk {
            self.returning.set(self.returning.get() + 1);
        } else {
            self.settle();
            self.returning_to.set(chunk);
            self.returning.set(1);
        }
    }

    /// Counts the blocks that were noted. The owner should call it now and then, when it has nothing else to do.
    pub(crate) fn settle(&self) {
        let returning = self.returning.replace(0);
        let chunk = self.returning_to.replace(ptr::null_mut());
        if returning > 0 {
            // SAFETY: invariant 3.
            unsafe { self.count_back(chunk, returning) };
        }
    }

    /// # Safety
    ///
    /// So many blocks of the chunk must be back, or never be given out, and must not have been counted.
    unsafe fn count_back(&self, chunk: *mut Chunk, blocks: usize) {
        // SAFETY: the blocks that are still counted keep the chunk alive.
        let out = unsafe { &(*chunk).out };
        // Release: this thread's last use of the blocks happens before the decrement. Acquire: the thread that brings
        // the count to zero sees the last use of all of them, by the releases of the other decrements.
        if out.fetch_sub(blocks, Ordering::AcqRel) > blocks {
            return;
        }
        let surplus = self.spare.replace(chunk);
        if !surplus.is_null() {
            // SAFETY: it was allocated with this layout, and no thread has a pointer to it any more (invariant 2).
            unsafe { alloc::dealloc(surplus.cast(), CHUNK_LAYOUT) };
        }
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        self.settle();
        if !self.current.get().is_null() && self.next.get() < BLOCKS {
            // SAFETY: by invariant 1 these were never given out.
            unsafe { self.count_back(self.current.get(), BLOCKS - self.next.get()) };
        }
        let spare = self.spare.get();
        if !spare.is_null() {
            // SAFETY: it was allocated with this layout; by invariant 2 no other thread has a pointer to it.
            unsafe { alloc::dealloc(spare.cast(), CHUNK_LAYOUT) };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{BLOCK, BLOCKS, Slab};
    use std::collections::HashSet;
    use std::ptr::NonNull;

    fn give_back(slab: &Slab, blocks: impl IntoIterator<Item = NonNull<u8>>) {
        for block in blocks {
            // SAFETY: cut by a slab of the test, given back once.
            unsafe { slab.give_back(block) };
        }
        slab.settle();
    }

    #[test]
    fn blocks_are_apart_and_aligned() {
        let slab = Slab::new();
        let blocks: Vec<_> = (0..3 * BLOCKS).map(|_| slab.cut()).collect();
        assert_eq!(blocks.iter().collect::<HashSet<_>>().len(), blocks.len());
        for block in &blocks {
            assert_eq!(block.as_ptr().addr() % BLOCK, 0);
            // SAFETY: the whole block belongs to this thread.
            unsafe { block.as_ptr().write_bytes(0xA5, BLOCK) };
        }
        give_back(&slab, blocks);
    }

    #[test]
    fn a_chunk_that_is_all_back_is_used_again() {
        let slab = Slab::new();
        let mut chunks = HashSet::new();
        for _ in 0..if cfg!(miri) { 5 } else { 100 } {
            let blocks: Vec<_> = (0..BLOCKS).map(|_| slab.cut()).collect();
            chunks.insert(blocks[0]);
            give_back(&slab, blocks);
        }
        assert_eq!(chunks.len(), 1);
    }

    #[test]
    fn blocks_may_come_back_to_another_slab_on_another_thread() {
        let slab = Slab::new();
        for _ in 0..10 {
            let blocks: Vec<usize> = (0..2 * BLOCKS).map(|_| slab.cut().as_ptr().expose_provenance()).collect();
            let (here, there) = blocks.split_at(BLOCKS / 2);
            let block = |&address: &usize| NonNull::new(std::ptr::with_exposed_provenance_mut(address)).unwrap();
            std::thread::scope(|s| {
                s.spawn(|| give_back(&Slab::new(), there.iter().map(block)));
                give_back(&slab, here.iter().rev().map(block));
            });
        }
    }
}
