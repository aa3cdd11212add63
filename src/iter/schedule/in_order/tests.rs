//! Chunks with payloads that panic when they are dropped.

use super::{ChunkSize, ChunkState, ChunkTicket, List, OrderedChunk, OrderedChunks};
use crate::sync::quiet::Quiet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("a bomb"));
    }
}

impl OrderedChunk for Bomb {
    fn cut<'a>(&mut self, _: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a,
    {
        None
    }

    fn size(&self) -> ChunkSize {
        ChunkSize::Items(1)
    }

    fn is_full(&mut self) -> bool {
        false
    }

    fn run(&mut self) {}
}

#[test]
fn beneath_the_first_panic_all_else_is_dropped() {
    let chunks = OrderedChunks::new(Box::new(Bomb), 1, 1, 1);
    {
        let list: &mut List<'_> = &mut chunks.list.lock();
        list.put_behind(ChunkTicket(0), Box::new(Bomb));
        list.put_behind(ChunkTicket(1), Box::new(Bomb));
        // The first is left as it is; each of the others ends in a different way.
        let mut set = |ticket, state| {
            let place = list.place_of(ChunkTicket(ticket));
            std::mem::forget(std::mem::replace(&mut list.parts[place].1, state));
        };
        set(1, ChunkState::Panicked(Quiet::new(Box::new("the first"))));
        set(2, ChunkState::Panicked(Quiet::new(Box::new(Bomb))));
    }
    let payload = catch_unwind(AssertUnwindSafe(|| chunks.finish())).map(std::mem::forget).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the first"));
}
