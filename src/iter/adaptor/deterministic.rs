//! Layer 4: `Deterministic`, which is split at positions that depend on its length alone.

use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::schedule::bridge_fixed;
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Is split at positions that depend on its length alone; made by
/// [`deterministic`](crate::extra::IndexedParallelIteratorExt::deterministic).
///
/// It keeps its number of items ([`opt_len`](ParallelIterator::opt_len)) but is no [`IndexedParallelIterator`]: an
/// adaptor that needs positions, such as `zip` and `enumerate`, would split at other positions, so it has to come
/// before.
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::iter::Deterministic;
/// use paceline::prelude::*;
///
/// let tenths: Deterministic<_> = (0..1000_u32).into_par_iter().deterministic();
/// let sum = |tenths: Deterministic<_>| tenths.map(|n: u32| f64::from(n) / 10.0).sum::<f64>();
/// assert_eq!(sum(tenths.clone()).to_bits(), sum(tenths).to_bits());
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Deterministic<I> {
    pub(in crate::iter) base: I,
}

impl<I: IndexedParallelIterator> ParallelIterator for Deterministic<I> {
    type Item = I::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge_fixed(self.base, consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.base.len())
    }
}
