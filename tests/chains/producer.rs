//! A producer without its type.

use crate::item::Item;
use paceline::iter::plumbing::{Folder, Producer};

/// A producer of a type that is known when the test runs.
trait DynProducer<'p>: Send {
    fn split_at(self: Box<Self>, index: usize) -> (AnyProducer<'p>, AnyProducer<'p>);
    fn into_iter(self: Box<Self>) -> Box<dyn BothEnds + 'p>;
    fn feed(self: Box<Self>, mouth: &mut dyn Mouth);
    fn min_len(&self) -> usize;
    fn max_len(&self) -> usize;
    fn can_run_in_blocks(&self) -> bool;
}

impl<'p, P: Producer<Item = Item> + 'p> DynProducer<'p> for P {
    fn split_at(self: Box<Self>, index: usize) -> (AnyProducer<'p>, AnyProducer<'p>) {
        let (left, right) = Producer::split_at(*self, index);
        (AnyProducer::of(left), AnyProducer::of(right))
    }

    fn into_iter(self: Box<Self>) -> Box<dyn BothEnds + 'p> {
        Box::new(Producer::into_iter(*self))
    }

    fn feed(self: Box<Self>, mouth: &mut dyn Mouth) {
        (*self).fold_with(Bites(mouth));
    }

    fn min_len(&self) -> usize {
        Producer::min_len(self)
    }

    fn max_len(&self) -> usize {
        Producer::max_len(self)
    }

    fn can_run_in_blocks(&self) -> bool {
        Producer::can_run_in_blocks(self)
    }
}

/// What the iterators of producers can do.
trait BothEnds: DoubleEndedIterator<Item = Item> + ExactSizeIterator {}

impl<I: DoubleEndedIterator<Item = Item> + ExactSizeIterator> BothEnds for I {}

/// A folder behind a pointer.
trait Mouth {
    fn take(&mut self, item: Item);
    fn is_full(&self) -> bool;
}

/// The folder that is in use; empty while it takes an item, and after a panic.
struct Held<F>(Option<F>);

impl<F: Folder<Item>> Mouth for Held<F> {
    fn take(&mut self, item: Item) {
        let folder = self.0.take().expect("no item follows a panic");
        self.0 = Some(folder.consume(item));
    }

    fn is_full(&self) -> bool {
        self.0.as_ref().is_some_and(Folder::full)
    }
}

struct Bites<'m>(&'m mut dyn Mouth);

impl Folder<Item> for Bites<'_> {
    type Result = ();

    fn consume(self, item: Item) -> Self {
        self.0.take(item);
        self
    }

    fn complete(self) {}

    fn full(&self) -> bool {
        self.0.is_full()
    }
}

/// Any producer.
pub(crate) struct AnyProducer<'p>(Box<dyn DynProducer<'p> + 'p>);

impl<'p> AnyProducer<'p> {
    pub(crate) fn of(producer: impl Producer<Item = Item> + 'p) -> Self {
        AnyProducer(Box::new(producer))
    }
}

impl<'p> Producer for AnyProducer<'p> {
    type Item = Item;
    type IntoIter = Taken<'p>;

    fn into_iter(self) -> Taken<'p> {
        Taken(self.0.into_iter())
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        self.0.split_at(index)
    }

    fn fold_with<F: Folder<Item>>(self, folder: F) -> F {
        let mut held = Held(Some(folder));
        self.0.feed(&mut held);
        held.0.expect("a folder comes back")
    }

    fn min_len(&self) -> usize {
        self.0.min_len()
    }

    fn max_len(&self) -> usize {
        self.0.max_len()
    }

    fn can_run_in_blocks(&self) -> bool {
        self.0.can_run_in_blocks()
    }
}

/// The sequential iterator of any producer.
pub(crate) struct Taken<'p>(Box<dyn BothEnds + 'p>);

impl Iterator for Taken<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<Item> {
        self.0.nth(n)
    }
}

impl DoubleEndedIterator for Taken<'_> {
    fn next_back(&mut self) -> Option<Item> {
        self.0.next_back()
    }

    fn nth_back(&mut self, n: usize) -> Option<Item> {
        self.0.nth_back(n)
    }
}

impl ExactSizeIterator for Taken<'_> {}
