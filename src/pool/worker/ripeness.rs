//! For how long thieves leave a fork alone that was offered unasked.
//!
//! The owner of a fork of small work is back for it sooner than a thief could have moved it. How long it has lain there
//! the thieves measure, from when the first of them sees it, so that the owner need not look at the clock.
//!
//! All accesses are relaxed: a thief that is told late comes early, or a little later.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// How long thieves wait. None in a model, where it would differ between two runs of the same interleaving.
const RIPE_AFTER: isize = if cfg!(loom) { isize::MIN / 2 } else { 1500 * Ticks::PER_NANOSECOND as isize };

/// The oldest public job may be taken at once.
const RIPE: usize = 0;
/// It was just offered, and no thief has seen it.
const UNSEEN: usize = 1;

/// Whether the oldest public job of a worker may be taken: [`RIPE`], [`UNSEEN`], or since when thieves have seen it, as
/// [`Ticks::to_word`] tells it.
#[derive(Debug)]
pub(super) struct Ripeness(AtomicUsize);

impl Ripeness {
    pub(super) fn new() -> Self {
        Ripeness(AtomicUsize::new(RIPE))
    }

    /// The owner has published a fork of little work that nobody asked for, and nothing else is public.
    #[inline]
    pub(super) fn begin(&self) {
        self.0.store(UNSEEN, Ordering::Relaxed);
    }

    /// The owner is back.
    #[inline]
    pub(super) fn end(&self) {
        if self.0.load(Ordering::Relaxed) != RIPE {
            self.0.store(RIPE, Ordering::Relaxed);
        }
    }

    /// Whether a thief may take the job. The first that is told no starts the clock.
    pub(super) fn is_ripe(&self) -> bool {
        match self.0.load(Ordering::Relaxed) {
            RIPE => true,
            UNSEEN => {
                // The owner may be back meanwhile; then what it does next overwrites this, or nothing is public.
                self.0.store(Ticks::now().to_word(), Ordering::Relaxed);
                RIPE_AFTER <= 0
            }
            seen_at => Ticks::now().since_word(seen_at) >= RIPE_AFTER,
        }
    }
}
