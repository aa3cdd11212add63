//! Layer 4: the bridges, which run a producer against a consumer; with `leaf` the layer's only forks.

use super::bounds::Bounds;
use super::leaf::{Course, Leaf};
use super::pace::Experience;
use super::profile::Run;
use super::turns::{self, Indexed, Part, Role, Unindexed};
use super::unindexed::UnindexedLeaf;
use super::{Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, UnindexedProducer};
use crate::fork::{LoopContext, Ticks, Weight, current_num_threads, join_context};
use crate::iter::IndexedParallelIterator;

/// Runs an indexed parallel iterator against a consumer, by way of its producer.
///
/// This is what most implementations of [`drive`](IndexedParallelIterator::drive) are. It returns when all
/// parts are done.
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
pub fn bridge<I, C>(par_iter: I, consumer: C) -> C::Result
where
    I: IndexedParallelIterator,
    C: Consumer<I::Item>,
{
    let len = par_iter.len();
    par_iter.with_producer(Bridge { len, consumer })
}

/// So many items are cut in two before they run even if nobody is idle.
const MANY: usize = 256;

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
    let bounds = Bounds::new(producer.min_len(), producer.max_len());
    let role = turns::role_for(&consumer);
    if role != Role::Bystander {
        return in_turn(role, Indexed { len, bounds, producer, consumer }, 1);
    }
    if !bounds.can_be_cut(len) {
        return Leaf::run_whole(len, producer, consumer);
    }
    // No closure between here and the folder: what it captures would be moved through memory, which takes longer than a
    // small loop.
    let _seat = LoopContext::sit();
    let site = run_afresh::<P, C> as fn(&LoopContext<'_>, Bounds, usize, P, C) -> C::Result as usize;
    let is_crumb =
        |run: &Run| run.is_crumb(len) && !bounds.has_max() && !consumer.full() && LoopContext::is_to_be_asked();
    if let Some(run) = Run::begin(site).filter(is_crumb) {
        let folder = producer.fold_with(consumer.into_folder());
        run.end_crumb(LoopContext::rung_for());
        return folder.complete();
    }
    run_on_worker(site, bounds, len, producer, consumer)
}

/// Runs a whole on the calling worker, or on another if the caller is none, and on those with whom it is shared.
#[inline(never)]
fn run_on_worker<P, C>(site: usize, bounds: Bounds, len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    LoopContext::enter(|context| {
        if context.threads() == 1 && !bounds.has_max() {
            // Nobody will ever ask.
            return Leaf::run_whole(len, producer, consumer);
        }
        match Run::begin(site) {
            Some(run) => run_by_profile(run, context, bounds, len, producer, consumer),
            None => run_afresh(context, bounds, len, producer, consumer),
        }
    })
}

/// Runs a whole with little around it if that is what its profile suggests.
#[inline]
fn run_by_profile<P, C>(
    run: Run,
    context: &LoopContext<'_>,
    bounds: Bounds,
    len: usize,
    mut producer: P,
    mut consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if run.is_expected_to_be_light(len) {
        let start = if bounds.has_max() { None } else { run.start_light(context.asking(run.is_slight(len))) };
        if let Some(start) = start {
            match Leaf::in_blocks(len, producer, consumer) {
                Ok(leaf) => {
                    if start.is_news() {
                        context.stir();
                    }
                    let (result, course) = leaf.run_light(context, bounds, run.blocks(), start.alarm());
                    match course {
                        Course::Light { items, blocks } => {
                            run.end_light(start, items, blocks, LoopContext::rung_for());
                        }
                        Course::Asked { is_weighty } => run.end_asked(is_weighty),
                    }
                    return result;
                }
                Err(back) => (producer, consumer) = back,
            }
        }
        // Nor is what is offered of it worth being taken at once, whatever ran here last.
        context.remember_weight(Weight::Light);
    }
    let begun = Ticks::now();
    let result = run_afresh(context, bounds, len, producer, consumer);
    run.end(begun, len);
    result
}

/// Runs a whole of which nothing is known. What is idle is offered parts of it.
#[inline(never)]
fn run_afresh<P, C>(context: &LoopContext<'_>, bounds: Bounds, len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    // What the first half finds is to spare the second, if there are many items or they cannot be run in blocks.
    let is_short = len < MANY && producer.can_run_in_blocks();
    let pieces = (context.idle() + 1).max(if is_short { 1 } else { 2 });
    let plan = Plan { pieces, is_lending: false, experience: &Experience::new() };
    run_part(context, bounds, plan, len, producer, consumer)
}

/// What is to become of a part.
#[derive(Clone, Copy)]
struct Plan<'e> {
    /// Into how many pieces it is cut before they run.
    pieces: usize,
    /// Whether a piece lends a rest of it from the start, or only when it has run for a while.
    is_lending: bool,
    /// What the part before has learnt about the items.
    experience: &'e Experience,
}

/// Cuts a part into as many pieces as there are workers to run them, and runs them, in blocks.
fn run_part<P, C>(
    context: &LoopContext<'_>,
    bounds: Bounds,
    plan: Plan<'_>,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let Plan { pieces, is_lending, experience } = plan;
    if !bounds.wants_cut(len, pieces) {
        return match Leaf::in_blocks(len, producer, consumer) {
            Ok(leaf) => leaf.run(context, bounds, is_lending, experience),
            // Where a greatest length was asked for there are pieces enough by now.
            Err((producer, consumer)) => {
                let pieces = if bounds.has_max() { 1 } else { context.threads() };
                run_rigid(context, bounds, pieces, len, producer, consumer)
            }
        };
    }
    let left_len = len / 2;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = context.fork(
        |context| {
            let plan = Plan { pieces: pieces - pieces / 2, ..plan };
            run_part(context, bounds, plan, left_len, left, left_consumer)
        },
        |context| run_split_off(context, bounds, false, experience, len - left_len, right, right_consumer),
    );
    reducer.reduce(left, right)
}

/// Runs a part that was forked: one that another worker took is cut further if there are idle ones still; one that
/// nobody took goes on with the experience of the part before it. `is_lending` says whether one that was taken lends a
/// rest from the start.
pub(super) fn run_split_off<P, C>(
    context: &LoopContext<'_>,
    bounds: Bounds,
    is_lending: bool,
    experience: &Experience,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if context.is_migrated() {
        let plan = Plan { pieces: context.idle() + 1, is_lending, experience: &Experience::new() };
        run_part(context, bounds, plan, len, producer, consumer)
    } else {
        let plan = Plan { pieces: 1, is_lending: false, experience };
        run_part(context, bounds, plan, len, producer, consumer)
    }
}

/// Runs a part that cannot be split once it runs: it is cut into as many pieces as there are threads, and again where
/// another worker has taken one, which shows that somebody was idle.
fn run_rigid<P, C>(
    context: &LoopContext<'_>,
    bounds: Bounds,
    pieces: usize,
    len: usize,
    producer: P,
    consumer: C,
) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    if !bounds.wants_cut(len, pieces) {
        return Leaf::run_whole(len, producer, consumer);
    }
    let left_len = len / 2;
    let (left, right) = producer.split_at(left_len);
    let (left_consumer, right_consumer, reducer) = consumer.split_at(left_len);
    let (left, right) = context.fork(
        |context| run_rigid(context, bounds, pieces - pieces / 2, left_len, left, left_consumer),
        |context| {
            let pieces = if context.is_migrated() { context.threads() } else { pieces / 2 };
            run_rigid(context, bounds, pieces, len - left_len, right, right_consumer)
        },
    );
    reducer.reduce(left, right)
}

/// Runs a producer of unknown length against a consumer, in parallel, and returns when all parts are done.
///
/// ```
/// use paceline::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
/// use paceline::prelude::*;
///
/// /// The words of a text, which is cut only between words.
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
pub fn bridge_unindexed<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    let role = turns::role_for(&consumer);
    if role != Role::Bystander {
        return in_turn(role, Unindexed { splits: 0, producer, consumer }, usize::MAX);
    }
    LoopContext::enter(|context| run_unindexed(context, context.threads(), producer, consumer))
}

/// Runs a whole whose parts are to be begun in turn, or that is not to be cut, because it is within such a part.
#[cold]
#[inline(never)]
pub(super) fn in_turn<J: Part>(role: Role, whole: J, finest: usize) -> J::Result {
    match role {
        Role::Leader { most } => turns::run(whole, finest, most),
        role => turns::run_in_one_go(role, whole),
    }
}

/// Runs a part of unknown length, cut into so many pieces if it can be, and again where another worker has taken one.
///
/// What is not taken is cut half as often as what it is cut from, so on one worker this nests as deep as the logarithm of
/// the number of pieces.
pub(super) fn run_unindexed<P, C>(context: &LoopContext<'_>, pieces: usize, producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    if consumer.full() {
        return consumer.into_folder().complete();
    }
    let (left, right) = if pieces > 1 { producer.split() } else { (producer, None) };
    let Some(right) = right else {
        let leaf = UnindexedLeaf::new(context, left, consumer);
        return leaf.run(context);
    };
    let left_consumer = consumer.split_off_left();
    let reducer = consumer.to_reducer();
    let (left, right) = context.fork(
        |context| run_unindexed(context, pieces - pieces / 2, left, left_consumer),
        |context| {
            let pieces = if context.is_migrated() { context.threads() } else { pieces / 2 };
            run_unindexed(context, pieces, right, consumer)
        },
    );
    reducer.reduce(left, right)
}

/// Runs two closures, in parallel if there is a thread for the second.
pub(in crate::iter) fn both<A, B>(left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B + Send) -> (A, B)
where
    A: Send,
    B: Send,
{
    if turns::role() != Role::Bystander {
        // As each other part, the right one is begun in its turn.
        return (left(), right());
    }
    join_context(|_| left(), |_| right())
}

/// How many threads may work on an iterator that is run here.
pub(in crate::iter) fn thread_count() -> usize {
    current_num_threads()
}
