//! The adaptors, put upon a chain of any type, each followed by another one of known type where the plan says so.

use crate::erased::{Chain, Indexed, Unindexed, indexed, unindexed};
use crate::item::{Item, World, mix};
use crate::step::{Op, Step};
use paceline::extra::prelude::*;
use paceline::iter::Either;
use paceline::prelude::*;
use paceline::{CancelToken, ProgressCounter};
use std::sync::Arc;

/// What the closures of an adaptor need.
#[derive(Clone, Copy)]
pub(crate) struct Make {
    pub(crate) step: Step,
    pub(crate) world: &'static World,
}

/// Items that are added to a chain.
pub(crate) fn items(values: impl Iterator<Item = u64>, world: &'static World) -> Vec<Item> {
    values.map(|value| world.item(value)).collect()
}

impl Make {
    pub(crate) fn map(self) -> impl Fn(Item) -> Item + Copy + Send + Sync + 'static {
        move |item| {
            self.world.call();
            item.mixed(self.step.salt)
        }
    }

    /// With a state, which is an item.
    fn map_with(self) -> impl Fn(&mut Item, Item) -> Item + Copy + Send + Sync + 'static {
        move |state, item| {
            self.world.call();
            state.value += 1;
            item.mixed(self.step.salt)
        }
    }

    fn state(self) -> Item {
        self.world.call();
        self.world.item(self.step.salt)
    }

    pub(crate) fn filter(self) -> impl Fn(&Item) -> bool + Copy + Send + Sync + 'static {
        move |item| {
            self.world.call();
            self.step.keeps(item.value)
        }
    }

    pub(crate) fn while_holds(self) -> impl Fn(&Item) -> bool + Copy + Send + Sync + 'static {
        move |item| {
            self.world.call();
            self.step.keeps_most(item.value)
        }
    }

    pub(crate) fn option(self) -> impl Fn(Item) -> Option<Item> + Copy + Send + Sync + 'static {
        move |item| self.filter()(&item).then_some(item)
    }

    pub(crate) fn several(self) -> impl Fn(Item) -> Vec<Item> + Copy + Send + Sync + 'static {
        move |item| {
            self.world.call();
            items(self.step.several(item.value), self.world)
        }
    }

    pub(crate) fn others(self, len: usize) -> Vec<Item> {
        items(self.step.others(len), self.world)
    }

    fn push(self) -> impl Fn(Vec<Item>, Item) -> Vec<Item> + Copy + Send + Sync + 'static {
        move |mut part, item| {
            self.world.call();
            part.push(item);
            part
        }
    }

    fn try_push(self) -> impl Fn(Vec<Item>, Item) -> Result<Vec<Item>, Item> + Copy + Send + Sync + 'static {
        move |mut part, item| match self.while_holds()(&item) {
            true => {
                part.push(item);
                Ok(part)
            }
            false => Err(item),
        }
    }

    fn empty(self) -> impl Fn() -> Vec<Item> + Copy + Send + Sync + 'static {
        move || {
            self.world.call();
            Vec::new()
        }
    }

    pub(crate) fn paired(self) -> impl Fn((Item, Item)) -> Item + Copy + Send + Sync + 'static {
        move |(a, b)| {
            self.world.call();
            a.mixed(b.value)
        }
    }

    pub(crate) fn numbered(self) -> impl Fn((usize, Item)) -> Item + Copy + Send + Sync + 'static {
        move |(i, item)| {
            self.world.call();
            item.mixed(i as u64)
        }
    }

    pub(crate) fn chunk(self) -> impl Fn(Vec<Item>) -> Item + Copy + Send + Sync + 'static {
        move |chunk| {
            self.world.call();
            self.world.item(chunk.iter().fold(self.step.salt, |sum, item| mix(sum, item.value)))
        }
    }

    fn into_chunk(self) -> impl Fn(Item, Item) -> Item + Copy + Send + Sync + 'static {
        move |sum, item| {
            self.world.call();
            sum.mixed(item.value)
        }
    }
}

/// Puts an adaptor upon a chain, and `next` upon that if it is one that the types allow and the plan asks for.
pub(crate) fn adapt<'d>(chain: Chain<'d>, step: Step, next: Option<Step>, world: &'static World) -> Chain<'d> {
    let make = Make { step, world };
    let then = Then { next, world };
    match chain {
        Chain::Indexed(iter) => match positioned(iter, make, then) {
            Ok(chain) => chain,
            Err(iter) => plain(iter, make, then),
        },
        Chain::Unindexed(iter) => anywhere(iter, make, then),
    }
}

/// What follows.
#[derive(Clone, Copy)]
pub(crate) struct Then {
    pub(crate) next: Option<Step>,
    pub(crate) world: &'static World,
}

/// The adaptors that are put upon iterators of known types.
pub(crate) const TYPED: &[Op] = &[Op::Map, Op::Filter, Op::Rev, Op::ZipEq];

impl Then {
    pub(crate) fn indexed<'d>(self, iter: impl IndexedParallelIterator<Item = Item> + 'd) -> Chain<'d> {
        let Some(step) = self.next else { return indexed(iter) };
        let make = Make { step, world: self.world };
        match step.op {
            Op::Map => indexed(iter.map(make.map())),
            Op::Filter => unindexed(iter.filter(make.filter())),
            Op::Rev => indexed(iter.rev()),
            Op::ZipEq => {
                let others = make.others(iter.len());
                indexed(iter.zip_eq(others).map(make.paired()))
            }
            op => unreachable!("{op:?} is none of {TYPED:?}"),
        }
    }

    pub(crate) fn unindexed<'d>(self, iter: impl ParallelIterator<Item = Item> + 'd) -> Chain<'d> {
        let Some(step) = self.next else { return unindexed(iter) };
        let make = Make { step, world: self.world };
        match step.op {
            Op::Map => unindexed(iter.map(make.map())),
            Op::Filter => unindexed(iter.filter(make.filter())),
            op => unreachable!("{op:?} needs positions, or is none of {TYPED:?}"),
        }
    }
}

/// The adaptors that need positions; gives the iterator back if it is another one.
fn positioned<'d>(iter: Indexed<'d>, make: Make, then: Then) -> Result<Chain<'d>, Indexed<'d>> {
    let Make { step, world } = make;
    let n = step.n.max(1);
    let sum = move || world.item(step.salt);
    Ok(match step.op {
        Op::Enumerate => then.indexed(iter.enumerate().map(make.numbered())),
        Op::Rev => then.indexed(iter.rev()),
        Op::Zip | Op::ZipWithMore | Op::ZipWithFewer => {
            let others = make.others(step.zipped_len(iter.len()));
            then.indexed(iter.zip(others).map(make.paired()))
        }
        Op::ZipEq => {
            let others = make.others(iter.len());
            then.indexed(iter.zip_eq(others).map(make.paired()))
        }
        Op::MultiZip => {
            let others = make.others(iter.len());
            let units = vec![(); others.len()];
            then.indexed((iter, others, units).into_par_iter().map(move |(a, b, ())| make.paired()((a, b))))
        }
        Op::Interleave => then.indexed(iter.interleave(make.others(step.n))),
        Op::InterleaveShortest => then.indexed(iter.interleave_shortest(make.others(step.n))),
        Op::StepBy => then.indexed(iter.step_by(n)),
        Op::Skip => then.indexed(iter.skip(step.n)),
        Op::Take => then.indexed(iter.take(step.n)),
        Op::Chunks => then.indexed(iter.chunks(n).map(make.chunk())),
        Op::FoldChunks => then.indexed(iter.fold_chunks(n, sum, make.into_chunk())),
        Op::FoldChunksWith => then.indexed(iter.fold_chunks_with(n, sum(), make.into_chunk())),
        Op::MinLen => then.indexed(iter.with_min_len(n)),
        Op::MaxLen => then.indexed(iter.with_max_len(n)),
        Op::UniformBlocks => then.unindexed(iter.by_uniform_blocks(n)),
        Op::ExponentialBlocks => then.unindexed(iter.by_exponential_blocks()),
        Op::Positions => {
            let filter = make.filter();
            then.unindexed(iter.positions(move |item| filter(&item)).map(move |i| world.item(i as u64)))
        }
        Op::Deterministic => then.unindexed(iter.deterministic()),
        _ => return Err(iter),
    })
}

/// The adaptors that keep positions.
fn plain<'d>(iter: Indexed<'d>, make: Make, then: Then) -> Chain<'d> {
    let Make { step, world } = make;
    match step.op {
        Op::Map => then.indexed(iter.map(make.map())),
        Op::MapWith => then.indexed(iter.map_with(world.item(step.salt), make.map_with())),
        Op::MapInit => then.indexed(iter.map_init(move || make.state(), make.map_with())),
        Op::MapWorkerInit => then.indexed(iter.map_worker_init(move || make.state(), make.map_with())),
        Op::Inspect => then.indexed(iter.inspect(move |_| world.call())),
        Op::Update => then.indexed(iter.update(move |item| {
            world.call();
            item.value = mix(item.value, step.salt);
        })),
        Op::PanicFuse => then.indexed(iter.panic_fuse()),
        Op::WithProgress => then.indexed(iter.with_progress(Arc::new(ProgressCounter::new()))),
        Op::Chain => then.indexed(iter.chain(make.others(step.n))),
        Op::Intersperse => then.indexed(iter.intersperse(world.item(mix(0, step.salt)))),
        Op::Either if step.n % 2 == 0 => then.indexed(Either::<_, Indexed<'d>>::Left(iter)),
        Op::Either => then.indexed(Either::<Indexed<'d>, _>::Right(iter)),
        _ => anywhere(iter.into(), make, then),
    }
}

/// The adaptors that any iterator has, and those of the others that it has too.
fn anywhere<'d>(iter: Unindexed<'d>, make: Make, then: Then) -> Chain<'d> {
    let Make { step, world } = make;
    match step.op {
        Op::Map => then.unindexed(iter.map(make.map())),
        Op::MapWith => then.unindexed(iter.map_with(world.item(step.salt), make.map_with())),
        Op::MapInit => then.unindexed(iter.map_init(move || make.state(), make.map_with())),
        Op::MapWorkerInit => then.unindexed(iter.map_worker_init(move || make.state(), make.map_with())),
        Op::Inspect => then.unindexed(iter.inspect(move |_| world.call())),
        Op::Update => then.unindexed(iter.update(move |item| {
            world.call();
            item.value = mix(item.value, step.salt);
        })),
        Op::PanicFuse => then.unindexed(iter.panic_fuse()),
        Op::WithProgress => then.unindexed(iter.with_progress(Arc::new(ProgressCounter::new()))),
        Op::Chain => then.unindexed(iter.chain(make.others(step.n))),
        Op::Intersperse => then.unindexed(iter.intersperse(world.item(mix(0, step.salt)))),
        Op::Either => then.unindexed(Either::<_, Unindexed<'d>>::Left(iter)),
        Op::Filter => then.unindexed(iter.filter(make.filter())),
        Op::FilterMap => then.unindexed(iter.filter_map(make.option())),
        Op::FlatMap => then.unindexed(iter.flat_map(make.several())),
        Op::Flatten => then.unindexed(iter.map(make.several()).flatten()),
        Op::FlattenOption => then.unindexed(iter.map(make.option()).flatten()),
        Op::FlatMapIter => then.unindexed(iter.flat_map_iter(make.several())),
        Op::FlattenIter => then.unindexed(iter.map(make.several()).flatten_iter()),
        _ => folded(iter, make, then),
    }
}

fn folded<'d>(iter: Unindexed<'d>, make: Make, then: Then) -> Chain<'d> {
    let step = make.step;
    match step.op {
        Op::Fold => then.unindexed(iter.fold(make.empty(), make.push()).flatten()),
        Op::FoldWith => then.unindexed(iter.fold_with(Vec::new(), make.push()).flatten_iter()),
        Op::TryFold => {
            let parts = iter.try_fold(make.empty(), make.try_push());
            then.unindexed(parts.filter_map(Result::ok).flatten_iter())
        }
        Op::TryFoldWith => then.unindexed(iter.try_fold_with(Vec::new(), make.try_push()).flatten().flatten()),
        Op::SkipAny => then.unindexed(iter.skip_any(step.n)),
        Op::TakeAny => then.unindexed(iter.take_any(step.n)),
        Op::SkipAnyWhile => then.unindexed(iter.skip_any_while(make.while_holds())),
        Op::TakeAnyWhile => then.unindexed(iter.take_any_while(make.while_holds())),
        Op::WhileSome => {
            let holds = make.while_holds();
            then.unindexed(iter.map(move |item| holds(&item).then_some(item)).while_some())
        }
        Op::WithCancel => then.unindexed(iter.with_cancel(&CancelToken::new())),
        Op::CancelWithin => {
            let token = CancelToken::new();
            let (holds, inner) = (make.while_holds(), token.clone());
            let items = iter.with_cancel(&token).filter(move |item| {
                let held = holds(item);
                if !held {
                    inner.cancel();
                }
                held
            });
            then.unindexed(items)
        }
        op => unreachable!("{op:?} needs positions"),
    }
}
