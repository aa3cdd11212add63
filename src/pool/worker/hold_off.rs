//! The hold-off: for how long thieves leave a fork alone that was offered unasked.
//!
//! The worker that forked, the owner, is back for a small fork sooner than a thief could have moved it. The thieves
//! measure the fork's age, from when the first of them sees it, so that the owner need not read the clock.
//!
//! Some forks are wanted only if their owner is *held up* (blocked, or in one long job). An owner offers many of them,
//! one after the other, and each would cost it more if a thief took it than if it took the fork back itself. Thieves
//! leave those alone for longer than any of them searches. So it is the sentinel that finds such a hold-off over: it
//! sees the same fork twice, a sleep apart.
//!
//! All accesses are relaxed: a thief with an outdated value takes the fork early, or a little later.

use crate::pool::tuning::{HOLD_OFF, HOLD_OFF_IF_HELD_UP};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// What a fork of a loop is worth to a thief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    /// Nothing: the owner comes back for it before a thief could run it. Or it is not known.
    Inline,
    /// A steal.
    Shared,
    /// A wake-up.
    WakeUp,
}

/// There is no hold-off: thieves may take the oldest public job at once.
const OVER: usize = 0;
/// The job was just offered, and no thief has seen it.
const UNSEEN: usize = 2;
/// Set if the job is wanted only if its owner is held up.
const IF_HELD_UP: usize = 1;

/// Whether thieves may take the oldest public job of a worker: [`OVER`]; [`UNSEEN`]; or the time at which a thief first
/// saw it, as a word of [`Ticks::to_word`]. The latter two are combined with [`IF_HELD_UP`] or not.
#[derive(Debug)]
pub(crate) struct HoldOff(AtomicUsize);

impl HoldOff {
    pub(crate) fn new() -> Self {
        HoldOff(AtomicUsize::new(OVER))
    }

    /// The owner has published a small fork that no thief requested, and nothing else is public.
    #[inline]
    pub(crate) fn begin(&self) {
        self.0.store(UNSEEN, Ordering::Relaxed);
    }

    /// As [`begin`](Self::begin), for a fork that is wanted only if its owner is held up.
    #[inline]
    pub(crate) fn begin_for_held_up(&self) {
        self.0.store(UNSEEN | IF_HELD_UP, Ordering::Relaxed);
    }

    /// True if the oldest public job was last offered as one that is wanted only if its owner is held up.
    #[inline]
    pub(crate) fn is_for_held_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) & IF_HELD_UP != 0
    }

    /// The owner has come back for the fork.
    #[inline]
    pub(crate) fn end(&self) {
        if self.0.load(Ordering::Relaxed) != OVER {
            self.0.store(OVER, Ordering::Relaxed);
        }
    }

    /// Returns true if a thief may take the job. The first thief that gets false starts the clock.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.0.load(Ordering::Relaxed);
        let kind = state & IF_HELD_UP;
        let hold_off = if kind == IF_HELD_UP { HOLD_OFF_IF_HELD_UP } else { HOLD_OFF };
        let hold_off = hold_off.as_nanos() as usize * Ticks::PER_NANOSECOND as usize;
        match state - kind {
            OVER => true,
            UNSEEN => {
                // The low bit keeps the kind: the time need not be exact. The owner may be back meanwhile; then its
                // next store overwrites this, or nothing is public.
                self.0.store(Ticks::now().to_word() & !IF_HELD_UP | kind, Ordering::Relaxed);
                hold_off == 0
            }
            // A thief on another processor may have stored a time ahead of this clock. Then the hold-off is over, so
            // that no thread spins on it.
            seen_at => Ticks::now().is_past_word(seen_at, hold_off),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{HoldOff, OVER, UNSEEN};
    use crate::sync::atomic::Ordering;
    use crate::sync::ticks::Ticks;

    #[test]
    fn a_fork_may_be_taken_some_time_after_it_was_seen_or_when_its_owner_is_back() {
        let hold_off = HoldOff::new();
        assert!(hold_off.is_over());
        hold_off.begin();
        assert!(!hold_off.is_over(), "seen just now");
        assert!(![OVER, UNSEEN].contains(&hold_off.0.load(Ordering::Relaxed)));
        while !hold_off.is_over() {}
        hold_off.begin();
        hold_off.end();
        assert!(hold_off.is_over());
    }

    #[test]
    fn a_fork_that_is_for_a_held_up_owner_says_so_until_the_owner_is_back() {
        let hold_off = HoldOff::new();
        hold_off.begin();
        assert!(!hold_off.is_for_held_up());
        hold_off.begin_for_held_up();
        assert!(hold_off.is_for_held_up() && !hold_off.is_over() && hold_off.is_for_held_up(), "seen or not");
        while !hold_off.is_over() {}
        hold_off.end();
        assert!(hold_off.is_over() && !hold_off.is_for_held_up());
    }

    #[test]
    fn a_fork_that_was_seen_on_a_processor_ahead_of_this_may_be_taken() {
        let hold_off = HoldOff::new();
        // About a second ahead.
        hold_off.0.store(Ticks::now().to_word().wrapping_add(2_000_000_000), Ordering::Relaxed);
        assert!(hold_off.is_over());
    }
}
