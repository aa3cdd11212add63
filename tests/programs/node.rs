//! Programs of tasks, futures, scopes and loops within each other, and what each comes to.

use crate::dice::Dice;
use crate::world::mix;
use std::sync::Arc;

/// A program. Its value follows from the values of its parts.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Leaf(u64),
    /// Both halves of a `join`.
    Both(Arc<Node>, Arc<Node>),
    /// A task.
    Task(Arc<Node>, Use),
    /// A future that awaits a task for each of these, one after the other.
    Future(Vec<Arc<Node>>),
    /// A scope with a job or a task for each.
    Scope(Vec<(Arc<Node>, Way)>),
    /// A parallel iterator.
    Each(Vec<Arc<Node>>),
    /// A stream that is taken to its end.
    Stream(Vec<Arc<Node>>),
    /// The handle of the first one's task goes into the second one's, which joins it.
    Passed(Arc<Node>, Arc<Node>),
    /// Within the next pool.
    Install(Arc<Node>),
    /// After other work, if there is any.
    Yield(Arc<Node>),
    /// With no other work on the threads that wait.
    Isolated(Arc<Node>),
}

use Node::{Both, Each, Future, Install, Isolated, Leaf, Passed, Scope, Stream, Task, Yield};

/// What becomes of a task's handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Joined,
    BlockedOn,
    Detached,
    Cancelled,
    CancelledOnDrop,
    CancelledByToken,
}

impl Use {
    /// Whether the task's result, or its panic, is heard of.
    pub(crate) fn is_heard(self) -> bool {
        matches!(self, Use::Joined | Use::BlockedOn)
    }
}

/// How something is spawned into a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Spawned,
    SpawnedFifo,
    TaskJoined,
    TaskLeft,
    TaskCancelled,
}

impl Way {
    pub(crate) fn is_heard(self) -> bool {
        !matches!(self, Way::TaskLeft | Way::TaskCancelled)
    }
}

/// What stands for a value that nobody hears of.
pub(crate) const UNHEARD: u64 = 5;

impl Node {
    /// What the program comes to, if nothing panics.
    pub(crate) fn value(&self) -> u64 {
        let all = |nodes: &[Arc<Node>]| fold(nodes.iter().map(|node| node.value()));
        match self {
            Leaf(value) => *value,
            Both(a, b) | Passed(a, b) => fold([a.value(), b.value()]),
            Task(node, end) => {
                if end.is_heard() {
                    node.value()
                } else {
                    UNHEARD
                }
            }
            Future(nodes) | Each(nodes) | Stream(nodes) => all(nodes),
            Scope(nodes) => fold(nodes.iter().map(|(node, way)| if way.is_heard() { node.value() } else { UNHEARD })),
            Install(node) | Yield(node) | Isolated(node) => node.value(),
        }
    }
}

/// One value of several.
pub(crate) fn fold(values: impl IntoIterator<Item = u64>) -> u64 {
    values.into_iter().fold(17, mix)
}

/// What a program has that no other may have beside it: `yield_now` runs any job on top of its caller, and one that joins
/// the caller's task would wait for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Has {
    /// Tasks that join handles which they did not make.
    ForeignJoins,
    Yields,
}

/// Makes programs.
pub(crate) struct Maker {
    pub(crate) dice: Dice,
    pub(crate) has: Has,
    /// How many nodes there may still be.
    pub(crate) left: usize,
    pub(crate) within: Within,
}

/// What a part of a program is within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Anything,
    /// An isolated call, which must not wait for anything but its own forks.
    Isolated,
}

impl Maker {
    pub(crate) fn program(&mut self, depth: usize) -> Arc<Node> {
        self.left = self.left.saturating_sub(1);
        if depth == 0 || self.left == 0 {
            return Arc::new(Leaf(self.dice.next() % 1_000));
        }
        let depth = depth - 1;
        if self.within == Within::Isolated {
            return Arc::new(match self.dice.below(3) {
                0 => Both(self.program(depth), self.program(depth)),
                1 => Each(self.several(depth)),
                _ => Leaf(self.dice.next() % 1_000),
            });
        }
        Arc::new(match self.dice.below(14) {
            0 if depth < 2 => Leaf(self.dice.next() % 1_000),
            0..=2 => Both(self.program(depth), self.program(depth)),
            3..=5 => {
                let ways = [
                    Use::Joined,
                    Use::Joined,
                    Use::BlockedOn,
                    Use::Detached,
                    Use::Cancelled,
                    Use::CancelledOnDrop,
                    Use::CancelledByToken,
                ];
                Task(self.program(depth), self.dice.pick(&ways))
            }
            6 => Future(self.several(depth)),
            7 => {
                let ways = [Way::Spawned, Way::SpawnedFifo, Way::TaskJoined, Way::TaskLeft, Way::TaskCancelled];
                let nodes = self.several(depth);
                Scope(nodes.into_iter().map(|node| (node, self.dice.pick(&ways))).collect())
            }
            8 => Each(self.several(depth)),
            9 => Stream(self.several(depth)),
            12 if self.has == Has::ForeignJoins => Passed(self.program(depth), self.program(depth)),
            12 => Task(self.program(depth), Use::Joined),
            10 => {
                self.within = Within::Isolated;
                let node = self.program(depth);
                self.within = Within::Anything;
                Isolated(node)
            }
            11 => Install(self.program(depth)),
            _ if self.has == Has::Yields => Yield(self.program(depth)),
            _ => Both(self.program(depth), self.program(depth)),
        })
    }

    fn several(&mut self, depth: usize) -> Vec<Arc<Node>> {
        (0..self.dice.below(6)).map(|_| self.program(depth)).collect()
    }
}
