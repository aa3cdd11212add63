//! `SlotValues`: a value for each worker of a pool, made by the worker that first uses it.

use crate::pool::global;
use crate::pool::registry::Worker;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::local::thread_local;
use crate::sync::lock::Mutex;
use crossbeam_utils::CachePadded;
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::mem;
use std::ptr;

#[cfg(all(test, not(loom)))]
mod tests;

/// A `T` for each slot of a pool, and spare ones for threads that hold no slot in it.
///
/// 1. A thread uses a slot's value from when it has set `user` until it sets `user` to zero again. It sets `user` only
///    if it holds the slot and finds zero there.
/// 2. At any moment at most one thread holds a slot, and its writes are visible to the next holder (`Sleep`, invariant
///    4). So only one thread at a time changes `user` from zero, and needs no read-modify-write.
/// 3. A thread may lose its slot while it uses the value, and another may hold the slot meanwhile; that thread finds
///    `user` set, and does not touch the value.
/// 4. Only the user touches `depth`.
pub(crate) struct SlotValues<T> {
    /// The number of the pool.
    pool: usize,
    slots: Box<[CachePadded<SlotValue<T>>]>,
    /// Unused values, for threads that hold no slot, and for those with their own value in use.
    spare: Mutex<Vec<T>>,
}

struct SlotValue<T> {
    value: UnsafeCell<Option<T>>,
    /// The mark of the thread that uses the value, or zero.
    user: AtomicUsize,
    /// The number of nested uses by [`SlotValues::with`]; [`EXCLUSIVE`] in a use by [`SlotValues::with_mut`].
    depth: Cell<usize>,
}

const EXCLUSIVE: usize = usize::MAX;

// SAFETY: one thread at a time touches the cells, each after the other (invariants 1 to 4; `Use` acquires and
// releases). A value is used on several threads, one after the other, and dropped on any of them; `T: Send` allows
// that.
unsafe impl<T: Send> Sync for SlotValues<T> {}

/// The error when the calling worker's value is in use.
#[derive(Debug)]
pub(crate) struct InUse;

impl<T: Send> SlotValues<T> {
    /// Makes the values for the current pool.
    pub(crate) fn new() -> Self {
        global::with_current_registry(|registry| {
            let slot = |_| {
                let (value, user, depth) = (UnsafeCell::new(None), AtomicUsize::new(0), Cell::new(0));
                CachePadded::new(SlotValue { value, user, depth })
            };
            let slots = (0..registry.num_workers()).map(slot).collect();
            SlotValues { pool: registry.number(), slots, spare: Mutex::new(Vec::new()) }
        })
    }

    /// Calls `f` with the calling worker's value alone, or with a spare one if the thread holds no slot of the pool.
    pub(crate) fn with_mut<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> Result<R, InUse> {
        self.own(|slot| match slot {
            Some(slot) => Ok(slot.begin_alone().ok_or(InUse)?.with_mut(init, f)),
            None => Ok(self.with_spare(init, f)),
        })
    }

    /// As [`SlotValues::with_mut`], but a call may be made from within another on the same thread.
    pub(crate) fn with<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&T) -> R) -> Result<R, InUse> {
        self.own(|slot| match slot {
            Some(slot) => Ok(slot.begin().ok_or(InUse)?.with(init, f)?),
            None => Ok(self.with_spare(init, |value| f(value))),
        })
    }

    /// As [`SlotValues::with_mut`], with a spare value where the worker's own is in use.
    pub(crate) fn with_own_or_spare<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> R {
        self.own(|slot| match slot.and_then(SlotValue::begin_alone) {
            Some(own) => own.with_mut(init, f),
            None => self.with_spare(init, f),
        })
    }

    /// Calls `f` with the value of the calling thread's slot in the pool; with `None` if it holds none.
    #[inline]
    fn own<R>(&self, f: impl FnOnce(Option<&SlotValue<T>>) -> R) -> R {
        Worker::with_current(|worker| {
            let ours = worker.filter(|worker| worker.registry().number() == self.pool && worker.has_slot());
            f(ours.map(|worker| &*self.slots[worker.index()]))
        })
    }

    #[cold]
    fn with_spare<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> R {
        // The lock is not held while the user's code runs.
        let spare = self.spare.lock().pop();
        let mut guard = SpareGuard { spare: &self.spare, value: Some(spare.unwrap_or_else(init)) };
        f(guard.value.as_mut().expect("only the drop takes it out"))
    }

    /// The values that were made: the workers', by index, then the others.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let SlotValues { slots, spare, .. } = self;
        slots.iter_mut().filter_map(|slot| slot.value.get_mut().as_mut()).chain(spare.get_mut())
    }

    /// The values that were made: the workers', by index, then the others.
    pub(crate) fn into_values(mut self) -> Vec<T> {
        let spare = mem::take(self.spare.get_mut());
        let own = self.slots.into_iter().filter_map(|slot| slot.into_inner().value.into_inner());
        own.chain(spare).collect()
    }
}

impl<T> SlotValue<T> {
    /// Begins an exclusive use. None if the value is in use. The caller holds the slot.
    fn begin_alone(&self) -> Option<Use<'_, T>> {
        // Acquire: pairs with the release at the end of the use before; that use's thread may have lost the slot.
        if self.user.load(Ordering::Acquire) != 0 {
            return None;
        }
        self.depth.set(EXCLUSIVE);
        // Relaxed: the hand-over of the slot makes it visible to the next holder (invariant 2).
        self.user.store(mark_of_thread(), Ordering::Relaxed);
        Some(Use { slot: self, outer: 0 })
    }

    /// Begins a use that may be nested in another by [`SlotValues::with`] on the same thread. None if the value is in
    /// use otherwise.
    fn begin(&self) -> Option<Use<'_, T>> {
        let mark = mark_of_thread();
        // As in `begin_alone`.
        let outer = match self.user.load(Ordering::Acquire) {
            0 => 0,
            user if user == mark => Some(self.depth.get()).filter(|&depth| depth != EXCLUSIVE)?,
            _ => return None,
        };
        self.depth.set(outer + 1);
        self.user.store(mark, Ordering::Relaxed);
        Some(Use { slot: self, outer })
    }
}

/// A use of a slot's value; dropping it, also by a panic, ends the use.
struct Use<'s, T> {
    slot: &'s SlotValue<T>,
    /// The depth of the enclosing use.
    outer: usize,
}

impl<T> Use<'_, T> {
    fn with_mut<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&mut T) -> R) -> R {
        debug_assert_eq!(self.slot.depth.get(), EXCLUSIVE);
        // SAFETY: the value is in use by this thread (invariant 1), and `begin_alone` and `begin` begin no other use meanwhile.
        let value = unsafe { &mut *self.slot.value.get() };
        f(value.get_or_insert_with(init))
    }

    fn with<R>(&self, init: impl FnOnce() -> T, f: impl FnOnce(&T) -> R) -> Result<R, InUse> {
        if self.outer == 0 {
            // A use from within `init` must not find the value half made.
            self.slot.depth.set(EXCLUSIVE);
            // SAFETY: as in `with_mut`.
            let value = unsafe { &mut *self.slot.value.get() };
            _ = value.get_or_insert_with(init);
            self.slot.depth.set(1);
        }
        // SAFETY: the value is in use by this thread, and shared: `begin_alone` begins no use meanwhile.
        let value = unsafe { &*self.slot.value.get() };
        Ok(f(value.as_ref().ok_or(InUse)?))
    }
}

impl<T> Drop for Use<'_, T> {
    fn drop(&mut self) {
        self.slot.depth.set(self.outer);
        if self.outer == 0 {
            // Release: pairs with the acquire of the next use.
            self.slot.user.store(0, Ordering::Release);
        }
    }
}

/// A spare value in use; dropping it, also by a panic, puts it back.
struct SpareGuard<'s, T> {
    spare: &'s Mutex<Vec<T>>,
    value: Option<T>,
}

impl<T> Drop for SpareGuard<'_, T> {
    fn drop(&mut self) {
        // In a forked process the list may be lost; then the value is lost, too.
        if let Some(mut spare) = self.spare.lock_unless_abandoned() {
            spare.extend(self.value.take());
        }
    }
}

/// Identifies the calling thread among all live threads: the address of a thread-local.
fn mark_of_thread() -> usize {
    thread_local! {
        static MARK: Cell<u8> = const { Cell::new(0) };
    }
    MARK.with(|mark| ptr::from_ref(mark).addr())
}

impl<T> fmt::Debug for SlotValues<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotValues").field("pool", &self.pool).field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}
