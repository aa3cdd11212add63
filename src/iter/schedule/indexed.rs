//! Layer 4: parts of known length.
//!
//! A part that runs in blocks has a *tail*: its folder is made from the [front](Consumer::split_off_front) of its
//! consumer, and the consumer stays for the parts that may be split off. If none is split off, the tail is dropped
//! unused.

use super::bounds::Bounds;
use super::in_order::{self, IndexedChunk, Role};
use super::part::{Leaf, Part, PartContents};
use super::split::{self, BegunLoop, Loop};
use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer};
use std::mem;

/// Runs a producer of `len` items against a consumer.
#[inline]
pub(in crate::iter) fn run<P, C>(len: usize, producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let (min_len, max_len) = (producer.min_len(), producer.max_len());
    let bounds = Bounds::new(min_len, max_len);
    // (Only the branch of an `if const` that is taken is compiled.)
    if const { in_order::is_in_order::<P::Item, C>() } {
        let role = in_order::role_for::<P::Item, C>();
        if role != Role::Bystander {
            let mut part = IndexedPart::new(len, producer, consumer);
            in_order::run(role, Box::new(IndexedChunk::new(len, bounds, &mut part)), 1);
            return part.into_result();
        }
    }
    let code = <IndexedLeaf<P, C> as Leaf>::run as fn(&mut IndexedLeaf<P, C>, usize) -> bool as usize;
    let code = crate::sync::code::number(code);
    // No closure between here and the folder: its captures would be moved through memory, which takes longer than a
    // small loop.
    let begun = BegunLoop::new(len, min_len, max_len, code);
    let course = begun.course();
    let this = Loop { len, bounds, code };
    if course.is_here() && producer.can_run_in_blocks() && consumer.can_split_running() {
        return run_here(this, begun, producer, consumer);
    }
    let mut part = IndexedPart::new(len, producer, consumer);
    if course.is_one_block(len) {
        part.run();
        begun.end(code, len);
    } else {
        split::run(this, begun, &mut part);
    }
    part.into_result()
}

/// Runs a loop on the calling thread, in one go or inline: in blocks, until its rest must be shared after all.
#[inline]
fn run_here<P, C>(this: Loop, begun: BegunLoop, mut producer: P, consumer: C) -> C::Result
where
    P: Producer,
    C: Consumer<P::Item>,
{
    let Loop { len, code, .. } = this;
    let course = begun.course();
    let (mut block, served) = course.begin_blocks(len);
    let mut left = len;
    let mut folder = consumer.split_off_front().into_folder();
    // (The body contains the items' code. The compiler would duplicate it for a condition that is the same for all
    // blocks.)
    while left > 0 && !folder.full() {
        let (first, rest) = producer.split_at(block);
        folder = first.fold_with(folder);
        producer = rest;
        left -= block;
        if left == 0 {
            break;
        }
        block = course.next_block(code, served, len - left, left);
        if block == 0 {
            let state = LeafState::Running { producer, tail: consumer, folder };
            let mut leaf: IndexedLeaf<P, C> = IndexedLeaf { left, done: len - left, state };
            split::run_rest(this, begun, left, &mut leaf);
            return leaf.state.finish();
        }
    }
    begun.end(code, len - left);
    folder.complete()
}

/// Panics: a part or a leaf was used again after its contents were taken.
#[cold]
#[inline(never)]
pub(super) fn gone() -> ! {
    unreachable!("a part is run once, to its end")
}

/// A part that has not begun, or has ended.
pub(super) struct IndexedPart<P: Producer, C: Consumer<P::Item>> {
    len: usize,
    state: PartState<P, C, C::Result>,
}

enum PartState<P, C, R> {
    Whole(P, C),
    Ended(R),
    /// Begun, by another value, or between two states.
    Gone,
}

impl<P: Producer, C: Consumer<P::Item>> IndexedPart<P, C> {
    #[inline]
    pub(super) fn new(len: usize, producer: P, consumer: C) -> Self {
        IndexedPart { len, state: PartState::Whole(producer, consumer) }
    }

    #[inline]
    pub(super) fn into_result(self) -> C::Result {
        let PartState::Ended(result) = self.state else { gone() };
        result
    }

    fn take(&mut self) -> PartState<P, C, C::Result> {
        mem::replace(&mut self.state, PartState::Gone)
    }

    /// Keeps the first `at` items, and returns the rest. (Compiled once for each loop.)
    #[inline(never)]
    fn halve(&mut self, at: usize) -> (Self, C::Reducer) {
        let PartState::Whole(producer, consumer) = self.take() else { gone() };
        let (producer, right) = producer.split_at(at);
        let (consumer, right_consumer, reducer) = consumer.split_at(at);
        let right = IndexedPart::new(self.len - at, right, right_consumer);
        *self = IndexedPart::new(at, producer, consumer);
        (right, reducer)
    }
}

impl<P: Producer, C: Consumer<P::Item>> PartContents for IndexedPart<P, C> {
    fn clear(&mut self) {
        self.take();
    }
}

impl<P: Producer, C: Consumer<P::Item>> Part for IndexedPart<P, C> {
    fn is_full(&self) -> bool {
        let PartState::Whole(_, consumer) = &self.state else { gone() };
        consumer.full()
    }

    fn can_split_running(&self) -> bool {
        let PartState::Whole(producer, consumer) = &self.state else { gone() };
        producer.can_run_in_blocks() && consumer.can_split_running()
    }

    fn cut(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Part, &mut dyn Part)) {
        let (mut right, reducer) = self.halve(at);
        then(self, &mut right);
        let PartState::Ended(left) = self.take() else { gone() };
        self.state = PartState::Ended(reducer.reduce(left, right.into_result()));
    }

    fn split_off<'a>(&mut self, at: usize) -> Box<dyn Part + 'a>
    where
        Self: 'a,
    {
        Box::new(self.halve(at).0)
    }

    fn run(&mut self) {
        let PartState::Whole(producer, consumer) = self.take() else { gone() };
        let wants_items = self.len > 0 && !consumer.full();
        let mut folder = consumer.into_folder();
        if wants_items && !folder.full() {
            folder = producer.fold_with(folder);
        }
        self.state = PartState::Ended(folder.complete());
    }

    fn begin(&mut self, then: &mut dyn FnMut(&mut dyn Leaf)) {
        let PartState::Whole(producer, tail) = self.take() else { gone() };
        let folder = tail.split_off_front().into_folder();
        let wants_items = self.len > 0 && !folder.full();
        let state = LeafState::Running { producer, tail, folder };
        let mut leaf: IndexedLeaf<P, C> = IndexedLeaf { left: self.len, done: 0, state };
        if wants_items {
            then(&mut leaf);
        }
        self.state = PartState::Ended(leaf.state.finish());
    }
}

/// A part that runs.
struct IndexedLeaf<P: Producer, C: Consumer<P::Item>> {
    /// The number of items that the producer still has.
    left: usize,
    /// The number of the tail's items that the folder has had.
    done: usize,
    state: LeafState<P, C, C::Folder, C::Result>,
}

enum LeafState<P, C, F, R> {
    Running {
        producer: P,
        /// For the parts that are split off.
        tail: C,
        folder: F,
    },
    Ended(R),
    /// Between two states.
    Gone,
}

impl<P: Producer, C: Consumer<P::Item>> LeafState<P, C, C::Folder, C::Result> {
    fn finish(self) -> C::Result {
        match self {
            LeafState::Running { folder, .. } => folder.complete(),
            LeafState::Ended(result) => result,
            LeafState::Gone => gone(),
        }
    }
}

impl<P: Producer, C: Consumer<P::Item>> IndexedLeaf<P, C> {
    fn take(&mut self) -> LeafState<P, C, C::Folder, C::Result> {
        mem::replace(&mut self.state, LeafState::Gone)
    }

    /// Continues with a part that was split off and has not begun.
    fn rejoin(&mut self, len: usize, producer: P, consumer: C) {
        let LeafState::Running { folder, .. } = self.take() else { gone() };
        let (folder, tail) = consumer.rejoin(folder);
        (self.left, self.done) = (len, 0);
        self.state = LeafState::Running { producer, tail, folder };
    }
}

impl<P: Producer, C: Consumer<P::Item>> PartContents for IndexedLeaf<P, C> {
    fn clear(&mut self) {
        self.take();
    }
}

impl<P: Producer, C: Consumer<P::Item>> Leaf for IndexedLeaf<P, C> {
    fn run(&mut self, len: usize) -> bool {
        let LeafState::Running { producer, tail, folder } = self.take() else { gone() };
        let (first, producer) = producer.split_at(len);
        let folder = first.fold_with(folder);
        let is_full = folder.full();
        self.left -= len;
        self.done += len;
        self.state = LeafState::Running { producer, tail, folder };
        is_full
    }

    fn split(&mut self, at: usize, then: &mut dyn FnMut(&mut dyn Leaf, &mut dyn Part)) {
        let LeafState::Running { producer, tail, folder } = self.take() else { gone() };
        let (producer, right) = producer.split_at(at);
        let (folder, tail, consumer, reducer) = tail.split_running(folder, self.done + at);
        let mut right = IndexedPart::new(self.left - at, right, consumer);
        self.state = LeafState::Running { producer, tail, folder };
        self.left = at;
        then(self, &mut right);
        match right.state {
            PartState::Whole(producer, consumer) => self.rejoin(right.len, producer, consumer),
            PartState::Ended(right) => {
                let left = self.take().finish();
                self.state = LeafState::Ended(reducer.reduce(left, right));
            }
            PartState::Gone => gone(),
        }
    }
}
