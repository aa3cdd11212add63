//! Loom models of parts that are begun in turn: each is run once, and the first that has not ended is always run by
//! somebody, though all behind it wait for it.
//!
//! The threads are plain ones. Weakened, each by itself, and seen by a deadlock of two threads: `step` begins the last part
//! that is pending; `put_behind` puts a part at the end of the list, or in front of its chunk.

use super::{ChunkSize, OrderedChunk, OrderedChunks};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::ops::Range;
use std::sync::{Arc, Mutex as StdMutex};

/// How many units have ended, in their order.
#[derive(Default)]
struct Ended {
    count: Mutex<usize>,
    more: Condvar,
}

/// Units of which each waits until all before it have ended, as an item does for a place in a window.
struct Units {
    range: Range<usize>,
    ended: Arc<Ended>,
}

impl OrderedChunk for Units {
    /// Halves it, as what has no length is cut.
    fn cut<'a>(&mut self, _: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a,
    {
        let Range { start, end } = self.range;
        let middle = start + (end - start).div_ceil(2);
        self.range = start..middle;
        if middle == end {
            return None;
        }
        Some(Box::new(Units { range: middle..end, ended: Arc::clone(&self.ended) }))
    }

    fn size(&self) -> ChunkSize {
        ChunkSize::Items(1)
    }

    fn is_full(&mut self) -> bool {
        false
    }

    fn run(&mut self) {
        assert_eq!(self.range.len(), 1);
        let mut count = self.ended.count.lock().unwrap();
        while *count < self.range.start {
            count = self.ended.more.wait(count).unwrap();
        }
        assert_eq!(*count, self.range.start, "a unit is run twice");
        *count += 1;
        self.ended.more.notify_all();
    }
}

/// Takes chunks, on threads that are kept for their maker to join.
fn run_chunks(chunks: &Arc<OrderedChunks<'static>>, helpers: &Arc<StdMutex<Vec<thread::JoinHandle<()>>>>) {
    chunks.run_chunks(&|| {
        let (chunks, others) = (Arc::clone(chunks), Arc::clone(helpers));
        let helper = thread::spawn(move || run_chunks(&chunks, &others));
        helpers.lock().unwrap().push(helper);
    });
}

fn units(len: usize, threads: usize) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|bound| bound.min(2));
    builder.check(move || {
        let ended = Arc::<Ended>::default();
        let whole = Units { range: 0..len, ended: Arc::clone(&ended) };
        let chunks = Arc::new(OrderedChunks::new(Box::new(whole), threads, 1, 1));
        let helpers = Arc::default();
        run_chunks(&chunks, &helpers);
        loop {
            let helper = helpers.lock().unwrap().pop();
            let Some(helper) = helper else { break };
            helper.join().unwrap();
        }
        assert_eq!(*ended.count.lock().unwrap(), len);
        Arc::into_inner(chunks).expect("nobody is at it").finish();
    });
}

#[test]
fn two_threads_take_turns() {
    units(4, 2);
}

#[test]
fn three_threads_take_turns() {
    units(3, 3);
}
