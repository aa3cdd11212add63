//! Layer 4: places along the imaginary line of an ordered search, and the least place of a find.
//!
//! A place has twice the bits of a `usize`: nested iterators halve a stretch of the line at every level, so one word is
//! soon used up. The two words are written one after the other, because not every target has atomics of that width; see
//! [`LeastPlace`].

use std::ops::Range;

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::Mutex;

/// A place on the line.
pub(super) type LinePlace = u128;

/// The whole line: all places that two words can hold.
pub(super) const LINE: Range<LinePlace> = 0..LinePlace::MAX >> (LinePlace::BITS - 2 * usize::BITS);

/// The least place of a find so far.
///
/// Writers, one at a time, store the low word and then the high one. A reader loads the high word (acquire, pairs with
/// the writer's release) and then the low one, which is thus at least as new as the high one. The place only ever
/// decreases. So the two words together give the least place or a greater one: at worst a search goes on for a moment
/// longer.
#[derive(Debug)]
pub(super) struct LeastPlace {
    high: AtomicUsize,
    low: AtomicUsize,
    writing: Mutex<()>,
}

impl LeastPlace {
    /// Nothing is found yet.
    pub(super) fn new() -> Self {
        let [high, low] = [AtomicUsize::new(usize::MAX), AtomicUsize::new(usize::MAX)];
        LeastPlace { high, low, writing: Mutex::new(()) }
    }

    /// Records a find at `place`.
    pub(super) fn found(&self, place: LinePlace) {
        if self.at_most() <= place {
            return;
        }
        let _writing = self.writing.lock();
        if self.at_most() > place {
            self.low.store(low_word(place), Ordering::Relaxed);
            self.high.store(high_word(place), Ordering::Release);
        }
    }

    /// True if there is a find at a lesser place than `place`.
    #[inline]
    pub(super) fn is_before(&self, place: LinePlace) -> bool {
        let high = self.high.load(Ordering::Acquire);
        high < high_word(place) || high == high_word(place) && self.low.load(Ordering::Relaxed) < low_word(place)
    }

    /// An upper bound of the least place.
    fn at_most(&self) -> LinePlace {
        let high = self.high.load(Ordering::Acquire) as LinePlace;
        high << usize::BITS | self.low.load(Ordering::Relaxed) as LinePlace
    }
}

/// The words of a place; the casts truncate on purpose.
fn high_word(place: LinePlace) -> usize {
    (place >> usize::BITS) as usize
}

fn low_word(place: LinePlace) -> usize {
    place as usize
}
