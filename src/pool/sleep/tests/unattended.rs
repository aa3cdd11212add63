//! Slots that an external caller leaves behind a suspended thread.

use crate::pool::sleep::{GaveUp, ReturnState, Returner, Sleep};
use crate::sync::parker::Parker;
use std::sync::Arc;

/// The slot's own thread has lost its slot while it rested, and waits for its latch alone.
#[test]
fn a_caller_that_leaves_a_slot_of_a_suspended_thread_is_told_that_it_is_unattended() {
    let sleep = Sleep::new(1, 0);
    let (own, caller) = (Arc::new(Parker::new()), Arc::new(Parker::new()));
    sleep.rest(0);
    assert_eq!(sleep.return_to(0, &caller, Returner::External), ReturnState::Granted);
    assert!(!sleep.stop_resting(0));
    assert_eq!(sleep.release(0), GaveUp::Unattended);
    assert_eq!(sleep.return_to(0, &own, Returner::InJob), ReturnState::Waiting, "the caller still holds it");
    sleep.abandon(0);
    assert_eq!(sleep.return_state(0, &own), ReturnState::Granted);
}
