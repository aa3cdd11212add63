//! Layer 4: the bridges, which run a producer against a consumer; the layer's only forks.

use super::splitter::{LengthSplitter, Splitter};
use super::{Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, UnindexedProducer};
use crate::fork::{current_num_threads, join_context};
use crate::iter::IndexedParallelIterator;

/// Runs an indexed parallel iterator against a consumer, by way of its producer.
///
/// This is what most implementations of [`drive`](IndexedParallelIterator::drive) are. It returns when all
/// parts are done.
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

    fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
        bridge_producer_consumer(self.len, producer, self.consumer)
    }
}

/// Runs a producer of `len` items against a consumer, in parallel, and returns when all parts are done.
///
/// The lengths that [`Producer::min_len`] and [`Producer::max_len`] ask for are honoured; where both cannot
/// be had, the minimum wins.
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
pub fn bridge_producer_consumer<P, C>(len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let splitter = LengthSplitter::new(len, producer.min_len(), producer.max_len());
    run_indexed(splitter, len, producer, consumer)
}

fn run_indexed<P, C>(splitter: LengthSplitter, len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let Some((left_splitter, right_splitter)) = splitter.halve(len) else {
        return producer.fold_with(consumer.into_folder()).complete();
    };
    let left_len = len / 2;
    let right_len = len - left_len;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = join_context(
        |context| {
            let splitter = left_splitter.arrive(&context);
            run_indexed(splitter, left_len, left, left_consumer)
        },
        |context| {
            let splitter = right_splitter.arrive(&context);
            run_indexed(splitter, right_len, right, right_consumer)
        },
    );
    reducer.reduce(left, right)
}

/// Runs a producer of unknown length against a consumer, in parallel, and returns when all parts are done.
///
/// The [module's documentation](super) has an example.
pub fn bridge_unindexed<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    run_unindexed(Splitter::new(), producer, consumer)
}

fn run_unindexed<P, C>(splitter: Splitter, producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let Some((left_splitter, right_splitter)) = splitter.halve() else {
        return producer.fold_with(consumer.into_folder()).complete();
    };
    let (left, right) = match producer.split() {
        (left, Some(right)) => (left, right),
        (whole, None) => return whole.fold_with(consumer.into_folder()).complete(),
    };
    let left_consumer = consumer.split_off_left();
    let reducer = consumer.to_reducer();
    let (left, right) = join_context(
        |context| run_unindexed(left_splitter.arrive(&context), left, left_consumer),
        |context| run_unindexed(right_splitter.arrive(&context), right, consumer),
    );
    reducer.reduce(left, right)
}

/// Runs two closures, in parallel if there is a thread for the second.
pub(in crate::iter) fn both<A, B>(left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B + Send) -> (A, B)
where
    A: Send,
    B: Send,
{
    join_context(|_| left(), |_| right())
}

/// How many threads may work on an iterator that is run here.
pub(in crate::iter) fn thread_count() -> usize {
    current_num_threads()
}
