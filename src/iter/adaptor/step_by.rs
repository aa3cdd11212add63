//! Layer 4: `StepBy`, which gives every `step`th item.

use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// Gives the first item and every `step`th after it; made by [`step_by`](IndexedParallelIterator::step_by).
///
/// ```
/// use paceline::iter::StepBy;
/// use paceline::prelude::*;
///
/// let tens: StepBy<_> = (0..35_u32).into_par_iter().step_by(10);
/// assert_eq!(tens.collect::<Vec<_>>(), [0, 10, 20, 30]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct StepBy<I> {
    pub(in crate::iter) base: I,
    /// At least 1.
    pub(in crate::iter) step: usize,
}

bridged! {
    impl[I] StepBy<I>
    where [I: IndexedParallelIterator]
    item: I::Item,
    len: |this| this.base.len().div_ceil(this.step),
    producer: |this, callback| {
        let Self { base, step } = this;
        let len = base.len();
        base.with_producer(StepByCallback { callback, step, len })
    },
}

struct StepByCallback<CB> {
    callback: CB,
    step: usize,
    len: usize,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for StepByCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.callback.callback(StepByProducer { base, step: self.step, len: self.len })
    }
}

/// A part of `len` items; it gives every `step`th, beginning with the first.
struct StepByProducer<P> {
    base: P,
    step: usize,
    len: usize,
}

impl<P: Producer> Producer for StepByProducer<P> {
    type Item = P::Item;
    type IntoIter = std::iter::StepBy<P::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.base.into_iter().step_by(self.step)
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len().div_ceil(self.step)
    }

    #[inline]
    fn max_len(&self) -> usize {
        (self.base.max_len() / self.step).max(1)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let Self { base, step, len } = self;
        let items = index.saturating_mul(step).min(len);
        let (left, right) = base.split_at(items);
        let left = Self { base: left, step, len: items };
        let right = Self { base: right, step, len: len - items };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}
