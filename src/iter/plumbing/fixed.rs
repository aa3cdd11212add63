//! Layer 4: a bridge that cuts an iterator by a tree that the number of its items alone decides.
//!
//! Who runs which part of the tree, and when, is left to the workers as ever. But where the parts end, and in which
//! order their results are combined, is the same on any number of threads, one included, and whatever else they do.
//! So results are equal to the last bit even if combining them is not associative, as with sums of floats.

use super::bounds::Bounds;
use super::bridge::in_turn;
use super::turns::{self, Part, Role};
use super::{Consumer, Folder, Producer, ProducerCallback, Reducer};
use crate::fork::{LoopContext, Rest, Ticks};
use crate::iter::IndexedParallelIterator;
use crate::sync::atomic::{AtomicBool, Ordering};
use std::cell::Cell;
use std::mem;

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
        announce(&consumer);
        match turns::role_for(&consumer) {
            Role::Bystander => {}
            role => return in_turn(role, Subtree { tree, len, producer, consumer }, 1),
        }
        if !tree.cuts(len) {
            return run_leaf(producer, consumer);
        }
        LoopContext::enter(|context| run_part(context, tree, &Tempo::unknown(), len, producer, consumer))
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
        // Where the minimum forbids shorter ones, this changes no cut.
        Self { leaf: leaf.min(producer.max_len()).max(producer.min_len()).max(1), bounds }
    }

    /// Whether a part of `len` items is cut in two halves.
    #[inline]
    fn cuts(self, len: usize) -> bool {
        len > self.leaf && self.bounds.can_be_cut(len)
    }
}

/// Whether leaves take so long that others should find all forks public while one runs: a worker looks at its bell when
/// it forks, and there is no fork in a leaf.
///
/// Only the worker that made it changes it; it is atomic because closures that may be taken by others hold it.
#[derive(Debug)]
struct Tempo {
    is_slow: AtomicBool,
}

/// A leaf that takes so long is slow.
const SLOW: u64 = 1000 * Ticks::PER_NANOSECOND;

/// While leaves are swift so many at a time are timed together.
const TIMED: usize = 8;

impl Tempo {
    /// Nothing is known of the leaves: for what it costs to be wrong, the first may be slow.
    fn unknown() -> Self {
        Self { is_slow: AtomicBool::new(true) }
    }

    #[inline]
    fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }

    /// Runs `work`, of about so many leaves, and takes note of how long it takes.
    #[inline]
    fn time<R>(&self, leaves: usize, work: impl FnOnce() -> R) -> R {
        let begun = Ticks::now();
        let result = work();
        self.is_slow.store(Ticks::now().since(begun) > SLOW * leaves as u64, Ordering::Relaxed);
        result
    }
}

/// Runs a part, which is forked at every cut.
fn run_part<P, C>(
    context: &LoopContext<'_>,
    tree: Tree,
    tempo: &Tempo,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let is_slow = tempo.is_slow();
    if !tree.cuts(len) {
        if !is_slow {
            return run_leaf(producer, consumer);
        }
        if context.is_asked() {
            context.answer();
        }
        return tempo.time(1, || run_leaf(producer, consumer));
    }
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let is_alone = context.threads() == 1;
    if is_slow && !is_alone && (context.idle() > 0 || context.has_nothing_public()) {
        run_lending(context, tree, tempo, len, producer, consumer)
    } else if !is_slow && len / tree.leaf < TIMED && len / 2 / tree.leaf >= TIMED / 4 {
        tempo.time(TIMED, || run_forking(context, tree, tempo, len, producer, consumer))
    } else {
        run_forking(context, tree, tempo, len, producer, consumer)
    }
}

/// Cuts a part and forks the right half, for those who ask.
fn run_forking<P, C>(
    context: &LoopContext<'_>,
    tree: Tree,
    tempo: &Tempo,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let left_len = len / 2;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = context.fork(
        |context| run_part(context, tree, tempo, left_len, left, left_consumer),
        |context| {
            let unknown = Tempo::unknown();
            let tempo = if context.is_migrated() { &unknown } else { tempo };
            run_part(context, tree, tempo, len - left_len, right, right_consumer)
        },
    );
    reducer.reduce(left, right)
}

/// Cuts a part and makes the right half public, with all that was forked before.
#[cold]
fn run_lending<P, C>(
    context: &LoopContext<'_>,
    tree: Tree,
    tempo: &Tempo,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let left_len = len / 2;
    let right_len = len - left_len;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, rest) = context.lend(
        (right, right_consumer),
        |context| run_part(context, tree, tempo, left_len, left, left_consumer),
        |context, (right, right_consumer)| run_part(context, tree, &Tempo::unknown(), right_len, right, right_consumer),
    );
    let right = match rest {
        Rest::Back((right, right_consumer)) => run_part(context, tree, tempo, right_len, right, right_consumer),
        Rest::Done(right) => right,
    };
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

/// A part of the tree that is begun in its turn: a subtree, whose leaves are run one after the other.
struct Subtree<P, C> {
    tree: Tree,
    len: usize,
    producer: P,
    consumer: C,
}

impl<P: Producer, C: Consumer<P::Item>> Subtree<P, C> {
    /// Cuts it where the tree does; gives it back if it is a leaf, or if the results of its halves say something: then what
    /// comes between their items may wait until the right half has ended, and that one for what comes before it.
    fn halves(self) -> Result<(Self, Self, C::Reducer), Self> {
        let Self { tree, len, producer, consumer } = self;
        if !tree.cuts(len) || mem::size_of::<C::Result>() > 0 {
            return Err(Self { tree, len, producer, consumer });
        }
        let left_len = len / 2;
        let (left, right) = producer.split_at(left_len);
        let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
        let left = Self { tree, len: left_len, producer: left, consumer: left_consumer };
        let right = Self { tree, len: len - left_len, producer: right, consumer: right_consumer };
        Ok((left, right, reducer))
    }
}

impl<P: Producer, C: Consumer<P::Item>> Part for Subtree<P, C> {
    type Result = C::Result;

    /// The grain is the most items of a part that is a subtree and no leaf.
    fn cut(self, grain: usize) -> (Self, Option<Self>) {
        if self.len <= grain {
            return (self, None);
        }
        match self.halves() {
            Ok((left, right, _)) => (left, Some(right)),
            Err(leaf) => (leaf, None),
        }
    }

    fn measure(&self) -> usize {
        self.len
    }

    fn longer(measure: usize, most: usize) -> usize {
        turns::longer(measure, most)
    }

    fn shorter(measure: usize) -> usize {
        turns::shorter(measure)
    }

    fn is_full(&self) -> bool {
        self.consumer.full()
    }

    fn run(self) -> C::Result {
        if self.consumer.full() {
            return self.consumer.into_folder().complete();
        }
        match self.halves() {
            Ok((left, right, reducer)) => {
                let left = left.run();
                reducer.reduce(left, right.run())
            }
            Err(leaf) => run_leaf(leaf.producer, leaf.consumer),
        }
    }
}

thread_local! {
    /// Whether a bridge asks its consumer whether it is full in order to say that it cuts by a tree.
    static IS_ANNOUNCING: Cell<bool> = const { Cell::new(false) };
}

/// Tells a consumer that what comes to it is cut by a tree. A bridge sees only the consumer of the adaptor above it; but all
/// of them hand on the question whether they are full.
fn announce<T, C: Consumer<T>>(consumer: &C) {
    /// Ends the announcement, by a panic of the consumer's too.
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            IS_ANNOUNCING.set(false);
        }
    }

    IS_ANNOUNCING.set(true);
    let _end = End;
    _ = consumer.full();
}

/// Whether a consumer that is being asked whether it is full is told so that its items come from a tree that their number
/// alone decides.
pub(in crate::iter) fn is_announced() -> bool {
    IS_ANNOUNCING.get()
}
