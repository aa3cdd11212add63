//! Layer 4: `Chunks`, which collects items into vectors of a given length.

use super::chunked::{ChunkedProducer, chunk_count};
use super::map::Mapping;
use super::stage::{Same, StageCallback};
use crate::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Collects items into vectors of a given length; made by [`chunks`](IndexedParallelIterator::chunks).
///
/// ```
/// use paceline::iter::Chunks;
/// use paceline::prelude::*;
///
/// let rows: Chunks<_> = (0..7_u32).into_par_iter().chunks(3);
/// assert_eq!(rows.map(|row| row.len()).collect::<Vec<_>>(), [3, 3, 1]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Chunks<I> {
    pub(in crate::iter) base: I,
    /// At least 1.
    pub(in crate::iter) chunk_size: usize,
}

impl<I: IndexedParallelIterator> ParallelIterator for Chunks<I> {
    type Item = Vec<I::Item>;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Chunks<I> {
    fn len(&self) -> usize {
        chunk_count(self.base.len(), self.chunk_size)
    }

    #[inline]
    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        let Self { base, chunk_size } = self;
        let len = base.len();
        base.with_producer(ChunksCallback { callback, len, chunk_size })
    }
}

struct ChunksCallback<CB> {
    callback: CB,
    len: usize,
    chunk_size: usize,
}

impl<T: Send, CB: ProducerCallback<Vec<T>>> ProducerCallback<T> for ChunksCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let chunks = ChunkedProducer::new(base, self.len, self.chunk_size);
        let gather = Same(Mapping(P::IntoIter::collect::<Vec<T>>));
        StageCallback::new(self.callback, gather).callback(chunks)
    }
}
