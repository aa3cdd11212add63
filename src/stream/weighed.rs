//! Layer 5: `par_map_ordered_weighted`: the ends of a stream that tell a weight limit which items come and go.

use crate::stream::capacity::WeightLimit;
use crate::stream::pipeline::Tap;
use crate::stream::reorder_buffer::ItemOutcome;
use std::sync::Arc;

/// The most items in a stream with a limit of weight.
pub(super) const MOST_ITEMS: usize = 1 << 16;

/// An input with items that are weighed as they are pulled.
pub(super) struct WeighedInput<I, W> {
    input: I,
    weigh: W,
    limit: Arc<WeightLimit>,
}

impl<I, W> WeighedInput<I, W> {
    pub(super) fn new(input: I, weigh: W, limit: &Arc<WeightLimit>) -> Self {
        WeighedInput { input, weigh, limit: Arc::clone(limit) }
    }
}

impl<I: Iterator, W: FnMut(&I::Item) -> usize> Iterator for WeighedInput<I, W> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let item = self.input.next()?;
        self.limit.add((self.weigh)(&item));
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.input.size_hint()
    }
}

/// The consumer's end of a stream with such an input.
pub(super) struct WeighedTap<T> {
    tap: T,
    limit: Arc<WeightLimit>,
}

impl<T> WeighedTap<T> {
    pub(super) fn new(tap: T, limit: Arc<WeightLimit>) -> Self {
        WeighedTap { tap, limit }
    }
}

impl<R, T: Tap<R>> Tap<R> for WeighedTap<T> {
    fn next(&self) -> Option<ItemOutcome<R>> {
        self.limit.take_off_last();
        let outcome = self.tap.next();
        if outcome.is_some() {
            self.limit.note_handed_out();
        }
        outcome
    }

    fn close(&self) {
        self.tap.close();
    }
}
