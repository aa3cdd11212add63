//! Layer 4: the bridges, which run a producer against a consumer.

use super::{Consumer, Producer, ProducerCallback, UnindexedConsumer, UnindexedProducer};
use crate::iter::{IndexedParallelIterator, schedule};

/// Runs an indexed parallel iterator against a consumer, through the iterator's producer.
///
/// Most implementations of [`drive`](IndexedParallelIterator::drive) call this function. It returns when all parts are
/// done.
///
/// ```
/// use paceline::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
/// use paceline::prelude::*;
///
/// /// The numbers below a bound.
/// struct Below(u32);
///
/// impl ParallelIterator for Below {
///     type Item = u32;
///
///     fn drive_unindexed<C: UnindexedConsumer<u32>>(self, consumer: C) -> C::Result {
///         bridge(self, consumer)
///     }
/// }
///
/// impl IndexedParallelIterator for Below {
///     fn len(&self) -> usize {
///         self.0 as usize
///     }
///
///     fn drive<C: Consumer<u32>>(self, consumer: C) -> C::Result {
///         bridge(self, consumer)
///     }
///
///     fn with_producer<CB: ProducerCallback<u32>>(self, callback: CB) -> CB::Output {
///         (0..self.0).into_par_iter().with_producer(callback)
///     }
/// }
///
/// assert_eq!(Below(4).rev().collect::<Vec<_>>(), [3, 2, 1, 0]);
/// ```
#[inline]
pub fn bridge<I, C>(par_iter: I, consumer: C) -> C::Result
where
    I: IndexedParallelIterator,
    C: Consumer<I::Item>,
{
    let len = par_iter.len();
    par_iter.with_producer(Bridge { len, consumer })
}

struct Bridge<C> {
    len: usize,
    consumer: C,
}

impl<T, C: Consumer<T>> ProducerCallback<T> for Bridge<C> {
    type Output = C::Result;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
        bridge_producer_consumer(self.len, producer, self.consumer)
    }
}

/// Runs a producer of `len` items against a consumer, in parallel, and returns when all parts are done.
///
/// The lengths that [`Producer::min_len`] and [`Producer::max_len`] ask for are honoured; where they conflict, the
/// minimum wins.
///
/// ```
/// use paceline::iter::plumbing::{Producer, ProducerCallback, bridge_producer_consumer};
/// use paceline::prelude::*;
///
/// # use paceline::iter::plumbing::{Consumer, Folder, Reducer};
/// # struct Add;
/// # impl Consumer<u32> for Add {
/// #     type Folder = Sum; type Reducer = Add; type Result = u32;
/// #     fn split_at(self, _: usize) -> (Self, Self, Self) { (Add, Add, Add) }
/// #     fn into_folder(self) -> Sum { Sum(0) }
/// #     fn full(&self) -> bool { false }
/// # }
/// # impl Reducer<u32> for Add { fn reduce(self, left: u32, right: u32) -> u32 { left + right } }
/// # struct Sum(u32);
/// # impl Folder<u32> for Sum {
/// #     type Result = u32;
/// #     fn consume(self, item: u32) -> Self { Sum(self.0 + item) }
/// #     fn complete(self) -> u32 { self.0 }
/// #     fn full(&self) -> bool { false }
/// # }
/// struct AddAll(usize);
///
/// impl ProducerCallback<u32> for AddAll {
///     type Output = u32;
///
///     fn callback<P: Producer<Item = u32>>(self, producer: P) -> u32 {
///         bridge_producer_consumer(self.0, producer, Add) // `Add` is a consumer that adds up
///     }
/// }
///
/// let numbers = (0..100_u32).into_par_iter();
/// assert_eq!(numbers.with_producer(AddAll(100)), 4950);
/// ```
#[inline]
pub fn bridge_producer_consumer<P, C>(len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    schedule::run_indexed(len, producer, consumer)
}

/// Runs a producer of unknown length against a consumer, in parallel, and returns when all parts are done.
///
/// ```
/// use paceline::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
/// use paceline::prelude::*;
///
/// /// The words of a text, which is split only between words.
/// struct Words<'a>(&'a str);
///
/// impl<'a> UnindexedProducer for Words<'a> {
///     type Item = &'a str;
///
///     fn split(self) -> (Self, Option<Self>) {
///         let mut second_half = self.0.char_indices().skip(self.0.len() / 2);
///         match second_half.find(|(_, char)| char.is_whitespace()) {
///             Some((gap, _)) => (Words(&self.0[..gap]), Some(Words(&self.0[gap..]))),
///             None => (self, None),
///         }
///     }
///
///     fn fold_with<F: Folder<&'a str>>(self, folder: F) -> F {
///         folder.consume_iter(self.0.split_whitespace())
///     }
/// }
///
/// impl<'a> ParallelIterator for Words<'a> {
///     type Item = &'a str;
///
///     fn drive_unindexed<C: UnindexedConsumer<&'a str>>(self, consumer: C) -> C::Result {
///         bridge_unindexed(self, consumer)
///     }
/// }
///
/// assert_eq!(Words("row of riders taking turns").map(str::len).collect::<Vec<_>>(), [3, 2, 6, 6, 5]);
/// ```
#[inline]
pub fn bridge_unindexed<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    schedule::run_unindexed(producer, consumer)
}
