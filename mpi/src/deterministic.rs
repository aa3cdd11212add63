//! `DeterministicIn`: reductions by a tree that depends on the number of items of all ranks alone.
//!
//! The tree halves the whole until a part, a *leaf*, has few enough items; a leaf is folded from its first item to its last. A
//! rank's items are some whole leaves, and perhaps the end of a leaf before them and the beginning of one after them. The rank
//!
//! 1. reduces the whole leaves by its pool, and keeps the results of the largest subtrees that it has completely;
//! 2. folds the beginning of its last leaf, and sends the result to the next rank that has items;
//! 3. waits for the same from the rank before it, goes on with the end of its first leaf, and keeps the result, or, if that
//!    leaf goes on, sends it to the next rank;
//! 4. gives what it has kept to all ranks. Each combines everything by the upper part of the tree.

use std::fmt;
use std::iter::{self, Peekable, Sum};
use std::marker::PhantomData;
use std::ops::Range;

use paceline::iter::IndexedParallelIterator;
use paceline::iter::plumbing::{Producer, ProducerCallback};
use paceline::join;

use crate::World;
use crate::agreement::{Call, Operation};
use crate::link::Link;
use crate::transfer::Transfer;

/// Reductions that are equal to the last bit on any number of ranks and threads; made by
/// [`deterministic_in`](crate::AcrossRanks::deterministic_in).
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
pub struct DeterministicIn<'w, I> {
    base: I,
    world: &'w World,
}

impl<I> fmt::Debug for DeterministicIn<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeterministicIn").field("world", self.world).finish_non_exhaustive()
    }
}

impl<'w, I: IndexedParallelIterator> DeterministicIn<'w, I> {
    pub(crate) fn new(base: I, world: &'w World) -> Self {
        Self { base, world }
    }

    /// As [`AcrossRanks::reduce_all`](crate::AcrossRanks::reduce_all), and as
    /// [`reduce`](paceline::iter::ParallelIterator::reduce) after `deterministic`. `op` need not be associative.
    pub fn reduce_all<ID, OP>(self, identity: ID, op: OP) -> I::Item
    where
        I::Item: Transfer,
        ID: Fn() -> I::Item + Sync,
        OP: Fn(I::Item, I::Item) -> I::Item + Sync,
    {
        self.run(Operation::DeterministicReduceAll, &Steps { identity, fold: &op, combine: &op })
    }

    /// As [`AcrossRanks::sum_all`](crate::AcrossRanks::sum_all), and as [`sum`](paceline::iter::ParallelIterator::sum) after
    /// `deterministic`.
    pub fn sum_all<S>(self) -> S
    where
        S: Sum<I::Item> + Sum<S> + Transfer + Send,
    {
        let add = |left: S, right: S| [left, right].into_iter().sum();
        let steps = Steps {
            identity: || iter::empty::<I::Item>().sum(),
            fold: |so_far: S, item: I::Item| add(so_far, iter::once(item).sum()),
            combine: add,
        };
        self.run(Operation::DeterministicSumAll, &steps)
    }

    fn run<T, S: Reduction<I::Item, T>>(self, operation: Operation, steps: &S) -> T
    where
        T: Transfer + Send,
    {
        let Self { base, world } = self;
        let mpi = world.call(Call::new(operation).items::<T>());
        let link = &mpi.link;
        let lens: Vec<usize> = link.all_numbers(base.len() as u64).into_iter().map(|len| len as usize).collect();
        let len = lens.iter().sum();
        let tree = Tree::new(len);
        let subtrees = base.with_producer(Own { link, lens, tree, steps, _result: PhantomData });
        let all = link.combine(subtrees, |mut left, mut right| {
            left.append(&mut right);
            left
        });
        tree.combine(0, len, &mut all.into_iter().peekable(), steps)
    }
}

/// The steps of a reduction of items `I` to a `T`.
trait Reduction<I, T>: Sync {
    fn identity(&self) -> T;
    fn fold(&self, so_far: T, item: I) -> T;
    fn combine(&self, left: T, right: T) -> T;
}

struct Steps<ID, F, C> {
    identity: ID,
    fold: F,
    combine: C,
}

impl<I, T, ID, F, C> Reduction<I, T> for Steps<ID, F, C>
where
    ID: Fn() -> T + Sync,
    F: Fn(T, I) -> T + Sync,
    C: Fn(T, T) -> T + Sync,
{
    fn identity(&self) -> T {
        (self.identity)()
    }

    fn fold(&self, so_far: T, item: I) -> T {
        (self.fold)(so_far, item)
    }

    fn combine(&self, left: T, right: T) -> T {
        (self.combine)(left, right)
    }
}

/// The result of a subtree: its first item, its number of items, and what they were reduced to.
type Subtree<T> = (usize, usize, T);

/// Where the whole is halved. The numbers are those of `paceline`; a test compares the two.
#[derive(Clone, Copy)]
struct Tree {
    /// The most items of a leaf.
    leaf: usize,
    len: usize,
}

impl Tree {
    fn new(len: usize) -> Self {
        Self { leaf: len.div_ceil(256).min(64).max(len.div_ceil(1024)).max(1), len }
    }

    /// The leaf that has the item `index`.
    fn leaf_of(self, index: usize) -> Range<usize> {
        let (mut start, mut len) = (0, self.len);
        while len > self.leaf {
            let left = len / 2;
            if index < start + left {
                len = left;
            } else {
                start += left;
                len -= left;
            }
        }
        start..start + len
    }

    /// Reduces a subtree of `len` items.
    fn reduce<P, T, S>(self, len: usize, producer: P, steps: &S) -> T
    where
        P: Producer,
        T: Send,
        S: Reduction<P::Item, T>,
    {
        if len <= self.leaf {
            return fold(producer, steps.identity(), steps);
        }
        let (left, right) = producer.split_at(len / 2);
        let (left, right) = join(|| self.reduce(len / 2, left, steps), || self.reduce(len - len / 2, right, steps));
        steps.combine(left, right)
    }

    /// Reduces the largest subtrees within `own`, some whole leaves, under the node of `len` items from `start` on. The
    /// producer has those items of `own` that are the node's.
    fn subtrees<P, T, S>(self, start: usize, len: usize, own: &Range<usize>, producer: P, steps: &S) -> Vec<Subtree<T>>
    where
        P: Producer,
        T: Send,
        S: Reduction<P::Item, T>,
    {
        let end = start + len;
        if own.end <= start || end <= own.start {
            return Vec::new();
        }
        if own.start <= start && end <= own.end {
            return vec![(start, len, self.reduce(len, producer, steps))];
        }
        let middle = start + len / 2;
        let own_left = middle.min(own.end).saturating_sub(start.max(own.start));
        let (left, right) = producer.split_at(own_left);
        let (mut subtrees, mut more) = join(
            || self.subtrees(start, len / 2, own, left, steps),
            || self.subtrees(middle, end - middle, own, right, steps),
        );
        subtrees.append(&mut more);
        subtrees
    }

    /// Combines the subtrees of all ranks to the result of the node of `len` items from `start` on.
    fn combine<I, T, S, L>(self, start: usize, len: usize, subtrees: &mut Peekable<L>, steps: &S) -> T
    where
        S: Reduction<I, T>,
        L: Iterator<Item = Subtree<T>>,
    {
        if len == 0 {
            return steps.identity();
        }
        if let Some((.., value)) = subtrees.next_if(|(first, items, _)| (*first, *items) == (start, len)) {
            return value;
        }
        assert!(len > self.leaf, "no rank has reduced the {len} items from {start} on");
        let left = self.combine(start, len / 2, subtrees, steps);
        let right = self.combine(start + len / 2, len - len / 2, subtrees, steps);
        steps.combine(left, right)
    }
}

fn fold<P, T, S>(producer: P, so_far: T, steps: &S) -> T
where
    P: Producer,
    S: Reduction<P::Item, T>,
{
    producer.into_iter().fold(so_far, |so_far, item| steps.fold(so_far, item))
}

/// Steps 1 to 3, for the items of this rank.
struct Own<'l, S, T> {
    link: &'l Link,
    /// The number of items of each rank.
    lens: Vec<usize>,
    tree: Tree,
    steps: &'l S,
    _result: PhantomData<T>,
}

impl<S, T: Transfer> Own<'_, S, T> {
    /// The items of this rank among those of all.
    fn range(&self) -> Range<usize> {
        let start = self.lens[..self.link.rank()].iter().sum();
        start..start + self.lens[self.link.rank()]
    }

    /// Sends what the first part of a leaf was folded to, to the next rank that has items.
    fn send_on(&self, so_far: &T) {
        let rank = self.link.rank();
        let next = (rank + 1..self.lens.len()).find(|rank| self.lens[*rank] > 0);
        let mut bytes = Vec::new();
        so_far.write(&mut bytes);
        self.link.send(next.expect("a rank has the rest of the leaf"), &bytes);
    }

    /// Waits for what the rank before this one that has items sends on.
    fn receive(&self) -> T {
        let before = (0..self.link.rank()).rfind(|rank| self.lens[*rank] > 0);
        let bytes = self.link.receive(before.expect("a rank has the beginning of the leaf"));
        T::read(&mut bytes.as_slice())
    }
}

impl<I, T, S> ProducerCallback<I> for Own<'_, S, T>
where
    T: Transfer + Send,
    S: Reduction<I, T>,
{
    type Output = Vec<Subtree<T>>;

    fn callback<P: Producer<Item = I>>(self, producer: P) -> Vec<Subtree<T>> {
        let own = self.range();
        if own.is_empty() {
            return Vec::new();
        }
        let Self { tree, steps, .. } = self;
        let first_leaf = tree.leaf_of(own.start);
        let last_leaf = tree.leaf_of(own.end - 1);
        // The end of a leaf that begins before this rank's items, and the beginning of one that ends after them. If all lie
        // within one leaf, they are its end here.
        let head_end = if first_leaf.start < own.start { first_leaf.end.min(own.end) } else { own.start };
        let tail_start = if last_leaf.end > own.end { last_leaf.start.max(head_end) } else { own.end };
        let (head, rest) = producer.split_at(head_end - own.start);
        let (whole, tail) = rest.split_at(tail_start - head_end);

        let mut subtrees = tree.subtrees(0, tree.len, &(head_end..tail_start), whole, steps);
        if tail_start < own.end {
            self.send_on(&fold(tail, steps.identity(), steps));
        }
        if own.start < head_end {
            let so_far = fold(head, self.receive(), steps);
            if first_leaf.end <= own.end {
                subtrees.insert(0, (first_leaf.start, first_leaf.len(), so_far));
            } else {
                self.send_on(&so_far);
            }
        }
        subtrees
    }
}
