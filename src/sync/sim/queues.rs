//! Stand-ins for crossbeam's queues, with the same steps; each step is a point.
//!
//! The algorithms are those of crossbeam-deque 0.8: the deque of Chase and Lev (SPAA 2005), and the injector of blocks.
//! The differences: the slots are behind a real lock that is held for no longer than one step, so that two threads
//! never read the same item, and memory is freed at once. The rest is as in crossbeam: the deque's length and its
//! growth (a thief that encounters it tries again). So are the waits of the injector: for an item that has
//! a place but is not written yet, and while a block is added.

use super::atomic::{AtomicIsize, AtomicUsize, Ordering, fence, spin_loop};
use super::lock::me;
use super::machine::{self, point_alone};
use super::trace::Access;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use crossbeam_deque::Steal;

/// The minimal room of a deque.
const MIN_CAP: usize = 64;
/// The injector's places for items in a block, and the number of indices of a block.
const BLOCK_CAP: usize = 63;
const LAP: usize = 64;
/// The number of an injector's index is in the bits above this one. In the head, this bit means that there is a next
/// block.
const SHIFT: usize = 1;
const HAS_NEXT: usize = 1;

/// Items by their index.
#[derive(Debug)]
struct Items<T> {
    first: isize,
    items: VecDeque<Option<T>>,
}

/// The items of a queue.
#[derive(Debug)]
struct Buffer<T>(Mutex<Items<T>>);

impl<T> Buffer<T> {
    fn new() -> Self {
        Buffer(Mutex::new(Items { first: 0, items: VecDeque::new() }))
    }

    fn put(&self, index: isize, item: T) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.items.is_empty() {
            slots.first = index;
        }
        while index < slots.first {
            slots.items.push_front(None);
            slots.first -= 1;
        }
        let place = (index - slots.first) as usize;
        while slots.items.len() <= place {
            slots.items.push_back(None);
        }
        slots.items[place] = Some(item);
    }

    /// The item, if it has been put there.
    fn try_take(&self, index: isize) -> Option<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(index - slots.first).ok()?;
        let item = slots.items.get_mut(place)?.take()?;
        while let Some(None) = slots.items.front() {
            slots.items.pop_front();
            slots.first += 1;
        }
        while let Some(None) = slots.items.back() {
            slots.items.pop_back();
        }
        Some(item)
    }

    fn take(&self, index: isize) -> T {
        self.try_take(index).expect("who has the index has the item")
    }
}

/// The part of a deque that its owner and its thieves share.
#[derive(Debug)]
struct Deque<T> {
    front: AtomicIsize,
    back: AtomicIsize,
    /// Changes whenever the deque grows or shrinks.
    buffer: AtomicUsize,
    slots: Buffer<T>,
    /// The thread that used the owner's end last, plus 1: its own accesses do not count as steals. Only for the
    /// counters.
    owner: std::sync::atomic::AtomicUsize,
}

impl<T> Deque<T> {
    /// Records the calling thread as the owner.
    fn own(&self) {
        self.owner.store(me(), Ordering::Relaxed);
    }

    /// Counts a successful or failed steal, unless the caller is the owner.
    fn count_steal(&self, is_success: bool) {
        if self.owner.load(Ordering::Relaxed) != me() {
            machine::count(|counts| *(if is_success { &mut counts.steals } else { &mut counts.failed_steals }) += 1);
        }
    }

    /// Reads the back and then the front, as two points.
    #[track_caller]
    fn len(&self) -> usize {
        let back = self.back.load(Ordering::Acquire);
        let front = self.front.load(Ordering::Acquire);
        (back - front).max(0) as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Fifo,
    Lifo,
}

/// The owner's end.
#[derive(Debug)]
pub(crate) struct Worker<T> {
    inner: Arc<Deque<T>>,
    room: Cell<usize>,
    flavour: Flavour,
}

/// The thieves' end: first in, first out.
#[derive(Debug)]
pub(crate) struct Stealer<T> {
    inner: Arc<Deque<T>>,
    flavour: Flavour,
}

impl<T> Worker<T> {
    fn new(flavour: Flavour) -> Self {
        let inner = Deque {
            front: AtomicIsize::new(0),
            back: AtomicIsize::new(0),
            buffer: AtomicUsize::new(0),
            slots: Buffer::new(),
            owner: std::sync::atomic::AtomicUsize::new(0),
        };
        Worker { inner: Arc::new(inner), room: Cell::new(MIN_CAP), flavour }
    }

    pub(crate) fn new_lifo() -> Self {
        Worker::new(Flavour::Lifo)
    }

    pub(crate) fn new_fifo() -> Self {
        Worker::new(Flavour::Fifo)
    }

    pub(crate) fn stealer(&self) -> Stealer<T> {
        Stealer { inner: Arc::clone(&self.inner), flavour: self.flavour }
    }

    #[track_caller]
    fn resize(&self, room: usize) {
        self.room.set(room);
        self.inner.buffer.fetch_add(1, Ordering::Release);
    }

    #[track_caller]
    pub(crate) fn push(&self, item: T) {
        self.inner.own();
        let back = self.inner.back.load(Ordering::Relaxed);
        let front = self.inner.front.load(Ordering::Acquire);
        if back - front >= self.room.get() as isize {
            self.resize(self.room.get() * 2);
        }
        self.inner.slots.put(back, item);
        fence(Ordering::Release);
        self.inner.back.store(back + 1, Ordering::Relaxed);
    }

    #[track_caller]
    pub(crate) fn pop(&self) -> Option<T> {
        let Deque { front, back, slots, .. } = &*self.inner;
        self.inner.own();
        let end = back.load(Ordering::Relaxed);
        let len = end - front.load(Ordering::Relaxed);
        if len <= 0 {
            return None;
        }
        let item = match self.flavour {
            Flavour::Fifo => {
                let first = front.fetch_add(1, Ordering::SeqCst);
                if end - (first + 1) < 0 {
                    front.store(first, Ordering::Relaxed);
                    return None;
                }
                slots.take(first)
            }
            Flavour::Lifo => {
                let last = end - 1;
                back.store(last, Ordering::Relaxed);
                fence(Ordering::SeqCst);
                let first = front.load(Ordering::Relaxed);
                if last < first {
                    back.store(end, Ordering::Relaxed);
                    return None;
                }
                if last == first {
                    // A thief may have taken it.
                    let mine = front.compare_exchange(first, first + 1, Ordering::SeqCst, Ordering::Relaxed).is_ok();
                    let item = mine.then(|| slots.take(last));
                    back.store(end, Ordering::Relaxed);
                    return item;
                }
                slots.take(last)
            }
        };
        if self.room.get() > MIN_CAP && len < self.room.get() as isize / 4 {
            self.resize(self.room.get() / 2);
        }
        Some(item)
    }

    #[track_caller]
    pub(crate) fn len(&self) -> usize {
        self.inner.len()
    }

    #[track_caller]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Stealer<T> {
    /// The index of the first item, if there is one, and the apparent number of items.
    #[track_caller]
    fn look(&self) -> Option<(isize, usize)> {
        let front = self.inner.front.load(Ordering::Acquire);
        fence(Ordering::SeqCst);
        let back = self.inner.back.load(Ordering::Acquire);
        (back - front > 0).then(|| (front, (back - front) as usize))
    }

    /// The apparent number of items.
    #[track_caller]
    pub(crate) fn len(&self) -> usize {
        self.look().map_or(0, |(_, len)| len)
    }

    #[track_caller]
    pub(crate) fn steal(&self) -> Steal<T> {
        let stolen = self.steal_one();
        self.inner.count_steal(stolen.is_success());
        stolen
    }

    #[track_caller]
    fn steal_one(&self) -> Steal<T> {
        let Some((front, _)) = self.look() else { return Steal::Empty };
        let buffer = self.inner.buffer.load(Ordering::Acquire);
        let Deque { front: shared, buffer: now, .. } = &*self.inner;
        let is_first = now.load(Ordering::Acquire) == buffer
            && shared.compare_exchange(front, front + 1, Ordering::SeqCst, Ordering::Relaxed).is_ok();
        if is_first { Steal::Success(self.inner.slots.take(front)) } else { Steal::Retry }
    }

    #[track_caller]
    pub(crate) fn is_empty(&self) -> bool {
        let front = self.inner.front.load(Ordering::Acquire);
        fence(Ordering::SeqCst);
        let is_empty = self.inner.back.load(Ordering::Acquire) - front <= 0;
        if is_empty {
            self.inner.count_steal(false);
        }
        is_empty
    }
}

impl<T> Clone for Stealer<T> {
    fn clone(&self) -> Self {
        Stealer { inner: Arc::clone(&self.inner), flavour: self.flavour }
    }
}

/// A FIFO queue that all threads share.
#[derive(Debug)]
pub(crate) struct Injector<T> {
    head: AtomicUsize,
    tail: AtomicUsize,
    slots: Buffer<T>,
}

/// The place of an index in its block.
fn offset(index: usize) -> usize {
    (index >> SHIFT) % LAP
}

/// The place of an index among all items.
fn place(index: usize) -> isize {
    (index >> SHIFT) as isize
}

impl<T> Injector<T> {
    pub(crate) fn new() -> Self {
        Injector { head: AtomicUsize::new(0), tail: AtomicUsize::new(0), slots: Buffer::new() }
    }

    #[track_caller]
    pub(crate) fn push(&self, item: T) {
        let mut tail = self.tail.load(Ordering::Acquire);
        loop {
            if offset(tail) == BLOCK_CAP {
                // Another thread adds a block.
                point_alone(Access::Yield);
                tail = self.tail.load(Ordering::Acquire);
                continue;
            }
            let next = tail + (1 << SHIFT);
            match self.tail.compare_exchange_weak(tail, next, Ordering::SeqCst, Ordering::Acquire) {
                Ok(_) => {
                    if offset(tail) + 1 == BLOCK_CAP {
                        self.tail.store(next + (1 << SHIFT), Ordering::Release);
                    }
                    // This point lets a thief wait for the item.
                    fence(Ordering::Release);
                    return self.slots.put(place(tail), item);
                }
                Err(now) => {
                    tail = now;
                    spin_loop();
                }
            }
        }
    }

    #[track_caller]
    pub(crate) fn steal(&self) -> Steal<T> {
        let mut head = self.head.load(Ordering::Acquire);
        while offset(head) == BLOCK_CAP {
            point_alone(Access::Yield);
            head = self.head.load(Ordering::Acquire);
        }
        let mut next = head + (1 << SHIFT);
        if next & HAS_NEXT == 0 {
            fence(Ordering::SeqCst);
            let tail = self.tail.load(Ordering::Relaxed);
            if head >> SHIFT == tail >> SHIFT {
                return Steal::Empty;
            }
            if (head >> SHIFT) / LAP != (tail >> SHIFT) / LAP {
                next |= HAS_NEXT;
            }
        }
        if self.head.compare_exchange_weak(head, next, Ordering::SeqCst, Ordering::Acquire).is_err() {
            return Steal::Retry;
        }
        if offset(head) + 1 == BLOCK_CAP {
            while offset(self.tail.load(Ordering::Acquire)) == BLOCK_CAP {
                point_alone(Access::Yield);
            }
            self.head.store((next & !HAS_NEXT) + (1 << SHIFT), Ordering::Release);
        }
        loop {
            if let Some(item) = self.slots.try_take(place(head)) {
                return Steal::Success(item);
            }
            point_alone(Access::Yield);
        }
    }

    /// The number of items. A place between two blocks has an index, and no item.
    #[track_caller]
    pub(crate) fn len(&self) -> usize {
        let items = |index: usize| (index >> SHIFT) / LAP * BLOCK_CAP + offset(index);
        let tail = items(self.tail.load(Ordering::SeqCst));
        tail.saturating_sub(items(self.head.load(Ordering::SeqCst)))
    }

    #[track_caller]
    pub(crate) fn is_empty(&self) -> bool {
        let head = self.head.load(Ordering::SeqCst);
        let tail = self.tail.load(Ordering::SeqCst);
        head >> SHIFT == tail >> SHIFT
    }
}
