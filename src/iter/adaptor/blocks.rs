//! Layer 4: `ExponentialBlocks` and `UniformBlocks`, which run parallel blocks one after another.

use crate::iter::plumbing::{Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, bridge_producer_consumer};
use crate::iter::schedule::thread_count;
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// Runs blocks of growing length one after another; made by
/// [`by_exponential_blocks`](IndexedParallelIterator::by_exponential_blocks).
///
/// ```
/// use paceline::iter::ExponentialBlocks;
/// use paceline::prelude::*;
///
/// let blocks: ExponentialBlocks<_> = (1..1000_u32).into_par_iter().by_exponential_blocks();
/// assert_eq!(blocks.find_first(|n| n % 7 == 0), Some(7));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct ExponentialBlocks<I> {
    pub(in crate::iter) base: I,
}

/// Runs blocks of equal length one after another; made by
/// [`by_uniform_blocks`](IndexedParallelIterator::by_uniform_blocks).
///
/// ```
/// use paceline::iter::UniformBlocks;
/// use paceline::prelude::*;
///
/// let blocks: UniformBlocks<_> = (1..1000_u32).into_par_iter().by_uniform_blocks(64);
/// assert_eq!(blocks.max(), Some(999));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct UniformBlocks<I> {
    pub(in crate::iter) base: I,
    /// At least 1.
    pub(in crate::iter) block_size: usize,
}

impl<I: IndexedParallelIterator> ParallelIterator for ExponentialBlocks<I> {
    type Item = I::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let first = thread_count();
        let sizes = std::iter::successors(Some(first), |size| Some(size.saturating_mul(2)));
        let len = self.base.len();
        self.base.with_producer(BlocksCallback { consumer, sizes, len })
    }
}

impl<I: IndexedParallelIterator> ParallelIterator for UniformBlocks<I> {
    type Item = I::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let sizes = std::iter::repeat(self.block_size);
        let len = self.base.len();
        self.base.with_producer(BlocksCallback { consumer, sizes, len })
    }
}

struct BlocksCallback<S, C> {
    consumer: C,
    /// The lengths of the blocks: an endless iterator, none of them 0.
    sizes: S,
    len: usize,
}

impl<T, S, C> ProducerCallback<T> for BlocksCallback<S, C>
where
    S: Iterator<Item = usize>,
    C: UnindexedConsumer<T>,
{
    type Output = C::Result;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, mut producer: P) -> C::Result {
        let Self { consumer, mut sizes, mut len } = self;
        let mut so_far: Option<C::Result> = None;
        let append = |so_far: Option<C::Result>, block| match so_far {
            Some(before) => consumer.to_reducer().reduce(before, block),
            None => block,
        };
        while !consumer.full() {
            let size = sizes.next().unwrap_or(len).min(len);
            if size == len {
                let last = bridge_producer_consumer(len, producer, consumer.split_off_left());
                return append(so_far, last);
            }
            let (block, rest) = producer.split_at(size);
            producer = rest;
            len -= size;
            let block = bridge_producer_consumer(size, block, consumer.split_off_left());
            so_far = Some(append(so_far, block));
        }
        so_far.unwrap_or_else(|| consumer.into_folder().complete())
    }
}
