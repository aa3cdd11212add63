//! Layer 4: parallel iterators over the nodes of a tree; a closure returns the children of a node.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::mem;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// Makes a parallel iterator over a tree, each node before its children.
///
/// `children_of` returns the children of a node, in order. It is called once for each node.
///
/// ```
/// use paceline::iter::walk_tree_prefix;
/// use paceline::prelude::*;
///
/// let nodes: Vec<u32> = walk_tree_prefix(1, |&n| if n < 4 { vec![2 * n, 2 * n + 1] } else { vec![] })
///     .collect();
/// assert_eq!(nodes, [1, 2, 4, 5, 3, 6, 7]);
/// ```
pub fn walk_tree_prefix<S, B, I>(root: S, children_of: B) -> WalkTreePrefix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    WalkTreePrefix { root, children_of }
}

/// A parallel iterator over a tree, each node before its children; made by [`walk_tree_prefix`].
///
/// ```
/// use paceline::iter::{WalkTreePrefix, walk_tree_prefix};
/// use paceline::prelude::*;
///
/// let folders: WalkTreePrefix<&str, _> = walk_tree_prefix("src", |&name| match name {
///     "src" => vec!["iter", "pool"],
///     _ => vec![],
/// });
/// assert_eq!(folders.collect::<Vec<_>>(), ["src", "iter", "pool"]);
/// ```
#[derive(Debug)]
pub struct WalkTreePrefix<S, B> {
    root: S,
    children_of: B,
}

impl<S, B, I> ParallelIterator for WalkTreePrefix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    type Item = S;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        let walk = Walk::<_, _, Prefix>::new(self.root, &self.children_of);
        bridge_unindexed(walk, consumer)
    }
}

/// Makes a parallel iterator over a tree, each node after its children.
///
/// `children_of` returns the children of a node, in order. It is called once for each node.
///
/// ```
/// use paceline::iter::walk_tree_postfix;
/// use paceline::prelude::*;
///
/// let nodes: Vec<u32> = walk_tree_postfix(1, |&n| if n < 4 { vec![2 * n, 2 * n + 1] } else { vec![] })
///     .collect();
/// assert_eq!(nodes, [4, 5, 2, 6, 7, 3, 1]);
/// ```
pub fn walk_tree_postfix<S, B, I>(root: S, children_of: B) -> WalkTreePostfix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
{
    WalkTreePostfix { root, children_of }
}

/// A parallel iterator over a tree, each node after its children; made by [`walk_tree_postfix`].
///
/// ```
/// use paceline::iter::{WalkTreePostfix, walk_tree_postfix};
/// use paceline::prelude::*;
///
/// let folders: WalkTreePostfix<&str, _> = walk_tree_postfix("src", |&name| match name {
///     "src" => vec!["iter", "pool"],
///     _ => vec![],
/// });
/// assert_eq!(folders.collect::<Vec<_>>(), ["iter", "pool", "src"]);
/// ```
#[derive(Debug)]
pub struct WalkTreePostfix<S, B> {
    root: S,
    children_of: B,
}

impl<S, B, I> ParallelIterator for WalkTreePostfix<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
{
    type Item = S;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        let walk = Walk::<_, _, Postfix>::new(self.root, &self.children_of);
        bridge_unindexed(walk, consumer)
    }
}

/// Makes a parallel iterator over a tree, in no particular order.
///
/// `children_of` returns the children of a node. It is called once for each node.
///
/// ```
/// use paceline::iter::walk_tree;
/// use paceline::prelude::*;
///
/// let nodes = walk_tree(1, |&n| if n < 4 { vec![2 * n, 2 * n + 1] } else { vec![] });
/// assert_eq!(nodes.sum::<u32>(), 28);
/// ```
pub fn walk_tree<S, B, I>(root: S, children_of: B) -> WalkTree<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    WalkTree(WalkTreePrefix { root, children_of })
}

/// A parallel iterator over a tree, in no particular order; made by [`walk_tree`].
///
/// ```
/// use paceline::iter::{WalkTree, walk_tree};
/// use paceline::prelude::*;
///
/// let nodes: WalkTree<u32, _> = walk_tree(3, |&height| if height > 0 { vec![height - 1; 2] } else { vec![] });
/// assert_eq!(nodes.count(), 15);
/// ```
#[derive(Debug)]
pub struct WalkTree<S, B>(WalkTreePrefix<S, B>);

impl<S, B, I> ParallelIterator for WalkTree<S, B>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S, IntoIter: DoubleEndedIterator>,
{
    type Item = S;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S>>(self, consumer: C) -> C::Result {
        self.0.drive_unindexed(consumer)
    }
}

/// The number of levels for which a path without branches is followed before a split.
const MOST_LEVELS: usize = 1024;

/// The position of a node among its descendants, as a type.
trait NodeOrder: Send {
    /// Appends a node and the trees of its children, which are in order, to `at`, in order.
    fn arrange<S>(node: Pending<S>, children: impl Iterator<Item = Pending<S>>, at: &mut Vec<Pending<S>>);
}

struct Prefix;

impl NodeOrder for Prefix {
    fn arrange<S>(node: Pending<S>, children: impl Iterator<Item = Pending<S>>, at: &mut Vec<Pending<S>>) {
        at.push(node);
        at.extend(children);
    }
}

struct Postfix;

impl NodeOrder for Postfix {
    fn arrange<S>(node: Pending<S>, children: impl Iterator<Item = Pending<S>>, at: &mut Vec<Pending<S>>) {
        at.extend(children);
        at.push(node);
    }
}

/// A piece that is still to be walked.
enum Pending<S> {
    /// A node without its children, which are listed already.
    Node(S),
    /// A node and all its descendants.
    Tree(S),
}

/// A part of a tree, in order.
struct Walk<'b, S, B, O> {
    pending: VecDeque<Pending<S>>,
    children_of: &'b B,
    order: PhantomData<O>,
}

impl<'b, S, B, O: NodeOrder> Walk<'b, S, B, O> {
    fn new(root: S, children_of: &'b B) -> Self {
        let pending = VecDeque::from([Pending::Tree(root)]);
        Self::of(pending, children_of)
    }

    fn of(pending: VecDeque<Pending<S>>, children_of: &'b B) -> Self {
        Self { pending, children_of, order: PhantomData }
    }

    /// Replaces a tree by its root and the trees of the root's children, in order.
    fn unfold<I>(children_of: &B, root: S) -> Vec<Pending<S>>
    where
        B: Fn(&S) -> I,
        I: IntoIterator<Item = S>,
    {
        let children = children_of(&root).into_iter().map(Pending::Tree);
        let mut unfolded = Vec::new();
        O::arrange(Pending::Node(root), children, &mut unfolded);
        unfolded
    }

    /// Unfolds the only tree until there are at least two trees, or none; or for at most [`MOST_LEVELS`] levels,
    /// because the path may have no end.
    fn branch_out<I>(&mut self)
    where
        B: Fn(&S) -> I,
        I: IntoIterator<Item = S>,
    {
        let is_tree = |pending: &Pending<S>| matches!(pending, Pending::Tree(_));
        let mut trees = self.pending.iter().filter(|pending| is_tree(pending)).count();
        // Nodes that come before the only tree, and nodes that come after it, nearest last.
        let mut before = mem::take(&mut self.pending);
        let mut after = Vec::new();
        let mut levels = 0;
        while trees == 1 && levels < MOST_LEVELS {
            let Some(last) = before.pop_back() else { break };
            match last {
                Pending::Node(_) => after.push(last),
                Pending::Tree(root) => {
                    levels += 1;
                    let unfolded = Self::unfold(self.children_of, root);
                    trees = unfolded.iter().filter(|pending| is_tree(pending)).count();
                    before.extend(unfolded);
                }
            }
        }
        before.extend(after.into_iter().rev());
        self.pending = before;
    }
}

impl<S, B, O, I> UnindexedProducer for Walk<'_, S, B, O>
where
    S: Send,
    B: Fn(&S) -> I + Send + Sync,
    I: IntoIterator<Item = S>,
    O: NodeOrder,
{
    type Item = S;

    #[inline]
    fn split(mut self) -> (Self, Option<Self>) {
        self.branch_out();
        let half = self.pending.len() / 2;
        if half == 0 {
            return (self, None);
        }
        let right = self.pending.split_off(half);
        let right = Self::of(right, self.children_of);
        (self, Some(right))
    }

    #[inline]
    fn fold_with<F: Folder<S>>(self, folder: F) -> F {
        self.fold_some(usize::MAX, folder).0
    }

    #[inline]
    fn fold_some<F: Folder<S>>(mut self, mut len: usize, mut folder: F) -> (F, Option<Self>) {
        while len > 0 && !folder.full() {
            match self.pending.pop_front() {
                None => return (folder, None),
                Some(Pending::Node(node)) => {
                    folder = folder.consume(node);
                    len -= 1;
                }
                Some(Pending::Tree(root)) => {
                    for pending in Self::unfold(self.children_of, root).into_iter().rev() {
                        self.pending.push_front(pending);
                    }
                }
            }
        }
        (folder, Some(self))
    }
}
