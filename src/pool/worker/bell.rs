//! The doorbell: how an idle worker asks a busy one to publish some of its forks.

use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// Nobody has asked.
const QUIET: u32 = 0;
/// The owner left the bell on for the rest of the jobs that were asked for.
const KEPT: u32 = 1;
/// A thief rang: the owner may publish for everybody who is idle.
const RUNG: u32 = 2;

/// One worker's doorbell, at which its owner looks once a fork.
///
/// Every operation is relaxed: the word carries no data. A ring that comes too late to be seen by one fork is seen by
/// the next; what it leads to, a publication, has orderings of its own. But a ring that finds the bell on is left out,
/// and whether the owner then counts the ringer as idle is a matter of fences: `Worker::answer_bell` has one after the
/// answer, `Sleep::register` one before the ring.
#[derive(Debug)]
pub(crate) struct Bell {
    state: AtomicU32,
    /// When it was rung, as [`Ticks::to_word`] tells it, if it was. A ring may be seen before its time is: heuristics alone
    /// may rest on it.
    rung_at: AtomicUsize,
}

/// Who had turned the bell on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A thief.
    Rung,
    /// The owner, for what was still owed to an earlier ring.
    Kept,
}

impl Bell {
    /// A bell that has been rung, on behalf of the workers whose threads are yet to start.
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Bell { state: AtomicU32::new(RUNG), rung_at: AtomicUsize::new(0) }
    }

    /// A bell that has been rung; loom's atomics are not made by constants.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Bell { state: AtomicU32::new(RUNG), rung_at: AtomicUsize::new(0) }
    }

    /// Whether the owner should look into it.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.state.load(Ordering::Relaxed) != QUIET
    }

    /// Whether somebody has asked since the owner answered last. It may be on all the same, for what is owed to those who
    /// asked before.
    #[inline(always)]
    pub(crate) fn is_rung(&self) -> bool {
        self.state.load(Ordering::Relaxed) == RUNG
    }

    /// Asks the owner to publish. The look comes first: a bell that was rung already is not written again, so that
    /// its cache line stays with the owner.
    #[inline]
    pub(crate) fn ring(&self) {
        if self.state.load(Ordering::Relaxed) != RUNG {
            // Not in a model, where times would differ between two runs of the same interleaving.
            if !cfg!(loom) {
                self.rung_at.store(Ticks::now().to_word(), Ordering::Relaxed);
            }
            self.state.store(RUNG, Ordering::Relaxed);
        }
    }

    /// For the owner: since when it has been on, if a thief rang it; about.
    pub(crate) fn rung_at(&self) -> Option<Ticks> {
        self.is_rung().then(|| Ticks::from_word(self.rung_at.load(Ordering::Relaxed)))
    }

    /// For the owner: turns the bell off and says who had turned it on. To be called *before* publishing: a ring that
    /// comes in between must be heard at the next fork.
    pub(crate) fn answer(&self) -> Call {
        let call = if self.is_rung() { Call::Rung } else { Call::Kept };
        self.state.store(QUIET, Ordering::Relaxed);
        call
    }

    /// For the owner: leaves the bell on, to publish at the next fork too. Overwriting a ring loses nothing but its
    /// word for more than was asked before.
    pub(crate) fn keep_on(&self) {
        self.state.store(KEPT, Ordering::Relaxed);
    }
}
