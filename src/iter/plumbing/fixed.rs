//! Layer 4: a bridge that cuts an iterator by a tree that the number of its items alone decides.
//!
//! Who runs which part of the tree, and when, is left to the workers as ever. But where the parts end, and in which
//! order their results are combined, is the same on any number of threads, one included, and whatever else they do.
//! So results are equal to the last bit even if combining them is not associative, as with sums of floats.

use super::bounds::Bounds;
use super::bridge::both;
use super::{Consumer, Folder, Producer, ProducerCallback, Reducer};
use crate::fork::LoopContext;
use crate::iter::IndexedParallelIterator;

/// How many leaves a short iterator has, or as many as it has items: enough for some tens of workers.
const FEW_LEAVES: usize = 256;

/// How many leaves a long iterator has. More would even out no more, and each has states and an identity of its own.
const MANY_LEAVES: usize = 1024;

/// Between the two, leaves are so long that a fork for each costs little even where an item costs a nanosecond.
const SWIFT_LEAF: usize = 64;

/// Runs an indexed parallel iterator against a consumer, by a tree that depends on its length and on the bounds that
/// were asked for.
pub(in crate::iter) fn bridge_fixed<I, C>(par_iter: I, consumer: C) -> C::Result
where
    I: IndexedParallelIterator,
    C: Consumer<I::Item>,
{
    let len = par_iter.len();
    par_iter.with_producer(FixedBridge { len, consumer })
}

struct FixedBridge<C> {
    len: usize,
    consumer: C,
}

impl<T, C: Consumer<T>> ProducerCallback<T> for FixedBridge<C> {
    type Output = C::Result;

    fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
        let Self { len, consumer } = self;
        let tree = Tree::of(len, &producer);
        if !tree.cuts(len) {
            return run_leaf(producer, consumer);
        }
        LoopContext::enter(|context| run_offering(context, tree, context.idle() + 1, len, producer, consumer))
    }
}

/// Where an iterator is cut. Says nothing of threads.
#[derive(Clone, Copy, Debug)]
struct Tree {
    /// The most items of a leaf, unless the bounds demand longer ones.
    leaf: usize,
    bounds: Bounds,
}

impl Tree {
    fn of<P: Producer>(len: usize, producer: &P) -> Self {
        let bounds = Bounds::new(producer.min_len(), producer.max_len());
        let leaf = len.div_ceil(FEW_LEAVES).min(SWIFT_LEAF).max(len.div_ceil(MANY_LEAVES));
        Self { leaf: leaf.min(producer.max_len()), bounds }
    }

    /// Whether a part of `len` items is cut in two halves.
    #[inline]
    fn cuts(self, len: usize) -> bool {
        len > self.leaf && self.bounds.can_be_cut(len)
    }
}

/// Runs a part of which some first forks are offered to workers that are idle, so many `pieces` in all.
fn run_offering<P, C>(
    context: &LoopContext<'_>,
    tree: Tree,
    pieces: usize,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if pieces < 2 || !tree.cuts(len) {
        return run_part(tree, len, producer, consumer);
    }
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let left_len = len / 2;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = context.fork(
        |context| run_offering(context, tree, pieces - pieces / 2, left_len, left, left_consumer),
        |context| {
            let pieces = if context.is_migrated() { context.idle() + 1 } else { pieces / 2 };
            run_offering(context, tree, pieces, len - left_len, right, right_consumer)
        },
    );
    reducer.reduce(left, right)
}

/// Runs a part that is forked at every cut, for those who ask.
fn run_part<P, C>(tree: Tree, len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if !tree.cuts(len) {
        return run_leaf(producer, consumer);
    }
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let left_len = len / 2;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = both(
        || run_part(tree, left_len, left, left_consumer),
        || run_part(tree, len - left_len, right, right_consumer),
    );
    reducer.reduce(left, right)
}

/// Runs a part as one plain loop.
fn run_leaf<P, C>(producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    producer.fold_with(consumer.into_folder()).complete()
}
