//! Layer 4: a bridge that splits an iterator by a tree that depends on its number of items alone.
//!
//! Any worker may run any part of the tree, at any time. But the ends of the parts, and the order in which their
//! results are combined, are the same on any number of threads, one included, and under any load. So results are equal
//! to the last bit even if combining them is not associative, as with sums of floats.

use super::bounds::Bounds;
use super::history::{self, AtLevel};
use super::in_order::{self, ChunkSize, Held, OrderedChunk, Role};
use super::indexed::IndexedPart;
use super::leaf;
use super::part::{Part, with_halves};
use super::split;
use super::tuning::STEAL;
use crate::fork::{LoopContext, Rest, Ticks};
use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Consumer, Producer, ProducerCallback};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::local::thread_local;
use std::cell::Cell;

/// The number of leaves of a short iterator, unless it has fewer items: enough for some tens of workers.
const FEW_LEAVES: usize = 256;

/// The number of leaves of a long iterator. More would not balance the load better, and each leaf has states and an
/// identity of its own.
const MANY_LEAVES: usize = 1024;

/// The length of leaves between the two: a fork for each costs little even if an item takes a nanosecond.
const VECTORISED_LEAF: usize = 64;

/// Runs an indexed parallel iterator against a consumer, by a tree that depends on its length and its bounds alone.
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

    #[inline]
    fn callback<P: Producer<Item = T>>(self, producer: P) -> C::Result {
        let Self { len, consumer } = self;
        let tree = Tree::new(len, producer.min_len(), producer.max_len());
        announce(&consumer);
        let role = in_order::role_for::<T, C>();
        let mut part = IndexedPart::new(len, producer, consumer);
        run(role, tree, len, &mut part);
        part.into_result()
    }
}

#[inline(never)]
fn run(role: Role, tree: Tree, len: usize, part: &mut dyn Part) {
    if role != Role::Bystander {
        let says_nothing = role != Role::Told;
        let subtree = Subtree { tree, len, is_cut: says_nothing, part: Held::Whole(part) };
        return in_order::run(role, Box::new(subtree), 1);
    }
    if !tree.cuts(len) {
        return part.run();
    }
    LoopContext::enter(|context| {
        let tree = Tree { level: history::level(), ..tree };
        run_part(context, tree, &LeafGrain::unknown(), len, part);
    });
}

/// Determines where an iterator is split. Independent of the threads.
#[derive(Clone, Copy, Debug)]
struct Tree {
    /// The maximal number of items of a leaf, unless the bounds demand longer ones.
    leaf: usize,
    bounds: Bounds,
    /// The number of loops that a part of it is nested in.
    level: usize,
}

impl Tree {
    fn new(len: usize, min: usize, max: usize) -> Self {
        let bounds = Bounds::new(min, max);
        let leaf = len.div_ceil(FEW_LEAVES).min(VECTORISED_LEAF).max(len.div_ceil(MANY_LEAVES));
        // If the minimum forbids shorter leaves, this changes no split.
        Self { leaf: leaf.min(max).max(min).max(1), bounds, level: 0 }
    }

    /// True if a part of `len` items is split in two halves.
    #[inline]
    fn cuts(self, len: usize) -> bool {
        len > self.leaf && self.bounds.can_be_cut(len)
    }
}

/// Tells whether leaves take so long that all forks should be public while a leaf runs: a worker checks for a steal
/// request when it forks, and there is no fork in a leaf.
///
/// Only the worker that made it changes it. It is atomic because closures that other workers may take hold it.
#[derive(Debug)]
struct LeafGrain {
    is_slow: AtomicBool,
}

/// While leaves are fast, this number of them is timed together.
const TIMED: usize = 8;

impl LeafGrain {
    /// Nothing is known of the leaves: the first are assumed to be slow, because that is the cheaper mistake.
    fn unknown() -> Self {
        Self { is_slow: AtomicBool::new(true) }
    }

    #[inline]
    fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }

    /// Runs `work`, which has about `leaves` leaves, and measures how long it takes.
    #[inline]
    fn time<R>(&self, leaves: usize, work: impl FnOnce() -> R) -> R {
        let begun = Ticks::now();
        let result = work();
        self.is_slow.store(Ticks::now().since(begun) > STEAL * leaves as u64, Ordering::Relaxed);
        result
    }
}

/// Runs a part, with a fork at every split.
fn run_part(context: &LoopContext<'_>, tree: Tree, grain: &LeafGrain, len: usize, part: &mut dyn Part) {
    let is_slow = grain.is_slow();
    if !tree.cuts(len) {
        if !is_slow {
            return part.run();
        }
        if context.is_asked() {
            context.serve();
        }
        return grain.time(1, || leaf::run_whole(len, part));
    }
    if part.is_full() {
        return part.run();
    }
    let is_alone = context.threads() == 1;
    if is_slow && !is_alone && (context.idle() > 0 || context.has_nothing_public()) {
        run_lending(context, tree, grain, len, part);
    } else if !is_slow && len / tree.leaf < TIMED && len / 2 / tree.leaf >= TIMED / 4 {
        grain.time(TIMED, || run_forking(context, tree, grain, len, part));
    } else {
        run_forking(context, tree, grain, len, part);
    }
}

/// Splits a part and forks the right half, for steal requests.
fn run_forking(context: &LoopContext<'_>, tree: Tree, grain: &LeafGrain, len: usize, part: &mut dyn Part) {
    let left_len = len / 2;
    split::fork(
        context,
        false,
        left_len,
        part,
        |context, left| run_part(context, tree, grain, left_len, left),
        |context, right| {
            let _stay = AtLevel::new(context, tree.level);
            let unknown = LeafGrain::unknown();
            let grain = if context.is_migrated() { &unknown } else { grain };
            run_part(context, tree, grain, len - left_len, right);
        },
    );
}

/// Splits a part and makes the right half public, with all forks before it.
#[cold]
fn run_lending(context: &LoopContext<'_>, tree: Tree, grain: &LeafGrain, len: usize, part: &mut dyn Part) {
    let left_len = len / 2;
    let right_len = len - left_len;
    part.cut(left_len, &mut |left, right| {
        with_halves(left, right, |left, right| {
            let run_left = |context: &LoopContext<'_>| run_part(context, tree, grain, left_len, left);
            let (_, rest) = context.lend(right, run_left, |context, right| {
                let _stay = AtLevel::new(context, tree.level);
                run_part(context, tree, &LeafGrain::unknown(), right_len, right);
            });
            if let Rest::Back(right) = rest {
                run_part(context, tree, grain, right_len, right);
            }
        });
    });
}

/// A part of the tree that is begun in order: a subtree, with leaves that are run one after the other.
struct Subtree<'p> {
    tree: Tree,
    len: usize,
    /// True if it is split at all. It is not if the results of its halves carry values: items between the halves may
    /// have to wait for the end of the right half, which in turn waits for earlier items.
    is_cut: bool,
    part: Held<'p, dyn Part + 'p>,
}

impl OrderedChunk for Subtree<'_> {
    /// The grain is the maximal number of items of a subtree that is not a single leaf.
    fn cut<'a>(&mut self, grain: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a,
    {
        let Subtree { tree, len, is_cut, .. } = *self;
        if len <= grain || !is_cut || !tree.cuts(len) {
            return None;
        }
        let left_len = len / 2;
        let rest = self.part.get().split_off(left_len);
        self.len = left_len;
        Some(Box::new(Subtree { tree, len: len - left_len, is_cut, part: Held::Cut(rest) }))
    }

    fn size(&self) -> ChunkSize {
        ChunkSize::Items(self.len)
    }

    fn is_full(&mut self) -> bool {
        self.part.get().is_full()
    }

    fn run(&mut self) {
        let Subtree { tree, len, is_cut, .. } = *self;
        match is_cut {
            true => run_leaves(tree, len, self.part.get()),
            false => self.part.get().run(),
        }
    }
}

/// Runs the leaves of a part one after the other.
fn run_leaves(tree: Tree, len: usize, part: &mut dyn Part) {
    if part.is_full() || !tree.cuts(len) {
        return part.run();
    }
    let left_len = len / 2;
    part.cut(left_len, &mut |left, right| {
        with_halves(left, right, |left, right| {
            run_leaves(tree, left_len, left);
            run_leaves(tree, len - left_len, right);
        });
    });
}

thread_local! {
    /// True while a bridge calls its consumer's `full` to announce that it splits by a tree.
    static IS_ANNOUNCING: Cell<bool> = const { Cell::new(false) };
}

/// Tells a consumer that its items are split by a tree. A bridge sees only the consumer of the next adaptor; but all
/// consumers pass on calls of `full`.
fn announce<T, C: Consumer<T>>(consumer: &C) {
    /// Ends the announcement, also if the consumer panics.
    struct AnnouncementGuard;

    impl Drop for AnnouncementGuard {
        fn drop(&mut self) {
            IS_ANNOUNCING.set(false);
        }
    }

    IS_ANNOUNCING.set(true);
    let _end = AnnouncementGuard;
    _ = consumer.full();
}

/// In a consumer's `full`: true if the call announces that its items are split by a tree that depends on their number
/// alone.
pub(in crate::iter) fn is_announced() -> bool {
    IS_ANNOUNCING.get()
}
