//! `Dynamic`: the numbers of a range, drawn by the ranks as they have time.

use std::ops::Range;

use paceline::iter::plumbing::{Folder, Reducer, UnindexedConsumer};
use paceline::iter::{IntoParallelIterator, ParallelIterator};

use crate::World;
use crate::agreement::{Call, Operation};
use crate::block::Block;
use crate::counter::Counter;

/// The numbers of a range, each given to the rank that first has time for it: a parallel iterator, made by
/// [`World::dynamic`](crate::World::dynamic).
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Dynamic<'w> {
    world: &'w World,
    range: Range<usize>,
    grain: usize,
}

impl<'w> Dynamic<'w> {
    pub(crate) fn new(world: &'w World, range: Range<usize>, grain: usize) -> Self {
        Self { world, range, grain }
    }
}

impl ParallelIterator for Dynamic<'_> {
    type Item = usize;

    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        let Self { world, range, grain } = self;
        let len = range.len();
        let mpi = world.call(Call::new(Operation::Dynamic).len(len).grain(grain));
        let counter = Counter::new(&mpi.link);
        let mut so_far = None;
        while !consumer.full() {
            let start = counter.draw(grain as u64);
            if start >= len as u64 {
                break;
            }
            let start = start as usize;
            let drawn = start..len.min(start.saturating_add(grain));
            let result = Block::of_all(range.clone().into_par_iter(), drawn).drive_unindexed(consumer.split_off_left());
            so_far = Some(match so_far {
                None => result,
                Some(so_far) => consumer.to_reducer().reduce(so_far, result),
            });
        }
        let rest = consumer.to_reducer();
        let nothing = consumer.into_folder().complete();
        match so_far {
            None => nothing,
            Some(so_far) => rest.reduce(so_far, nothing),
        }
    }
}
