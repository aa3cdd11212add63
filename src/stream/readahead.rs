//! Layer 5: `readahead`: an input in which a thread of the pool may wait, while another thread works in its place.

use crate::fork::Ticks;
use crate::fork::blocking::blocking;
use crate::iter::schedule::tuning::WAKE_UP;

/// An input that may be slow. Giving a slot away and taking it back costs some wake-ups, so this is done only behind an
/// item that took longer.
pub(super) struct PatientInput<I> {
    input: I,
    is_slow: bool,
}

impl<I> PatientInput<I> {
    pub(super) fn new(input: I) -> Self {
        PatientInput { input, is_slow: false }
    }
}

impl<I: Iterator> Iterator for PatientInput<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let begun = Ticks::now();
        let item = if self.is_slow { blocking(|| self.input.next()) } else { self.input.next() };
        self.is_slow = Ticks::now().since(begun) > WAKE_UP;
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.input.size_hint()
    }
}
