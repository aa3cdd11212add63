//! Loom models of ordered chunks: each is run once, and a thread always runs the first that has not ended, though all
//! later ones wait for it.
//!
//! The threads are plain ones. Mutations, each alone, that the models showed by a deadlock of two threads: `step`
//! begins the last pending part; `put_behind` inserts a part at the end of the list, or before its chunk.

use super::{ChunkSize, OrderedChunk, OrderedChunks};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::ops::Range;
use std::sync::{Arc, Mutex as StdMutex};

/// The number of units that have ended, in order.
#[derive(Default)]
struct Ended {
    count: Mutex<usize>,
    more: Condvar,
}

/// Units; each waits until all before it have ended, as an item waits for a place in a window.
struct Units {
    range: Range<usize>,
    ended: Arc<Ended>,
}

impl OrderedChunk for Units {
    /// Halves it, as a part of unknown length is split.
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

/// Runs chunks. The threads that it starts are stored in `helpers`, to be joined.
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
        Arc::into_inner(chunks).expect("no thread runs chunks any more").finish();
    });
}

#[test]
fn two_threads_begin_chunks_in_order() {
    units(4, 2);
}

#[test]
fn three_threads_begin_chunks_in_order() {
    units(3, 3);
}
