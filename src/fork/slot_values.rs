//! A value for each worker of a pool, made where and when it is first asked for.

use crate::pool::global;
use crate::pool::worker::Worker;
use crate::sync::local::thread_local;
use crate::sync::lock::Mutex;
use crossbeam_utils::CachePadded;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::ptr;

#[cfg(all(test, not(loom)))]
mod tests;

/// A `T` for each slot of a pool, and standby ones for threads that have no slot in it.
///
/// 1. A slot is used by the owner of the worker of its index and by nobody else (`own` gives it to no other), but for those
///    who have the whole as `&mut` or by value.
/// 2. At any moment one owner is at work with a worker, and what one did is visible to the next (`Worker`, invariant 1).
/// 3. Owners change while a use of a slot is under way, too: an external caller may wait within its call while the worker's own
///    thread visits. So whether a value is in use its slot tells, by the count of borrows and by `reader`, and both cells
///    are touched in an order, by 2.
pub(crate) struct SlotValues<T> {
    /// The number of the pool whose workers they belong to.
    pool: usize,
    slots: Box<[CachePadded<Slot<T>>]>,
    /// Values that nobody uses, for threads that have no slot, or whose own value is in use.
    standby: Mutex<Vec<T>>,
}

struct Slot<T> {
    value: RefCell<Option<T>>,
    /// The thread that shares the value by [`SlotValues::with`]. Another must not join it: `T` need not be `Sync`.
    reader: Cell<Option<ThreadMark>>,
}

// SAFETY: one thread at a time touches a slot's cells, each after the other (invariants 1 to 3). References to a value are
// never in the hands of two threads: the count of borrows sees to that for exclusive ones, `reader` for shared ones. A value
// is used on several threads, one after the other, and dropped on any, for which `T` is `Send`.
unsafe impl<T: Send> Sync for SlotValues<T> {}

/// The calling worker's value is in use.
#[derive(Debug)]
pub(crate) struct InUse;

impl<T: Send> SlotValues<T> {
    /// For the current pool.
    pub(crate) fn new() -> Self {
        global::with_current_registry(|registry| {
            let slot = |_| CachePadded::new(Slot { value: RefCell::new(None), reader: Cell::new(None) });
            let slots = (0..registry.num_workers()).map(slot).collect();
            SlotValues { pool: registry.number(), slots, standby: Mutex::new(Vec::new()) }
        })
    }

    /// Calls `f` with the calling worker's value alone, or with a standby one if the thread is no worker of the pool.
    pub(crate) fn with_mut<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> Result<R, InUse> {
        self.own(|slot| {
            let Some(slot) = slot else {
                return Ok(self.with_spare(init, f));
            };
            let mut value = slot.value.try_borrow_mut().map_err(|_| InUse)?;
            Ok(f(value.get_or_insert_with(init)))
        })
    }

    /// As [`SlotValues::with_mut`], but a call may be made from within another on the same thread.
    pub(crate) fn with<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&T) -> R) -> Result<R, InUse> {
        self.own(|slot| {
            let Some(slot) = slot else {
                return Ok(self.with_spare(init, |value| f(value)));
            };
            let _reading = Reading::begin(&slot.reader).ok_or(InUse)?;
            // Nobody but this thread reads now. If it does further down its stack, the value is there.
            if let Ok(mut value) = slot.value.try_borrow_mut() {
                value.get_or_insert_with(init);
            }
            let value = slot.value.try_borrow().map_err(|_| InUse)?;
            Ok(f(value.as_ref().expect("it was made just now")))
        })
    }

    /// As [`SlotValues::with_mut`], with a standby value where the worker's own is in use.
    pub(crate) fn with_own_or_spare<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> R {
        self.own(|slot| match slot.map(|slot| slot.value.try_borrow_mut()) {
            Some(Ok(mut value)) => f(value.get_or_insert_with(init)),
            None | Some(Err(_)) => self.with_spare(init, f),
        })
    }

    /// Calls `f` with the calling worker's slot, if the thread is a worker of the pool.
    #[inline]
    fn own<R>(&self, f: impl FnOnce(Option<&Slot<T>>) -> R) -> R {
        Worker::with_current(|worker| {
            let ours = worker.filter(|worker| worker.registry().number() == self.pool);
            f(ours.map(|worker| &*self.slots[worker.index()]))
        })
    }

    #[cold]
    fn with_spare<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> R {
        // The lock is not held while anybody else's code runs.
        let standby = self.standby.lock().pop();
        let mut lent = Lent { standby: &self.standby, value: Some(standby.unwrap_or_else(init)) };
        f(lent.value.as_mut().expect("only the drop takes it out"))
    }

    /// The values that were made: the workers', by index, then the others.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let SlotValues { slots, standby, .. } = self;
        slots.iter_mut().filter_map(|slot| slot.value.get_mut().as_mut()).chain(standby.get_mut())
    }

    /// The values that were made: the workers', by index, then the others.
    pub(crate) fn into_values(mut self) -> Vec<T> {
        let standby = mem::take(self.standby.get_mut());
        let own = self.slots.into_iter().filter_map(|slot| slot.into_inner().value.into_inner());
        own.chain(standby).collect()
    }
}

/// A standby value in use; dropping it, also by a panic, puts it back.
struct Lent<'s, T> {
    standby: &'s Mutex<Vec<T>>,
    value: Option<T>,
}

impl<T> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        // In a forked child the list may be lost; then the value goes with it.
        if let Some(mut standby) = self.standby.lock_unless_abandoned() {
            standby.extend(self.value.take());
        }
    }
}

/// A stay among the readers of a slot, all of them the same thread's.
struct Reading<'s> {
    reader: &'s Cell<Option<ThreadMark>>,
    outer: Option<ThreadMark>,
}

impl<'s> Reading<'s> {
    /// None if another thread reads: it sleeps, and is not done.
    fn begin(reader: &'s Cell<Option<ThreadMark>>) -> Option<Self> {
        let outer = reader.get();
        let me = ThreadMark::mine();
        if outer.is_some_and(|other| other != me) {
            return None;
        }
        reader.set(Some(me));
        Some(Reading { reader, outer })
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.reader.set(self.outer);
    }
}

/// Tells the calling thread from all others that are alive: the address of a local of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ThreadMark(usize);

impl ThreadMark {
    fn mine() -> Self {
        thread_local! {
            static MARK: Cell<u8> = const { Cell::new(0) };
        }
        MARK.with(|mark| ThreadMark(ptr::from_ref(mark).addr()))
    }
}

impl<T> fmt::Debug for SlotValues<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotValues").field("pool", &self.pool).field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}
