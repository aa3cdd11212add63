//! Layer 4: flags and counters that the leaves of one run share.
//!
//! Orderings: all relaxed. A signal only saves or allots work: it publishes no memory from one leaf to another. Results
//! are handed over by the joins.

use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A flag that ends the work of all leaves; it is never cleared.
#[derive(Debug, Default)]
pub(crate) struct Halt(AtomicBool);

impl Halt {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub(crate) fn halt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of tickets, drawn one by one.
#[derive(Debug)]
pub(crate) struct Tickets(AtomicUsize);

impl Tickets {
    pub(crate) fn new(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }

    /// Draws a ticket; returns false if none was left.
    #[must_use]
    pub(crate) fn draw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// True if all tickets are drawn.
    #[inline]
    pub(crate) fn are_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}
