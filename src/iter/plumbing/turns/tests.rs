//! What becomes of parts whose payloads and results panic when they are dropped.

use super::{List, Part, State, Ticket, Turns};
use crate::sync::quiet::Quiet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("a bomb"));
    }
}

impl Part for Bomb {
    type Result = Bomb;

    fn cut(self, _: usize) -> (Self, Option<Self>) {
        (self, None)
    }

    fn measure(&self) -> usize {
        1
    }

    fn longer(measure: usize, _: usize) -> usize {
        measure
    }

    fn shorter(measure: usize) -> usize {
        measure
    }

    fn is_full(&self) -> bool {
        false
    }

    fn run(self) -> Bomb {
        self
    }
}

#[test]
fn beneath_the_first_panic_all_else_is_dropped() {
    let turns = Turns::new(Bomb, 1, 1, 1);
    {
        let list: &mut List<Bomb> = &mut turns.list.lock();
        list.put_behind(Ticket(0), Bomb);
        list.put_behind(Ticket(1), Bomb);
        list.put_behind(Ticket(2), Bomb);
        // The first is left as it is, the others end in one way each.
        let mut set = |ticket, state| {
            let place = list.place_of(Ticket(ticket));
            std::mem::forget(std::mem::replace(&mut list.parts[place].1, state));
        };
        set(1, State::Panicked(Quiet::new(Box::new("the first"))));
        set(2, State::Panicked(Quiet::new(Box::new(Bomb))));
        set(3, State::Begun);
        assert!(list.end(Ticket(3), Ok(Bomb)).is_none());
    }
    let payload = catch_unwind(AssertUnwindSafe(|| turns.finish())).map(std::mem::forget).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the first"));
}

#[test]
fn a_result_that_another_takes_the_place_of_is_handed_out_to_be_disposed_of() {
    let mut list: List<Bomb> = List { parts: Vec::new(), next_ticket: 2, workers: 1, result: None };
    list.parts.extend([(Ticket(0), State::Begun), (Ticket(1), State::Begun)]);
    assert!(list.end(Ticket(0), Ok(Bomb)).is_none());
    let surplus: Option<Bomb> = list.end(Ticket(1), Ok(Bomb));
    assert!(surplus.is_some());
    std::mem::forget((surplus, list.result));
}
