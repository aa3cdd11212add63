//! Layer 4: a bridge that cuts an iterator by a tree that the number of its items alone decides.
//!
//! Who runs which part of the tree, and when, is left to the workers as ever. But where the parts end, and in which
//! order their results are combined, is the same on any number of threads, one included, and whatever else they do.
//! So results are equal to the last bit even if combining them is not associative, as with sums of floats.

use super::bounds::Bounds;
use super::history::{self, AtLevel};
use super::in_order::{self, ChunkSize, Held, OrderedChunk, Role};
use super::indexed::IndexedPart;
use super::part::{Part, with_halves};
use super::split;
use super::tuning::STEAL;
use crate::fork::{LoopContext, Rest, Ticks};
use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Consumer, Producer, ProducerCallback};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::local::thread_local;
use std::cell::Cell;

/// How many leaves a short iterator has, or as many as it has items: enough for some tens of workers.
const FEW_LEAVES: usize = 256;

/// How many leaves a long iterator has. More would even out no more, and each has states and an identity of its own.
const MANY_LEAVES: usize = 1024;

/// Between the two, leaves are so long that a fork for each costs little even if an item takes a nanosecond.
const VECTORISED_LEAF: usize = 64;

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

/// Where an iterator is cut. Says nothing of threads.
#[derive(Clone, Copy, Debug)]
struct Tree {
    /// The most items of a leaf, unless the bounds demand longer ones.
    leaf: usize,
    bounds: Bounds,
    /// In how many loops a part of it is.
    level: usize,
}

impl Tree {
    fn new(len: usize, min: usize, max: usize) -> Self {
        let bounds = Bounds::new(min, max);
        let leaf = len.div_ceil(FEW_LEAVES).min(VECTORISED_LEAF).max(len.div_ceil(MANY_LEAVES));
        // Where the minimum forbids shorter ones, this changes no cut.
        Self { leaf: leaf.min(max).max(min).max(1), bounds, level: 0 }
    }

    /// Whether a part of `len` items is cut in two halves.
    #[inline]
    fn cuts(self, len: usize) -> bool {
        len > self.leaf && self.bounds.can_be_cut(len)
    }
}

/// Whether leaves take so long that others should find all forks public while one runs: a worker looks at its steal request when
/// it forks, and there is no fork in a leaf.
///
/// Only the worker that made it changes it; it is atomic because closures that may be taken by others hold it.
#[derive(Debug)]
struct LeafGrain {
    is_slow: AtomicBool,
}

/// While leaves are fast so many of them are timed together.
const TIMED: usize = 8;

impl LeafGrain {
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
        self.is_slow.store(Ticks::now().since(begun) > STEAL * leaves as u64, Ordering::Relaxed);
        result
    }
}

/// Runs a part, which is forked at every cut.
fn run_part(context: &LoopContext<'_>, tree: Tree, grain: &LeafGrain, len: usize, part: &mut dyn Part) {
    let is_slow = grain.is_slow();
    if !tree.cuts(len) {
        if !is_slow {
            return part.run();
        }
        if context.is_asked() {
            context.answer();
        }
        return grain.time(1, || part.run());
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

/// Cuts a part and forks the right half, for those who ask.
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

/// Cuts a part and makes the right half public, with all that was forked before.
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

/// A part of the tree that is begun in its turn: a subtree, whose leaves are run one after the other.
struct Subtree<'p> {
    tree: Tree,
    len: usize,
    /// Whether it is cut at all. If the results of its halves say something it is not: what comes between their items may
    /// wait until the right half has ended, and that one for what comes before it.
    is_cut: bool,
    part: Held<'p, dyn Part + 'p>,
}

impl OrderedChunk for Subtree<'_> {
    /// The grain is the most items of a part that is a subtree and no leaf.
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
    /// Whether a bridge asks its consumer whether it is full in order to say that it cuts by a tree.
    static IS_ANNOUNCING: Cell<bool> = const { Cell::new(false) };
}

/// Tells a consumer that what comes to it is cut by a tree. A bridge sees only the consumer of the adaptor above it; but all
/// of them hand on the question whether they are full.
fn announce<T, C: Consumer<T>>(consumer: &C) {
    /// Ends the announcement, by a panic of the consumer's too.
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

/// Whether a consumer that is being asked whether it is full is told so that its items come from a tree that their number
/// alone decides.
pub(in crate::iter) fn is_announced() -> bool {
    IS_ANNOUNCING.get()
}
