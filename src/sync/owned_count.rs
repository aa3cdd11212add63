//! `OwnedCount`: a number that one thread at a time changes, and that any thread may read.

use std::sync::atomic::Ordering;

#[cfg(target_has_atomic = "64")]
use std::sync::atomic::AtomicU64 as Number;
/// Of 32 bits: the count wraps around.
#[cfg(not(target_has_atomic = "64"))]
use std::sync::atomic::AtomicUsize as Number;

/// A number for statistics. Its owner changes it by a load and a store, which is no dearer than with a plain variable.
///
/// All operations are relaxed: no decision depends on the number, and it orders nothing. The owner may change, if the next
/// one acquires what the last one released. For the same reason neither loom nor the simulated machine follows it: it is
/// std's there too, so that it adds nothing to what they explore.
#[derive(Debug)]
pub(crate) struct OwnedCount(Number);

impl OwnedCount {
    pub(crate) const fn new() -> Self {
        OwnedCount(Number::new(0))
    }

    #[inline]
    #[allow(clippy::unnecessary_cast, reason = "it is narrower on some targets")]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed) as u64
    }

    /// Only for the owner.
    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value as _, Ordering::Relaxed);
    }

    /// Only for the owner.
    #[inline]
    pub(crate) fn add(&self, more: u64) {
        self.set(self.get().wrapping_add(more));
    }

    /// For a count that has no owner: several threads add to it.
    pub(crate) fn add_as_one_of_many(&self, more: u64) {
        self.0.fetch_add(more as _, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::OwnedCount;
    use std::thread;

    #[test]
    fn the_owner_and_the_many_add_up() {
        let (owned, shared) = (OwnedCount::new(), OwnedCount::new());
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| (0..100).for_each(|_| shared.add_as_one_of_many(2)));
            }
            (0..100).for_each(|_| owned.add(3));
        });
        assert_eq!((owned.get(), shared.get()), (300, 400));
        owned.set(7);
        assert_eq!(owned.get(), 7);
    }
}
