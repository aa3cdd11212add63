//! A loom model of two threads that give back the blocks of one chunk.
//!
//! With either half of `AcqRel` missing in `Slab::count_back` it reports a concurrent read and write.

use super::{BLOCKS, Slab};
use loom::cell::UnsafeCell;
use loom::thread;
use std::ptr::NonNull;
use std::sync::Arc;

/// Blocks on their way to the thread that gives them back.
struct Blocks(Vec<NonNull<u8>>);

// SAFETY: blocks may be used and given back by any thread.
unsafe impl Send for Blocks {}

/// The memory that the two threads write in their blocks.
struct Used([UnsafeCell<u32>; 2]);

// SAFETY: loom checks every access.
unsafe impl Sync for Used {}

/// Uses the blocks, gives them back, and looks at the whole chunk if this thread was the last to do so.
fn use_and_give_back(slab: &Slab, used: &Used, own: usize, blocks: Blocks) -> bool {
    // SAFETY: loom checks that no other thread accesses it.
    used.0[own].with_mut(|uses| unsafe { *uses += 1 });
    for block in blocks.0 {
        // SAFETY: cut by a slab of the model, given back once.
        unsafe { slab.give_back(block) };
    }
    slab.settle();
    let has_chunk = !slab.spare.get().is_null();
    if has_chunk {
        // SAFETY: loom checks that no thread writes meanwhile.
        let uses = [0, 1].map(|thread| used.0[thread].with(|uses| unsafe { *uses }));
        assert_eq!(uses, [1, 1]);
    }
    has_chunk
}

#[test]
fn who_gives_back_the_last_block_of_a_chunk_comes_after_all_uses() {
    loom::model(|| {
        let slab = Slab::new();
        let used = Arc::new(Used([UnsafeCell::new(0), UnsafeCell::new(0)]));
        let mut blocks: Vec<_> = (0..BLOCKS).map(|_| slab.cut()).collect();
        let others = Blocks(blocks.split_off(1));
        let other = {
            let used = Arc::clone(&used);
            thread::spawn(move || use_and_give_back(&Slab::new(), &used, 1, others))
        };
        let is_last = use_and_give_back(&slab, &used, 0, Blocks(blocks));
        assert_ne!(other.join().unwrap(), is_last, "one of the two has the chunk");
    });
}
