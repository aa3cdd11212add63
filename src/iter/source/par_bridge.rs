//! Layer 4: `par_bridge`, which hands the items of a sequential iterator out to many threads.
//!
//! The iterator is behind a lock, and passing a lock from thread to thread costs several times what a light item does.
//! So a taker that gets through its items in next to no time takes several under one lock. But iterators may wait: for
//! a message, or even until an earlier item was worked on. So these rules hold:
//!
//! 1. Whatever was taken and is not yet worked on lies on a shelf, from which any other taker can have it.
//! 2. A taker waits for the lock only when it has found the shelves empty after saying that it waits.
//! 3. A taker asks for one item more only after putting what it has on its shelf and seeing that nobody waits.
//! 4. It takes several only while there is a taker on another thread, to whom rule 1 is of use.
//!
//! By 2 and 3, whose accesses are sequentially consistent, nobody waits for the lock while its holder keeps an item back:
//! either the holder sees the waiting taker, or that one sees the item. So an iterator that never answers keeps back
//! no item that some taker is free to work on. What remains is in the documentation of [`ParallelBridge::par_bridge`].

mod shelf;

use std::mem;
use std::ptr;
use std::sync::OnceLock;

use crate::fork::Ticks;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed, thread_count};
use crate::iter::signal::{Halt, Tickets};
use crate::sync::atomic::{AtomicUsize, Ordering, fence, spin_loop};
use crate::sync::lock::Mutex;

use self::shelf::{ROOM, Shelf};

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
    /// The items are taken by one thread at a time, and then worked on in parallel, in no particular order. A
    /// parallel iterator over a slice, a range or a collection of its own has less overhead and keeps the order.
    ///
    /// While items come and go in next to no time, a thread takes up to 256 of them at once. Whatever it has not yet
    /// begun, any other thread takes over that finds nothing else to do, so that an iterator may block for as long as
    /// it likes, even until an item that it gave before was worked on. When the work ends early, as that of
    /// [`find_any`](ParallelIterator::find_any) does, items that were taken and not worked on are dropped.
    ///
    /// Two kinds of waiting must not come together: where `next` waits until an earlier item was worked on, the work
    /// on an item must not wait for that on a later one, nor panic.
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
        bridge_unindexed(&Shared::new(self.iter, thread_count()), consumer)
    }
}

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// A taker takes twice as many items the next time while taking and working takes less than this.
const SHORT: u64 = 6_000 * NANOSECOND;

/// If it took longer than this, it takes one.
const LONG: u64 = 20_000 * NANOSECOND;

/// A taker begins so many parts of what it takes one after the other: a part is in nobody else's reach.
const PARTS: usize = 4;

/// So many items are taken between two looks at the clock.
const PER_LOOK: usize = 16;

/// For so long a taker looks whether another one is done with the iterator, before it asks that one to stop.
const PATIENCE: u64 = 6_000 * NANOSECOND;

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
struct Shared<Iter: Iterator> {
    iter: Mutex<Iter>,
    /// Whether the iterator has ended, or has panicked.
    over: Halt,
    /// How many more takers are worth while.
    splits: Tickets,
    /// The token of the thread that is within the iterator, written by that thread alone.
    asking: AtomicUsize,
    /// How many takers wait for the lock.
    waiting: AtomicUsize,
    /// How many threads have a taker.
    present: AtomicUsize,
    /// One for each taker, and how many were given out.
    stands: Box<[Stand<Iter::Item>]>,
    given_out: AtomicUsize,
}

/// Where a taker stands.
struct Stand<T> {
    /// The token of the taker's thread, which alone needs to see it: it is relaxed.
    token: AtomicUsize,
    /// There from the first time that several items are taken, and also after its taker has gone or panicked.
    shelf: OnceLock<Shelf<T>>,
}

impl<Iter: Iterator> Shared<Iter> {
    fn new(iter: Iter, threads: usize) -> Self {
        let stand = |_| Stand { token: AtomicUsize::new(NOBODY), shelf: OnceLock::new() };
        Shared {
            iter: Mutex::new(iter),
            over: Halt::new(),
            splits: Tickets::new(threads),
            asking: AtomicUsize::new(NOBODY),
            waiting: AtomicUsize::new(0),
            present: AtomicUsize::new(0),
            // There is a taker for each ticket, and one from the start.
            stands: (0..=threads).map(stand).collect(),
            given_out: AtomicUsize::new(0),
        }
    }

    /// Takes an item from somebody's shelf.
    fn steal(&self) -> Option<Iter::Item> {
        self.stands.iter().filter_map(|stand| stand.shelf.get()).find_map(Shelf::steal)
    }

    /// Waits for a while, if somebody is within the iterator; returns whether somebody still is.
    fn be_patient(&self) -> bool {
        let since = Ticks::now();
        while self.asking.load(Ordering::Relaxed) != NOBODY {
            if Ticks::now().since(since) > PATIENCE {
                return true;
            }
            spin_loop();
        }
        false
    }
}

/// Says that the iterator is over when it has given no item, or has panicked.
struct EndOnDrop<'s, Iter: Iterator>(&'s Shared<Iter>);

impl<Iter: Iterator> EndOnDrop<'_, Iter> {
    /// The iterator has given an item and is not over.
    fn disarm(self) {
        self.0.asking.store(NOBODY, Ordering::Relaxed);
        mem::forget(self);
    }
}

impl<Iter: Iterator> Drop for EndOnDrop<'_, Iter> {
    fn drop(&mut self) {
        self.0.over.halt();
        self.0.asking.store(NOBODY, Ordering::Relaxed);
    }
}

/// One that takes items and works on them.
struct Taker<'s, Iter: Iterator> {
    shared: &'s Shared<Iter>,
    /// None if there is a taker further down this thread's stack: to that one, a shelf on this thread is of no use.
    stand: Option<&'s Stand<Iter::Item>>,
    /// The items to be worked on now: some whenever `gather` has returned true.
    begun: Vec<Iter::Item>,
    /// How many items are to be taken at once.
    chunk: usize,
    /// When the items were taken that were worked on last.
    taken: Option<Ticks>,
}

impl<'s, Iter: Iterator> Taker<'s, Iter> {
    fn new(shared: &'s Shared<Iter>) -> Self {
        let token = thread_token();
        let is_nested = shared.stands.iter().any(|stand| stand.token.load(Ordering::Relaxed) == token);
        let mut stand = None;
        if !is_nested {
            stand = shared.stands.get(shared.given_out.fetch_add(1, Ordering::Relaxed));
        }
        if let Some(stand) = stand {
            stand.token.store(token, Ordering::Relaxed);
            shared.present.fetch_add(1, Ordering::Relaxed);
        }
        Taker { shared, stand, begun: Vec::new(), chunk: 1, taken: None }
    }

    /// Gathers items to be worked on; false if there are none any more.
    fn gather(&mut self) -> bool {
        self.take_from_shelf();
        !self.begun.is_empty() || self.take()
    }

    fn take_from_shelf(&mut self) {
        if let Some(shelf) = self.stand.and_then(|stand| stand.shelf.get()) {
            // SAFETY: no other taker has this stand, and this one is on one thread.
            unsafe { shelf.take(self.chunk.div_ceil(PARTS), &mut self.begun) };
        }
    }

    /// Gathers items that were not on the own shelf.
    ///
    /// The iterator may itself wait for parallel work, and so run another taker on the same thread, which
    /// could wait for the lock for ever. That one gets nothing: the taker below it on the stack will go on.
    fn take(&mut self) -> bool {
        let (shared, token) = (self.shared, thread_token());
        if shared.asking.load(Ordering::Relaxed) == token {
            return false;
        }
        self.adapt();
        if shared.be_patient() {
            self.begun.extend(shared.steal());
            if !self.begun.is_empty() {
                return true;
            }
        }
        while !shared.over.is_halted() {
            // After this, either the holder of the lock sees in `fill` that somebody waits, or the looks that follow find
            // what it has put on its shelf before it looked: the fence is the other end of the one there.
            shared.waiting.fetch_add(1, Ordering::SeqCst);
            let mut stolen = None;
            if shared.asking.load(Ordering::SeqCst) != NOBODY {
                fence(Ordering::SeqCst);
                stolen = shared.steal();
            }
            if stolen.is_some() {
                shared.waiting.fetch_sub(1, Ordering::Relaxed);
                self.begun.extend(stolen);
                return true;
            }
            let mut iter = shared.iter.lock();
            shared.waiting.fetch_sub(1, Ordering::Relaxed);
            if !shared.over.is_halted() {
                shared.asking.store(token, Ordering::Relaxed);
                let end = EndOnDrop(shared);
                if self.ask(&mut iter) {
                    end.disarm();
                }
            }
            drop(iter);
            // All that was put on the shelf may have been stolen meanwhile.
            self.take_from_shelf();
            if !self.begun.is_empty() {
                return true;
            }
        }
        self.begun.extend(shared.steal());
        !self.begun.is_empty()
    }

    /// Asks the iterator for an item to be worked on at once, or for several that go to the shelf. False if it has
    /// ended.
    fn ask(&mut self, iter: &mut Iter) -> bool {
        let Some(item) = iter.next() else { return false };
        if self.shared.present.load(Ordering::Relaxed) > 1 {
            let now = Ticks::now();
            self.taken = Some(now);
            if let Some(stand) = self.stand.filter(|_| self.chunk > 1) {
                return self.fill(stand.shelf.get_or_init(Shelf::new), item, iter, now);
            }
        }
        self.begun.push(item);
        true
    }

    /// Puts a first item on the shelf, and then more until there is a chunk, or a reason to stop. False if the iterator
    /// has ended.
    fn fill(&self, shelf: &Shelf<Iter::Item>, first: Iter::Item, iter: &mut Iter, since: Ticks) -> bool {
        // SAFETY: no other taker has this stand, and this one is on one thread.
        unsafe { shelf.clear() };
        // Whoever says that it waits when this taker has looked for that sees who asks, and the shelf.
        fence(Ordering::SeqCst);
        let mut item = first;
        for place in 0.. {
            // SAFETY: as above, and this is how many there are.
            unsafe { shelf.put(place, item) };
            let taken = place + 1;
            let is_slow = taken % PER_LOOK == 0 && Ticks::now().since(since) > SHORT;
            if taken == self.chunk || is_slow || self.shared.waiting.load(Ordering::SeqCst) > 0 {
                break;
            }
            match iter.next() {
                Some(next) => item = next,
                None => return false,
            }
        }
        true
    }

    /// Takes note of how long the items have taken that were taken last.
    fn adapt(&mut self) {
        let Some(taken) = self.taken.take() else { return };
        let ticks = Ticks::now().since(taken);
        if ticks > LONG || self.stand.is_none() {
            self.chunk = 1;
        } else if ticks < SHORT {
            self.chunk = (self.chunk * 2).min(ROOM);
        }
    }
}

impl<Iter: Iterator> Drop for Taker<'_, Iter> {
    fn drop(&mut self) {
        if let Some(stand) = self.stand {
            stand.token.store(NOBODY, Ordering::Relaxed);
            self.shared.present.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for &Shared<Iter> {
    type Item = Iter::Item;

    fn split(self) -> (Self, Option<Self>) {
        let more = !self.over.is_halted() && self.splits.draw();
        (self, more.then_some(self))
    }

    fn fold_with<F: Folder<Iter::Item>>(self, mut folder: F) -> F {
        let mut taker = Taker::new(self);
        while !folder.full() && taker.gather() {
            for item in taker.begun.drain(..) {
                folder = folder.consume(item);
                if folder.full() {
                    break;
                }
            }
        }
        folder
    }
}
