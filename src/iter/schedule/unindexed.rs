//! Layer 4: parts of unknown length.
//!
//! Such a part may be split any number of times, because the number of items left is unknown. So a half that is split
//! off while it runs is not a frame on the stack, but a job on the heap. The worker that runs the part, its *owner*,
//! keeps a list of these *rests*. At the end of a part it goes on with the newest rest, unless a thief has begun that
//! one. Ten thousand splits take as much stack as one.
//!
//! A rest is taken once, under its lock: by its owner, or by the first thread that runs its job. If the rest has been
//! taken, its job does nothing.

use super::in_order;
use super::indexed::gone;
use super::part::{Offered, PartContents, UnindexedLeaf, UnindexedPart};
use super::results::{PartResults, ResultLink};
use super::split;
use crate::iter::plumbing::{Folder, Reducer, UnindexedConsumer, UnindexedProducer};
use crate::sync::lock::Mutex;
use std::mem;
use std::sync::Arc;

/// Runs a producer of unknown length against a consumer.
pub(in crate::iter) fn run<P, C>(producer: P, consumer: C) -> C::Result
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    let role = in_order::role_for::<P::Item, C>();
    let mut part = Unbegun::new(producer, consumer);
    split::run_unindexed(role, &mut part);
    part.into_result()
}

/// A part that has not begun, or has ended.
struct Unbegun<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    pair: Option<(P, C)>,
    result: Option<C::Result>,
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> Unbegun<P, C> {
    fn new(producer: P, consumer: C) -> Self {
        Unbegun { pair: Some((producer, consumer)), result: None }
    }

    fn into_result(self) -> C::Result {
        let Some(result) = self.result else { gone() };
        result
    }

    /// Keeps the first half, and returns the second.
    fn halve(&mut self) -> Option<(Self, C::Reducer)> {
        let Some((producer, consumer)) = self.pair.take() else { gone() };
        let (producer, right) = producer.split();
        let Some(right) = right else {
            self.pair = Some((producer, consumer));
            return None;
        };
        let left_consumer = consumer.split_off_left();
        let reducer = consumer.to_reducer();
        self.pair = Some((producer, left_consumer));
        Some((Unbegun::new(right, consumer), reducer))
    }
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> PartContents for Unbegun<P, C> {
    fn clear(&mut self) {
        self.pair = None;
        self.result = None;
    }
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> UnindexedPart for Unbegun<P, C> {
    fn is_full(&self) -> bool {
        let Some((_, consumer)) = &self.pair else { gone() };
        consumer.full()
    }

    fn cut(&mut self, then: &mut dyn FnMut(&mut dyn UnindexedPart, &mut dyn UnindexedPart)) -> bool {
        let Some((mut right, reducer)) = self.halve() else { return false };
        then(self, &mut right);
        let (Some(left), Some(right)) = (self.result.take(), right.result.take()) else { gone() };
        self.result = Some(reducer.reduce(left, right));
        true
    }

    fn split_off<'a>(&mut self) -> Option<Box<dyn UnindexedPart + 'a>>
    where
        Self: 'a,
    {
        match self.halve() {
            Some((right, _)) => Some(Box::new(right)),
            None => None,
        }
    }

    fn run(&mut self) {
        let Some((producer, consumer)) = self.pair.take() else { gone() };
        let wants_items = !consumer.full();
        let mut folder = consumer.into_folder();
        if wants_items && !folder.full() {
            folder = producer.fold_with(folder);
        }
        self.result = Some(folder.complete());
    }

    fn begin(&mut self, then: &mut dyn FnMut(&mut dyn UnindexedLeaf)) {
        let Some((producer, tail)) = self.pair.take() else { gone() };
        let folder = tail.split_off_left().into_folder();
        let wants_items = !folder.full();
        let mut leaf: Running<P, C> = Running {
            producer: Some(producer),
            tail: Some(tail),
            folder: Some(folder),
            rests: Vec::new(),
            results: PartResults::new(),
            link: None,
        };
        if wants_items {
            then(&mut leaf);
        }
        self.result = Some(leaf.into_result());
    }
}

/// A part that runs, and the rests that were split off.
struct Running<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    /// None when it has no items left.
    producer: Option<P>,
    /// For the rests that are split off.
    tail: Option<C>,
    /// None when the running part and all rests have ended.
    folder: Option<C::Folder>,
    /// The rests that are not known to have begun, the last in order first.
    rests: Vec<Offer<P, C>>,
    /// The results of all parts before the running one.
    results: PartResults<C::Result, Arc<RightHalf<P, C>>, C::Reducer>,
    /// How the result of the running part is combined with those; `None` for the first part.
    link: Option<ResultLink<C::Reducer>>,
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> Running<P, C> {
    /// Called when thieves have ended all rests that they began; their panics have been resumed in the caller.
    fn into_result(self) -> C::Result {
        match self.folder {
            Some(folder) => folder.complete(),
            None => self.results.combine(|rest| rest.take_result()),
        }
    }

    /// Takes the newest rest back, unless it was taken.
    fn take_back(&mut self, offer: &Offer<P, C>) -> bool {
        let Some(mut part) = offer.rest.take_part() else { return false };
        let Some((producer, consumer)) = part.pair.take() else { gone() };
        (self.producer, self.tail) = (Some(producer), Some(consumer));
        true
    }
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> PartContents for Running<P, C> {
    fn clear(&mut self) {
        self.producer = None;
        self.tail = None;
        self.folder = None;
        self.rests = Vec::new();
        self.results = PartResults::new();
        self.link = None;
    }
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> UnindexedLeaf for Running<P, C> {
    fn run(&mut self, len: usize) -> bool {
        let Some(folder) = self.folder.take() else { gone() };
        let Some(producer) = self.producer.take() else { gone() };
        if folder.full() {
            self.folder = Some(folder);
            return true;
        }
        let (folder, rest) = producer.fold_some(len, folder);
        self.producer = rest;
        self.folder = Some(folder);
        self.producer.is_none()
    }

    fn split<'a>(&mut self) -> Option<Arc<dyn Offered + 'a>>
    where
        Self: 'a,
    {
        let Some(producer) = self.producer.take() else { gone() };
        let (producer, right) = producer.split();
        self.producer = Some(producer);
        let right = right?;
        let Some(consumer) = self.tail.take() else { gone() };
        self.tail = Some(consumer.split_off_left());
        let reducer = consumer.to_reducer();
        let rest = Arc::new(RightHalf(Mutex::new(HalfState::Offered(Unbegun::new(right, consumer)))));
        // The rest was split off the running part, which will have the next result.
        let link = ResultLink { left: self.results.len(), reducer };
        self.rests.push(Offer { rest: Arc::clone(&rest), link });
        Some(rest)
    }

    fn go_on(&mut self) -> bool {
        let next = self.rests.pop();
        if next.as_ref().is_some_and(|offer| self.take_back(offer)) {
            // The folder goes on, as if the rest had not been split off.
            return true;
        }
        let Some(folder) = self.folder.take() else { gone() };
        self.results.push(folder.complete(), self.link.take());
        let mut begun = next;
        while let Some(Offer { rest, link }) = begun {
            self.results.expect(rest, link);
            begun = self.rests.pop();
            if begun.as_ref().is_some_and(|offer| self.take_back(offer)) {
                let Some(tail) = &self.tail else { gone() };
                self.folder = Some(tail.split_off_left().into_folder());
                self.link = begun.map(|offer| offer.link);
                return true;
            }
        }
        false
    }
}

/// A rest, and how its result is combined with those before it.
struct Offer<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    rest: Arc<RightHalf<P, C>>,
    link: ResultLink<C::Reducer>,
}

/// A right half that was split off.
struct RightHalf<P: UnindexedProducer, C: UnindexedConsumer<P::Item>>(Mutex<HalfState<P, C>>);

enum HalfState<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    Offered(Unbegun<P, C>),
    Begun,
    Ended(C::Result),
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> RightHalf<P, C> {
    /// Takes the rest, to run it, unless another worker has.
    fn take_part(&self) -> Option<Unbegun<P, C>> {
        let mut state = self.0.lock();
        match mem::replace(&mut *state, HalfState::Begun) {
            HalfState::Offered(part) => Some(part),
            begun => {
                *state = begun;
                None
            }
        }
    }

    /// The result of a rest that has ended.
    fn take_result(&self) -> C::Result {
        let HalfState::Ended(result) = mem::replace(&mut *self.0.lock(), HalfState::Begun) else { gone() };
        result
    }
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> Offered for RightHalf<P, C> {
    fn take(&self, run: &mut dyn FnMut(&mut dyn UnindexedPart)) {
        if let Some(mut part) = self.take_part() {
            run(&mut part);
            *self.0.lock() = HalfState::Ended(part.into_result());
        }
    }
}
