//! For how long thieves leave a fork alone that was offered unasked.
//!
//! The owner of a fork of small work is back for it sooner than a thief could have moved it. How long it has lain there
//! the thieves measure, from when the first of them sees it, so that the owner need not look at the clock.
//!
//! Some forks are wanted only if their owner is *held up*: their owner offers one after the other, and each would cost it
//! more to have taken than to take back. Thieves leave those alone for longer than any of them searches. So it is the sentinel
//! that finds one ripe, when it sees the same fork twice, a sleep apart.
//!
//! All accesses are relaxed: a thief that is told late comes early, or a little later.

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

/// The oldest public job may be taken at once.
const RIPE: usize = 0;
/// It was just offered, and no thief has seen it.
const UNSEEN: usize = 2;
/// The bit that says that it is wanted only if its owner is held up.
const IF_HELD_UP: usize = 1;

/// Whether the oldest public job of a worker may be taken: [`RIPE`], [`UNSEEN`], or since when thieves have seen it, as
/// [`Ticks::to_word`] tells it; the two latter with or without [`IF_HELD_UP`].
#[derive(Debug)]
pub(crate) struct HoldOff(AtomicUsize);

impl HoldOff {
    pub(crate) fn new() -> Self {
        HoldOff(AtomicUsize::new(RIPE))
    }

    /// The owner has published a fork of little work that nobody asked for, and nothing else is public.
    #[inline]
    pub(crate) fn begin(&self) {
        self.0.store(UNSEEN, Ordering::Relaxed);
    }

    /// The same of a fork that is wanted only if its owner is held up.
    #[inline]
    pub(crate) fn begin_for_held_up(&self) {
        self.0.store(UNSEEN | IF_HELD_UP, Ordering::Relaxed);
    }

    /// Whether the oldest public job was last offered as one that is wanted only if its owner is held up.
    #[inline]
    pub(crate) fn is_for_held_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) & IF_HELD_UP != 0
    }

    /// The owner is back.
    #[inline]
    pub(crate) fn end(&self) {
        if self.0.load(Ordering::Relaxed) != RIPE {
            self.0.store(RIPE, Ordering::Relaxed);
        }
    }

    /// Whether a thief may take the job. The first that is told no starts the clock.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.0.load(Ordering::Relaxed);
        let kind = state & IF_HELD_UP;
        let hold_off = if kind == IF_HELD_UP { HOLD_OFF_IF_HELD_UP } else { HOLD_OFF };
        let hold_off = hold_off.as_nanos() as usize * Ticks::PER_NANOSECOND as usize;
        match state - kind {
            RIPE => true,
            UNSEEN => {
                // The bit is that of the state, as the number need not be exact. The owner may be back meanwhile; then what it
                // does next overwrites this, or nothing is public.
                self.0.store(Ticks::now().to_word() & !IF_HELD_UP | kind, Ordering::Relaxed);
                hold_off == 0
            }
            // Seen by a thief on another processor, it may be ahead; it is ripe then, so that nobody spins on it.
            seen_at => Ticks::now().is_past_word(seen_at, hold_off),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{HoldOff, RIPE, UNSEEN};
    use crate::sync::atomic::Ordering;
    use crate::sync::ticks::Ticks;

    #[test]
    fn a_fork_is_ripe_some_time_after_it_was_seen_or_when_its_owner_is_back() {
        let hold_off = HoldOff::new();
        assert!(hold_off.is_over());
        hold_off.begin();
        assert!(!hold_off.is_over(), "seen just now");
        assert!(![RIPE, UNSEEN].contains(&hold_off.0.load(Ordering::Relaxed)));
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
    fn a_fork_that_was_seen_on_a_processor_ahead_of_this_is_ripe() {
        let hold_off = HoldOff::new();
        // By a second or so.
        hold_off.0.store(Ticks::now().to_word().wrapping_add(2_000_000_000), Ordering::Relaxed);
        assert!(hold_off.is_over());
    }
}
