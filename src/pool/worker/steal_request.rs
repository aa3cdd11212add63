//! The doorbell: how an idle worker asks a busy one to publish some of its forks.

use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// Nobody has asked.
const NONE: u32 = 0;
/// The owner left the request on for the rest of the jobs that were asked for.
const OWED: u32 = 1;
/// A thief rang: the owner may publish for everybody who is idle.
const MADE: u32 = 2;

/// One worker's doorbell, at which its owner looks once a fork.
///
/// Every operation is relaxed: the word carries no data. A make that comes too late to be seen by one fork is seen by
/// the next; what it leads to, a publication, has orderings of its own. But a make that finds the request on is left out,
/// and whether the owner then counts the ringer as idle is a matter of fences: `Worker::serve_request` has one after the
/// answer, `Sleep::register` one before the make.
#[derive(Debug)]
pub(crate) struct StealRequest {
    state: AtomicU32,
    /// When it was rung, as [`Ticks::to_word`] tells it, if it was. A make may be seen before its time is: heuristics alone
    /// may rest on it.
    made_at: AtomicUsize,
}

/// Who had turned the request on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A thief.
    Made,
    /// The owner, for what was still owed to an earlier make.
    Owed,
}

impl StealRequest {
    /// A request that has been rung, on behalf of the workers whose threads are yet to start.
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// A request that has been rung; loom's atomics are not made by constants.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// Whether the owner should look into it.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.state.load(Ordering::Relaxed) != NONE
    }

    /// Whether somebody has asked since the owner answered last. It may be on all the same, for what is owed to those who
    /// asked before.
    #[inline(always)]
    pub(crate) fn is_new(&self) -> bool {
        self.state.load(Ordering::Relaxed) == MADE
    }

    /// Asks the owner to publish. The look comes first: a request that was rung already is not written again, so that
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

    /// For the owner: since when it has been on, if a thief rang it; about.
    pub(crate) fn made_at(&self) -> Option<Ticks> {
        self.is_new().then(|| Ticks::from_word(self.made_at.load(Ordering::Relaxed)))
    }

    /// For the owner: turns the request off and says who had turned it on. To be called *before* publishing: a make that
    /// comes in between must be heard at the next fork.
    pub(crate) fn answer(&self) -> Call {
        let call = if self.is_new() { Call::Made } else { Call::Owed };
        self.state.store(NONE, Ordering::Relaxed);
        call
    }

    /// For the owner: leaves the request on, to publish at the next fork too. Overwriting a make loses nothing but its
    /// word for more than was asked before.
    pub(crate) fn keep_on(&self) {
        self.state.store(OWED, Ordering::Relaxed);
    }
}
