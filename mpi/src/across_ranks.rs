//! `AcrossRanks`: the methods that end a parallel iterator on every rank, and bring the ranks' results together.

use std::iter::Sum;

use paceline::IntoSeqIterator;
use paceline::iter::{IndexedParallelIterator, ParallelIterator};

use crate::World;
use crate::agreement::{Call, Operation};
use crate::batches;
use crate::deterministic::DeterministicIn;
use crate::gathered::Gathered;
use crate::transfer::Transfer;

/// Methods that end a parallel iterator on every rank, and bring the ranks' results together.
///
/// Every rank calls the same methods in the same order: each blocks until the other ranks have come to it, as far as it needs
/// them. They panic on another thread than the one that called [`init`](crate::init). In debug builds they also panic, on all
/// ranks, if the ranks do not make the same call.
pub trait AcrossRanks: ParallelIterator {
    /// Combines the items of all ranks to one, which every rank gets.
    ///
    /// Each rank reduces its own items by its pool; then the results are combined as neighbours, in the order of the ranks.
    /// `op` must be associative, and `identity` its identity: both are as in
    /// [`reduce`](paceline::iter::ParallelIterator::reduce). Without items the result is the identity.
    fn reduce_all<ID, OP>(self, world: &World, identity: ID, op: OP) -> Self::Item
    where
        Self::Item: Transfer,
        ID: Fn() -> Self::Item + Sync + Send,
        OP: Fn(Self::Item, Self::Item) -> Self::Item + Sync + Send,
    {
        world.mpi();
        let own = self.reduce(identity, &op);
        world.combine(Operation::ReduceAll, own, op)
    }

    /// Adds up the items of all ranks, and gives every rank the sum.
    fn sum_all<S>(self, world: &World) -> S
    where
        S: Sum<Self::Item> + Sum<S> + Transfer + Send,
    {
        world.mpi();
        let own: S = self.sum();
        world.combine(Operation::SumAll, own, |left, right| [left, right].into_iter().sum())
    }

    /// Collects the items of all ranks in order, at the rank `root`; the other ranks get `None`.
    ///
    /// The items of a [`Block`](crate::Block) lie as they did before it. Those of [`dynamic`](World::dynamic) have no order:
    /// take their numbers along, and sort. There may be more than 2 GB of them, and one may be as large.
    ///
    /// # Panics
    ///
    /// Panics if `root` is no rank.
    fn collect_at(self, world: &World, root: usize) -> Option<Vec<Self::Item>>
    where
        Self::Item: Transfer,
    {
        world.check_root(root);
        world.mpi();
        let own: Vec<Self::Item> = self.collect();
        let mpi = world.call(Call::new(Operation::CollectAt).items::<Self::Item>().root(root));
        let link = &mpi.link;
        if world.rank() != root {
            batches::send_all(link, root, &own);
            return None;
        }
        let mut all = Vec::new();
        for rank in 0..root {
            batches::receive_onto(link, rank, &mut all);
        }
        all.extend(own);
        for rank in root + 1..world.size() {
            batches::receive_onto(link, rank, &mut all);
        }
        Some(all)
    }

    /// Gives the rank `root` the items of all ranks in order, one after the other, while they are made; the other ranks get
    /// `None`, when the root has read their items.
    ///
    /// A rank works on at most `window` items ahead of those that it has sent, and sends at most a quarter of that at a time,
    /// when the root wants them. So while the root reads the items of one rank, the ranks after it work until their windows are
    /// full. The root begins its own when it comes to them. Read the stream to its end or drop it before the next collective
    /// call.
    ///
    /// The items are made by the pool's threads while this thread sends, so the iterator must be `'static`: give it an `Arc`
    /// rather than a reference.
    ///
    /// # Panics
    ///
    /// Panics if `root` is no rank, or `window` is 0.
    fn gather_ordered<'w>(self, world: &'w World, root: usize, window: usize) -> Option<Gathered<'w, Self::Item>>
    where
        Self: 'static,
        Self::Item: Transfer + 'static,
    {
        world.check_root(root);
        assert!(window > 0, "the window of `gather_ordered` is 0");
        let mpi = world.call(Call::new(Operation::GatherOrdered).items::<Self::Item>().root(root).grain(window));
        let own = self.into_seq_iter(window);
        if world.rank() == root {
            return Some(Gathered::new(mpi, own));
        }
        batches::send_when_wanted(&mpi.link, root, own, window.div_ceil(4));
        None
    }

    /// Makes reductions over all ranks equal to the last bit, on any number of ranks with any number of threads.
    ///
    /// The tree by which results are combined depends on the number of items of all ranks together alone. It is that of
    /// [`deterministic`](paceline::extra::IndexedParallelIteratorExt::deterministic), so that the bits are those of a program
    /// without MPI too, unless `with_min_len` or `with_max_len` is called there. It does not matter how the items are divided
    /// among the ranks: a rank that has the beginning of a part gives what it has to the next rank, which goes on.
    ///
    /// Adaptors come before it.
    fn deterministic_in(self, world: &World) -> DeterministicIn<'_, Self>
    where
        Self: IndexedParallelIterator,
    {
        DeterministicIn::new(self, world)
    }
}

impl<I: ParallelIterator> AcrossRanks for I {}
