//! Layer 4: what the leaves of one run tell each other.
//!
//! Orderings: all relaxed. A signal only saves or allots work; no leaf reads memory that another wrote because
//! of one, and results travel with the joins.

use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Says that the work is over, once for all.
#[derive(Debug, Default)]
pub(crate) struct Halt(AtomicBool);

impl Halt {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Halts the work.
    #[inline]
    pub(crate) fn halt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work is over.
    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of tickets, to be drawn one by one.
#[derive(Debug)]
pub(crate) struct Tickets(AtomicUsize);

impl Tickets {
    pub(crate) fn new(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }

    /// Draws a ticket, and says whether there was one left.
    #[must_use]
    pub(crate) fn draw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Whether all tickets are drawn.
    #[inline]
    pub(crate) fn are_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}
