//! `Gathered`: the items of all ranks in order, one after the other, at the root.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::thread;
use std::vec;

use paceline::stream::SeqIter;

use crate::World;
use crate::batches;
use crate::transfer::Transfer;
use crate::world::Mpi;

/// The items of all ranks in order, as the root reads them; made by
/// [`gather_ordered`](crate::AcrossRanks::gather_ordered).
///
/// Dropped early, it receives the items that are left, and discards them, because the other ranks wait until they are sent.
#[must_use = "iterators do nothing unless they are asked for items"]
pub struct Gathered<'w, T: Transfer + Send + 'static> {
    mpi: Rc<Mpi>,
    /// The rank to read from.
    rank: usize,
    /// The root's own items.
    own: SeqIter<T>,
    batch: vec::IntoIter<T>,
    _world: PhantomData<&'w World>,
}

impl<T: Transfer + Send + 'static> Gathered<'_, T> {
    pub(crate) fn new(mpi: Rc<Mpi>, own: SeqIter<T>) -> Self {
        mpi.is_gathering.set(true);
        Self { mpi, rank: 0, own, batch: Vec::new().into_iter(), _world: PhantomData }
    }
}

impl<T: Transfer + Send + 'static> Iterator for Gathered<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let link = &self.mpi.link;
        while self.rank < link.size() {
            if let Some(item) = self.batch.next() {
                return Some(item);
            }
            if self.rank == link.rank() {
                if let Some(item) = self.own.next() {
                    return Some(item);
                }
            } else {
                let batch = batches::receive(link, self.rank);
                if !batch.is_empty() {
                    self.batch = batch.into_iter();
                    continue;
                }
            }
            self.rank += 1;
        }
        None
    }
}

impl<T: Transfer + Send + 'static> Drop for Gathered<'_, T> {
    fn drop(&mut self) {
        self.mpi.is_gathering.set(false);
        let link = &self.mpi.link;
        if thread::panicking() {
            return;
        }
        for rank in (self.rank..link.size()).filter(|rank| *rank != link.rank()) {
            while !batches::receive::<T>(link, rank).is_empty() {}
        }
    }
}

impl<T: Transfer + Send + 'static> fmt::Debug for Gathered<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("rank", &self.rank).finish_non_exhaustive()
    }
}
