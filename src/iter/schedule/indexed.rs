//! Layer 4: parts of known length.
//!
//! A part that runs in blocks has a *tail*: its consumer stays, for what may be split off, when its folder is made of the
//! [front](Consumer::split_off_front). If nothing is split off the tail is dropped unused.

use super::bounds::Bounds;
use super::in_order;
use super::part::{Contents, Leaf, Part};
use super::split::{self, Begun, Loop};
use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer};

/// Runs a producer of `len` items against a consumer.
pub(in crate::iter) fn run<P, C>(len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let bounds = Bounds::new(producer.min_len(), producer.max_len());
    let role = in_order::role_for(&consumer);
    let code = <IndexedLeaf<P, C> as Leaf>::run as fn(&mut IndexedLeaf<P, C>, usize) -> bool as usize;
    let this = Loop { len, bounds, role, code };
    // No closure between here and the folder: what it captures would be moved through memory, which takes longer than a
    // small loop.
    let begun = Begun::new(this);
    if begun.is_crumb() && !consumer.full() {
        let folder = producer.fold_with(consumer.into_folder());
        begun.end_crumb();
        return folder.complete();
    }
    let mut part = IndexedPart::new(len, producer, consumer);
    split::run(this, begun, &mut part);
    part.into_result()
}

/// What was taken out of a part or a leaf is asked for once more.
#[cold]
#[inline(never)]
pub(super) fn gone() -> ! {
    unreachable!("a part is run once, to its end")
}

/// A part that has not begun, or has ended.
pub(super) struct IndexedPart<P: Producer, C: Consumer<P::Item>> {
    len: usize,
    pair: Option<(P, C)>,
    result: Option<C::Result>,
}

impl<P: Producer, C: Consumer<P::Item>> IndexedPart<P, C> {
    #[inline]
    pub(super) fn new(len: usize, producer: P, consumer: C) -> Self {
        IndexedPart { len, pair: Some((producer, consumer)), result: None }
    }

    #[inline]
    pub(super) fn into_result(self) -> C::Result {
        let Some(result) = self.result else { gone() };
        result
    }

    /// Keeps the first `at` items.
    fn halve(&mut self, at: usize) -> (Self, C::Reducer) {
        let Some((producer, consumer)) = self.pair.take() else { gone() };
        let (producer, right) = producer.split_at(at);
        let (consumer, right_consumer, reducer) = consumer.split_at(at);
        let right = IndexedPart::new(self.len - at, right, right_consumer);
        self.len = at;
        self.pair = Some((producer, consumer));
        (right, reducer)
    }
}

impl<P: Producer, C: Consumer<P::Item>> Contents for IndexedPart<P, C> {
    fn clear(&mut self) {
        self.pair = None;
        self.result = None;
    }
}

impl<P: Producer, C: Consumer<P::Item>> Part for IndexedPart<P, C> {
    fn is_full(&self) -> bool {
        let Some((_, consumer)) = &self.pair else { gone() };
        consumer.full()
    }

    fn can_split_running(&self) -> bool {
        let Some((producer, consumer)) = &self.pair else { gone() };
        producer.can_run_in_blocks() && consumer.can_split_running()
    }

    fn cut(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Part, &mut dyn Part)) {
        let (mut right, reducer) = self.halve(at);
        then(self, &mut right);
        let (Some(left), Some(right)) = (self.result.take(), right.result.take()) else { gone() };
        self.result = Some(reducer.reduce(left, right));
    }

    fn split_off<'a>(&mut self, at: usize) -> Box<dyn Part + 'a>
    where
        Self: 'a,
    {
        Box::new(self.halve(at).0)
    }

    fn run(&mut self) {
        let Some((producer, consumer)) = self.pair.take() else { gone() };
        let wants_items = self.len > 0 && !consumer.full();
        let mut folder = consumer.into_folder();
        if wants_items && !folder.full() {
            folder = producer.fold_with(folder);
        }
        self.result = Some(folder.complete());
    }

    fn begin(&mut self, then: &mut dyn FnMut(&mut dyn Leaf)) {
        let Some((producer, tail)) = self.pair.take() else { gone() };
        let folder = tail.split_off_front().into_folder();
        let wants_items = self.len > 0 && !folder.full();
        let mut leaf: IndexedLeaf<P, C> = IndexedLeaf {
            left: self.len,
            done: 0,
            producer: Some(producer),
            tail: Some(tail),
            folder: Some(folder),
            result: None,
        };
        if wants_items {
            then(&mut leaf);
        }
        leaf.complete();
        self.result = leaf.result.take();
    }
}

/// A part that runs.
struct IndexedLeaf<P: Producer, C: Consumer<P::Item>> {
    /// How many items the producer still has.
    left: usize,
    /// How many items of the tail's the folder has had.
    done: usize,
    /// None when it has no items left.
    producer: Option<P>,
    /// For what is split off.
    tail: Option<C>,
    /// None when the part has ended.
    folder: Option<C::Folder>,
    result: Option<C::Result>,
}

impl<P: Producer, C: Consumer<P::Item>> IndexedLeaf<P, C> {
    fn complete(&mut self) {
        if let Some(folder) = self.folder.take() {
            self.result = Some(folder.complete());
        }
    }
}

impl<P: Producer, C: Consumer<P::Item>> Contents for IndexedLeaf<P, C> {
    fn clear(&mut self) {
        self.producer = None;
        self.tail = None;
        self.folder = None;
        self.result = None;
    }
}

impl<P: Producer, C: Consumer<P::Item>> Leaf for IndexedLeaf<P, C> {
    fn run(&mut self, len: usize) -> bool {
        let Some(mut producer) = self.producer.take() else { gone() };
        let Some(folder) = self.folder.take() else { gone() };
        if len < self.left {
            let (first, rest) = producer.split_at(len);
            (producer, self.producer) = (first, Some(rest));
            self.left -= len;
            self.done += len;
        } else {
            self.left = 0;
        }
        let folder = producer.fold_with(folder);
        let is_full = folder.full();
        self.folder = Some(folder);
        is_full
    }

    fn split(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Leaf, &mut dyn Part)) {
        let Some(producer) = self.producer.take() else { gone() };
        let Some(tail) = self.tail.take() else { gone() };
        let Some(folder) = self.folder.take() else { gone() };
        let (producer, right) = producer.split_at(at);
        let (folder, tail, right_consumer, reducer) = tail.split_running(folder, self.done + at);
        let mut right: IndexedPart<P, C> = IndexedPart::new(self.left - at, right, right_consumer);
        self.left = at;
        (self.producer, self.tail, self.folder) = (Some(producer), Some(tail), Some(folder));
        then(self, &mut right);
        match right.pair.take() {
            Some((producer, consumer)) => {
                let Some(folder) = self.folder.take() else { gone() };
                let (folder, tail) = consumer.rejoin(folder);
                (self.left, self.done) = (right.len, 0);
                (self.producer, self.tail, self.folder) = (Some(producer), Some(tail), Some(folder));
            }
            None => {
                self.complete();
                let (Some(left), Some(right)) = (self.result.take(), right.result.take()) else { gone() };
                self.result = Some(reducer.reduce(left, right));
            }
        }
    }
}
