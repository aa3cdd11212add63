//! Layer 4: `par_bridge`, which hands the items of a sequential iterator out to many threads.

use std::mem;
use std::ptr;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed, thread_count};
use crate::iter::signal::{Halt, Tickets};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::Mutex;

/// Sequential iterators whose items can be worked on in parallel.
///
/// ```
/// use paceline::prelude::*;
///
/// /// Adds up the numbers in lines of text, wherever they come from.
/// fn total<'text>(lines: impl ParallelBridge + Iterator<Item = &'text str> + Send) -> u32 {
///     lines.par_bridge().map(|line| line.parse::<u32>().unwrap_or(0)).sum()
/// }
///
/// assert_eq!(total("1\n2\nthree".lines()), 3);
/// ```
pub trait ParallelBridge: Sized {
    /// Makes a parallel iterator of a sequential one.
    ///
    /// The items are taken one by one, by one thread at a time, and then worked on in parallel, in no
    /// particular order. A parallel iterator over a slice, a range or a collection of its own has less overhead
    /// and keeps the order.
    ///
    /// # Panics
    ///
    /// If the iterator panics it is not asked again, and the panic reaches the caller of the terminal method.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// std::thread::spawn(move || (0..10).for_each(|n| sender.send(n).unwrap()));
    /// assert_eq!(receiver.into_iter().par_bridge().map(|n| n * n).sum::<i32>(), 285);
    /// ```
    fn par_bridge(self) -> IterBridge<Self>;
}

impl<T: Iterator<Item: Send> + Send> ParallelBridge for T {
    fn par_bridge(self) -> IterBridge<Self> {
        IterBridge { iter: self }
    }
}

/// A parallel iterator over the items of a sequential one: what [`par_bridge`](ParallelBridge::par_bridge)
/// makes.
///
/// ```
/// use paceline::iter::IterBridge;
/// use paceline::prelude::*;
///
/// let lines: IterBridge<_> = "1\n2\n3".lines().par_bridge();
/// assert_eq!(lines.map(|line| line.parse::<u32>().unwrap()).sum::<u32>(), 6);
/// ```
#[derive(Clone, Debug)]
pub struct IterBridge<Iter> {
    iter: Iter,
}

impl<Iter: Iterator<Item: Send> + Send> ParallelIterator for IterBridge<Iter> {
    type Item = Iter::Item;

    fn drive_unindexed<C: UnindexedConsumer<Iter::Item>>(self, consumer: C) -> C::Result {
        let shared = Shared {
            iter: Mutex::new(self.iter),
            over: Halt::new(),
            splits: Tickets::new(thread_count()),
            asking: AtomicUsize::new(NOBODY),
        };
        bridge_unindexed(&shared, consumer)
    }
}

/// The token of no thread.
const NOBODY: usize = 0;

thread_local! {
    static TOKEN: u8 = const { 0 };
}

/// A number that no other living thread has.
fn thread_token() -> usize {
    TOKEN.with(|token| ptr::from_ref(token).addr())
}

/// A sequential iterator that many threads take items from.
struct Shared<Iter> {
    iter: Mutex<Iter>,
    /// Whether the iterator has ended, or has panicked.
    over: Halt,
    /// How many more takers are worth while.
    splits: Tickets,
    /// The token of the thread that is within the iterator, written by that thread alone. No more is asked of
    /// it than that a thread sees what it has written itself, so it is relaxed.
    asking: AtomicUsize,
}

impl<Iter: Iterator> Shared<Iter> {
    /// Takes an item.
    ///
    /// The iterator may itself wait for parallel work, and so run another taker on the same thread, which
    /// could wait for the lock for ever. That one gets nothing: the taker below it on the stack will go on.
    fn next(&self) -> Option<Iter::Item> {
        let token = thread_token();
        if self.over.is_halted() || self.asking.load(Ordering::Relaxed) == token {
            return None;
        }
        let mut iter = self.iter.lock();
        if self.over.is_halted() {
            return None;
        }
        self.asking.store(token, Ordering::Relaxed);
        let end = EndOnDrop(self);
        let item = iter.next()?;
        mem::forget(end);
        self.asking.store(NOBODY, Ordering::Relaxed);
        Some(item)
    }
}

/// Says that the iterator is over when it has given no item, or has panicked.
struct EndOnDrop<'s, Iter>(&'s Shared<Iter>);

impl<Iter> Drop for EndOnDrop<'_, Iter> {
    fn drop(&mut self) {
        self.0.asking.store(NOBODY, Ordering::Relaxed);
        self.0.over.halt();
    }
}

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for &Shared<Iter> {
    type Item = Iter::Item;

    fn split(self) -> (Self, Option<Self>) {
        let more = !self.over.is_halted() && self.splits.draw();
        (self, more.then_some(self))
    }

    fn fold_with<F: Folder<Iter::Item>>(self, mut folder: F) -> F {
        while !folder.full() {
            let Some(item) = self.next() else { break };
            folder = folder.consume(item);
        }
        folder
    }
}
