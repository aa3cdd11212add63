//! The sum over a boxed binary tree with a fork at every node.

use std::hint::black_box;

use super::pools::Pools;
use super::site::Site;
use crate::harness::{Contest, Rival, default_workers, repeat};

/// A balanced binary tree in boxes.
pub(crate) struct Tree {
    root: Box<Node>,
    nodes: u64,
}

struct Node {
    value: u64,
    left: Link,
    right: Link,
}

type Link = Option<Box<Node>>;

impl Tree {
    /// A tree of that many levels, which is 2^levels - 1 nodes.
    ///
    /// The nodes are allocated level by level. Depth first would favour some contenders: chili visits the right side
    /// first, the others the left, and only one of the two would walk through memory in order.
    pub(crate) fn new(levels: u32) -> Self {
        let nodes = (1_usize << levels) - 1;
        let mut links: Vec<Link> = (1..=nodes as u64).map(leaf).collect();
        for child in (1..nodes).rev() {
            let link = links[child].take();
            let parent = links[(child - 1) / 2].as_mut();
            let parent = parent.expect("parents are taken after their children");
            if child % 2 == 1 {
                parent.left = link;
            } else {
                parent.right = link;
            }
        }
        Self { root: links.swap_remove(0).expect("a tree has a root"), nodes: nodes as u64 }
    }
}

fn leaf(value: u64) -> Link {
    Some(Box::new(Node { value, left: None, right: None }))
}

// The recursion is over nodes, as in the tree sum of chili's README: the links are looked at inside the two halves.

fn plain(node: &Node) -> u64 {
    let left = node.left.as_deref().map_or(0, plain);
    let right = node.right.as_deref().map_or(0, plain);
    node.value + left + right
}

/// The sum on a library that has rayon's `join`.
macro_rules! forked {
    ($library:ident) => {
        fn $library(node: &Node) -> u64 {
            let (left, right) = ::$library::join(
                || node.left.as_deref().map_or(0, $library),
                || node.right.as_deref().map_or(0, $library),
            );
            node.value + left + right
        }
    };
}

forked!(paceline);
forked!(rayon);

fn chili(scope: &mut ::chili::Scope<'_>, node: &Node) -> u64 {
    let (left, right) = scope.join(
        |s| node.left.as_deref().map_or(0, |node| chili(s, node)),
        |s| node.right.as_deref().map_or(0, |node| chili(s, node)),
    );
    node.value + left + right
}

/// The sum over the tree by plain recursion and by `join`, called from the main thread with the global pools.
pub(crate) fn contest_from_main(tree: &Tree) -> Contest<'_> {
    let Tree { root, nodes } = tree;
    let mut contest = Contest::new(format!("tree sum over {nodes} nodes from the main thread"), "node", *nodes);
    Site::Main.enter(
        &mut contest,
        move || plain(black_box(root)),
        move || paceline(black_box(root)),
        move || rayon(black_box(root)),
    );
    contest.enter(Rival::Chili, default_workers(), move |times| {
        let mut scope = ::chili::Scope::global();
        repeat(times, || chili(&mut scope, black_box(root)))
    });
    contest
}

/// The sum over the tree by plain recursion and by `join` in each of the pools.
///
/// The repetitions of a sample happen within one `install`, so that the handover to the pool is not what is measured.
pub(crate) fn contest<'a>(tree: &'a Tree, pools: &'a [Pools]) -> Contest<'a> {
    let Tree { root, nodes } = tree;
    let mut contest = Contest::new(format!("tree sum over {nodes} nodes"), "node", *nodes);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(root))));
    for pool in pools {
        contest.enter(Rival::Paceline, pool.workers, move |times| {
            let work = || repeat(times, || paceline(black_box(root)));
            pool.paceline.install(work)
        });
        contest.enter(Rival::Rayon, pool.workers, move |times| {
            let work = || repeat(times, || rayon(black_box(root)));
            pool.rayon.install(work)
        });
        contest.enter(Rival::Chili, pool.workers, move |times| {
            let mut scope = pool.chili.scope();
            repeat(times, || chili(&mut scope, black_box(root)))
        });
    }
    contest
}
