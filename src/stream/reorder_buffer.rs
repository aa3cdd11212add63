//! Layer 5: the buffer in which results wait to be handed out, in order or as they come.

use crate::sync::quiet::Quiet;
use crate::sync::unwind::{self, Payload};
use std::collections::VecDeque;

/// The outcome of one item: a result, or a panic that goes on in the call that asks for it.
pub(super) type ItemOutcome<R> = Quiet<Result<R, Payload>>;

/// Calls `f`, and returns its result or its panic.
pub(super) fn outcome_of<R>(f: impl FnOnce() -> R) -> ItemOutcome<R> {
    Quiet::new(unwind::halt(f))
}

/// The result; a panic goes on.
pub(super) fn hand_out<R>(outcome: ItemOutcome<R>) -> R {
    outcome.into_inner().unwrap_or_else(|payload| unwind::resume(payload))
}

/// The place of one item in the order of the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemTicket(usize);

/// Results that wait to be handed out.
pub(super) trait ReorderBuffer<R> {
    fn new() -> Self;

    /// Makes a place for the item that was pulled last.
    fn reserve(&mut self) -> ItemTicket;

    /// Puts an outcome at its place.
    fn put(&mut self, ticket: ItemTicket, outcome: ItemOutcome<R>);

    /// Takes the next outcome, if it is there.
    fn take(&mut self) -> Option<ItemOutcome<R>>;

    /// How many outcomes could be taken one after the other.
    fn ready(&self) -> usize;
}

/// Hands out in the order of the input.
#[derive(Debug)]
pub(super) struct InOrder<R> {
    /// From the first item that was not handed out to the last that was pulled.
    places: VecDeque<Option<ItemOutcome<R>>>,
    /// The number of the first place. It may wrap around.
    first: usize,
    /// How many places are filled before the first empty one.
    ready: usize,
}

impl<R> ReorderBuffer<R> for InOrder<R> {
    fn new() -> Self {
        InOrder { places: VecDeque::new(), first: 0, ready: 0 }
    }

    fn reserve(&mut self) -> ItemTicket {
        self.places.push_back(None);
        ItemTicket(self.first.wrapping_add(self.places.len() - 1))
    }

    fn put(&mut self, ticket: ItemTicket, outcome: ItemOutcome<R>) {
        let place = ticket.0.wrapping_sub(self.first);
        self.places[place] = Some(outcome);
        if place == self.ready {
            let filled = self.places.range(place..).take_while(|place| place.is_some());
            self.ready += filled.count();
        }
    }

    fn take(&mut self) -> Option<ItemOutcome<R>> {
        self.ready = self.ready.checked_sub(1)?;
        self.first = self.first.wrapping_add(1);
        self.places.pop_front().flatten()
    }

    fn ready(&self) -> usize {
        self.ready
    }
}

/// Hands out the outcomes as they are done.
#[derive(Debug)]
pub(super) struct AsDone<R>(VecDeque<ItemOutcome<R>>);

impl<R> ReorderBuffer<R> for AsDone<R> {
    fn new() -> Self {
        AsDone(VecDeque::new())
    }

    fn reserve(&mut self) -> ItemTicket {
        ItemTicket(0)
    }

    fn put(&mut self, _: ItemTicket, outcome: ItemOutcome<R>) {
        self.0.push_back(outcome);
    }

    fn take(&mut self) -> Option<ItemOutcome<R>> {
        self.0.pop_front()
    }

    fn ready(&self) -> usize {
        self.0.len()
    }
}
