//! Parallel iterators without their types, so that a chain can be put together while the test runs.
//!
//! Every type of iterator that is boxed here goes through its own `drive`, `drive_unindexed` and `with_producer`; only
//! the consumer, or the producer, that meets it is a boxed one.

use crate::consumer::{AnyConsumer, Results, Slot};
use crate::item::Item;
use crate::producer::AnyProducer;
use paceline::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use paceline::prelude::*;

/// A parallel iterator over items that borrow nothing, of a type that is known when the test runs.
trait DynUnindexed: Send {
    fn drive_unindexed(self: Box<Self>, consumer: AnyConsumer<'_>) -> Slot;
    fn opt_len(&self) -> Option<usize>;
    fn len_upper_bound(&self) -> Option<usize>;
}

impl<I: ParallelIterator<Item = Item>> DynUnindexed for I {
    fn drive_unindexed(self: Box<Self>, consumer: AnyConsumer<'_>) -> Slot {
        (*self).drive_unindexed(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        ParallelIterator::opt_len(self)
    }

    fn len_upper_bound(&self) -> Option<usize> {
        ParallelIterator::__len_upper_bound(self)
    }
}

/// One with positions.
trait DynIndexed: DynUnindexed {
    fn len(&self) -> usize;
    fn drive(self: Box<Self>, consumer: AnyConsumer<'_>) -> Slot;
    fn with_producer(self: Box<Self>, callback: &mut dyn FnMut(AnyProducer<'_>));
}

impl<I: IndexedParallelIterator<Item = Item>> DynIndexed for I {
    fn len(&self) -> usize {
        IndexedParallelIterator::len(self)
    }

    fn drive(self: Box<Self>, consumer: AnyConsumer<'_>) -> Slot {
        (*self).drive(consumer)
    }

    fn with_producer(self: Box<Self>, callback: &mut dyn FnMut(AnyProducer<'_>)) {
        (*self).with_producer(Hand(callback));
    }
}

struct Hand<'a>(&'a mut dyn FnMut(AnyProducer<'_>));

impl ProducerCallback<Item> for Hand<'_> {
    type Output = ();

    fn callback<P: paceline::iter::plumbing::Producer<Item = Item>>(self, producer: P) {
        (self.0)(AnyProducer::of(producer));
    }
}

/// Any parallel iterator with positions.
pub(crate) struct Indexed<'d>(Box<dyn DynIndexed + 'd>);

/// Any parallel iterator.
pub(crate) struct Unindexed<'d>(Box<dyn DynUnindexed + 'd>);

impl<'d> From<Indexed<'d>> for Unindexed<'d> {
    fn from(iter: Indexed<'d>) -> Self {
        Unindexed(Box::new(iter))
    }
}

/// What a chain is so far.
pub(crate) enum Chain<'d> {
    Indexed(Indexed<'d>),
    Unindexed(Unindexed<'d>),
}

pub(crate) fn indexed<'d>(iter: impl IndexedParallelIterator<Item = Item> + 'd) -> Chain<'d> {
    Chain::Indexed(Indexed(Box::new(iter)))
}

pub(crate) fn unindexed<'d>(iter: impl ParallelIterator<Item = Item> + 'd) -> Chain<'d> {
    Chain::Unindexed(Unindexed(Box::new(iter)))
}

impl ParallelIterator for Indexed<'_> {
    type Item = Item;

    fn drive_unindexed<C: UnindexedConsumer<Item>>(self, consumer: C) -> C::Result {
        let results = Results::default();
        let slot = self.0.drive_unindexed(AnyConsumer::free(consumer, &results));
        results.take(slot)
    }

    fn opt_len(&self) -> Option<usize> {
        self.0.opt_len()
    }

    fn __len_upper_bound(&self) -> Option<usize> {
        self.0.len_upper_bound()
    }
}

impl IndexedParallelIterator for Indexed<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn drive<C: Consumer<Item>>(self, consumer: C) -> C::Result {
        let results = Results::default();
        let slot = self.0.drive(AnyConsumer::positioned(consumer, &results));
        results.take(slot)
    }

    fn with_producer<CB: ProducerCallback<Item>>(self, callback: CB) -> CB::Output {
        let (mut callback, mut output) = (Some(callback), None);
        self.0.with_producer(&mut |producer| {
            let callback = callback.take().expect("a callback is called once");
            output = Some(callback.callback(producer));
        });
        output.expect("a callback is called")
    }
}

impl ParallelIterator for Unindexed<'_> {
    type Item = Item;

    fn drive_unindexed<C: UnindexedConsumer<Item>>(self, consumer: C) -> C::Result {
        let results = Results::default();
        let slot = self.0.drive_unindexed(AnyConsumer::free(consumer, &results));
        results.take(slot)
    }

    fn opt_len(&self) -> Option<usize> {
        self.0.opt_len()
    }

    fn __len_upper_bound(&self) -> Option<usize> {
        self.0.len_upper_bound()
    }
}
