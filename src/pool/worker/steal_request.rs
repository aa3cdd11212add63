//! The steal request: how an idle worker asks a busy one to publish some of its forks.

use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// No worker has asked.
const NONE: u32 = 0;
/// The owner left the request on for the rest of the jobs that were asked for.
const OWED: u32 = 1;
/// A thief has asked: the owner may publish for all workers that are idle.
const MADE: u32 = 2;

/// What other threads request of one worker, whose thread, the owner, looks at it once a fork.
///
/// Every operation is relaxed: the word carries no data. A request that comes too late to be seen by one fork is seen by
/// the next; the publication that follows has orderings of its own. But a thief that finds the request on does not write, and
/// fences see to it that the owner then counts the thief as idle: `Worker::serve_request` has one after it has turned the
/// request off, `Sleep::register` one before the thief asks.
#[derive(Debug)]
pub(crate) struct StealRequest {
    state: AtomicU32,
    /// When it was made, as [`Ticks::to_word`] tells it, if it was. A request may be seen before its time is: heuristics alone
    /// may rest on it.
    made_at: AtomicUsize,
}

/// Which thread had turned the request on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A thief.
    Made,
    /// The owner, for the part of an earlier request that is still owed.
    Owed,
}

impl StealRequest {
    /// A request that is made, on behalf of the workers whose threads are yet to start.
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// As above; loom's atomics are not made by constants.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// Whether the owner should look into it.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.state.load(Ordering::Relaxed) != NONE
    }

    /// Whether a thief has asked since the owner served the request last. If not it may be on all the same, for what is owed.
    #[inline(always)]
    pub(crate) fn is_new(&self) -> bool {
        self.state.load(Ordering::Relaxed) == MADE
    }

    /// Asks the owner to publish. The load comes first: a request that is made already is not written again, so that
    /// its cache line stays with the owner.
    #[inline]
    pub(crate) fn make(&self) {
        if self.state.load(Ordering::Relaxed) != MADE {
            // Not in a model, where times would differ between two runs of the same interleaving.
            if !cfg!(loom) {
                self.made_at.store(Ticks::now().to_word(), Ordering::Relaxed);
            }
            self.state.store(MADE, Ordering::Relaxed);
        }
    }

    /// For the owner: about since when it has been on, if a thief has made it.
    pub(crate) fn made_at(&self) -> Option<Ticks> {
        self.is_new().then(|| Ticks::from_word(self.made_at.load(Ordering::Relaxed)))
    }

    /// For the owner: turns the request off and says which thread had turned it on. The owner must call this *before* it
    /// publishes: a request that comes in between must be seen at the next fork.
    pub(crate) fn take(&self) -> Call {
        let call = if self.is_new() { Call::Made } else { Call::Owed };
        self.state.store(NONE, Ordering::Relaxed);
        call
    }

    /// For the owner: leaves the request on, to publish at the next fork too. To overwrite a request that was made meanwhile
    /// loses only that it asks for more than the one before.
    pub(crate) fn keep_on(&self) {
        self.state.store(OWED, Ordering::Relaxed);
    }
}
