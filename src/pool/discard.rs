//! What a pool discards that is shut down at once: detached work that has not begun, and futures that are not ready.

use crate::job::JobRef;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::lock::Mutex;
use std::sync::Arc;

#[cfg(all(test, not(loom)))]
mod tests;

/// Whether the pool discards its detached work, and the futures that it would not find by itself then: those that have
/// been polled, were not ready, and may never be woken.
///
/// 1. A future is listed by its runner, and unlisted before it is done. So a listed task is in memory while the list is
///    locked.
/// 2. When the flag is up, a future that is listed was listed before `begin` has locked the list.
#[derive(Debug)]
pub(crate) struct Discard {
    is_on: AtomicBool,
    listed: Mutex<ListedFutures>,
}

#[derive(Debug)]
struct ListedFutures {
    places: Vec<Option<JobRef>>,
    /// The places that are empty.
    empty: Vec<usize>,
}

impl Discard {
    pub(crate) fn new() -> Arc<Self> {
        let listed = Mutex::new(ListedFutures { places: Vec::new(), empty: Vec::new() });
        Arc::new(Discard { is_on: AtomicBool::new(false), listed })
    }

    /// True if detached work that has not begun must be dropped, and no future polled again.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        // Acquire pairs with the release in `begin`: the destructors of the dropped jobs see the writes before it.
        self.is_on.load(Ordering::Acquire)
    }

    /// Lists a future until the returned place is dropped. `None` if the future must be dropped instead. Only the
    /// future's runner may call this.
    pub(crate) fn list(self: &Arc<Self>, future: JobRef) -> Option<ListedPlace> {
        let mut listed = self.listed.lock();
        // `begin` raises the flag, and then takes this lock. If it has taken the lock before this thread, the lock shows
        // the flag; else it will find the future, unless this thread sees the flag.
        if self.is_on() {
            return None;
        }
        let index = match listed.empty.pop() {
            Some(index) => {
                listed.places[index] = Some(future);
                index
            }
            None => {
                listed.places.push(Some(future));
                listed.places.len() - 1
            }
        };
        Some(ListedPlace { discard: Arc::clone(self), index })
    }

    /// Discards from here on, and calls `find` for each listed future, under the lock of the list: `find` must neither
    /// list nor unlist a future, nor run a job.
    pub(crate) fn begin(&self, find: impl FnMut(JobRef)) {
        self.is_on.store(true, Ordering::Release);
        self.listed.lock().places.iter().flatten().copied().for_each(find);
    }
}

/// The place of a future in the list, which is unlisted when this is dropped.
#[derive(Debug)]
#[must_use = "the future is unlisted when this is dropped"]
pub(crate) struct ListedPlace {
    discard: Arc<Discard>,
    index: usize,
}

impl Drop for ListedPlace {
    fn drop(&mut self) {
        // In a forked child the list may be lost.
        let Some(mut listed) = self.discard.listed.lock_unless_abandoned() else { return };
        listed.places[self.index] = None;
        listed.empty.push(self.index);
    }
}
