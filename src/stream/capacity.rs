//! Layer 5: how many items a stream may hold, by their number and, if so asked, by their weight.

use crate::sync::lock::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// The room for a stream's items.
pub(super) struct Capacity {
    /// The most items.
    pub(super) items: usize,
    limit: Option<Arc<WeightLimit>>,
}

impl From<usize> for Capacity {
    fn from(items: usize) -> Self {
        Capacity { items, limit: None }
    }
}

impl Capacity {
    /// Room for so many items while they are lighter than the limit.
    pub(super) fn within(limit: &Arc<WeightLimit>, items: usize) -> Self {
        Capacity { items, limit: Some(Arc::clone(limit)) }
    }

    /// True if one more item may be pulled, where `taken` are on their way.
    pub(super) fn has_room(&self, taken: usize) -> bool {
        taken < self.items && self.limit.as_ref().is_none_or(|limit| limit.is_light())
    }
}

/// The weight of the items of an ordered stream that have been pulled. The last one that was handed out counts until the
/// next result is asked for.
///
/// The pulling thread adds an item's weight before it brings the input back, so the next look at the room sees it. The
/// consumer takes a weight off outside of the stream's lock; the turn that follows starts a job if there is room.
pub(super) struct WeightLimit {
    most: usize,
    weights: Mutex<ItemWeights>,
}

struct ItemWeights {
    sum: usize,
    /// In the order of the items.
    each: VecDeque<usize>,
    /// True if the first of them was handed out.
    is_handed_out: bool,
}

impl WeightLimit {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let weights = ItemWeights { sum: 0, each: VecDeque::new(), is_handed_out: false };
        Arc::new(WeightLimit { most, weights: Mutex::new(weights) })
    }

    /// True if one more item may be pulled. The first one always may: when the consumer looks for a result and none is on
    /// its way, all weights have been taken off.
    fn is_light(&self) -> bool {
        let weights = self.weights.lock();
        weights.each.is_empty() || weights.sum < self.most
    }

    /// An item was pulled.
    pub(super) fn add(&self, weight: usize) {
        let mut weights = self.weights.lock();
        // Taking off subtracts the weight added here, so that the sum is right again after it was too large to count.
        let weight = weight.min(usize::MAX - weights.sum);
        weights.sum += weight;
        weights.each.push_back(weight);
    }

    /// The next result is asked for.
    pub(super) fn take_off_last(&self) {
        let mut weights = self.weights.lock();
        if std::mem::take(&mut weights.is_handed_out) {
            // A panic of the input is handed out too, and weighs nothing.
            let weight = weights.each.pop_front().unwrap_or(0);
            weights.sum -= weight;
        }
    }

    /// A result is handed out.
    pub(super) fn note_handed_out(&self) {
        self.weights.lock().is_handed_out = true;
    }
}
