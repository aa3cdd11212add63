//! Cancellation, and values that belong to workers: what runs, how often, and what is dropped, by counts.

#[path = "../support/child.rs"]
mod child;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../support/in_time.rs"]
mod in_time;
mod leased_slots;
mod loops;
#[path = "../support/pools.rs"]
mod pools;
mod scopes;
#[path = "../support/slots.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod slots;
#[path = "../support/tally.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod tally;
mod times;
mod token;
mod worker_init;
mod worker_local;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of the panic with which `f` ends.
#[track_caller]
fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it should have panicked");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned())).expect("a panic with a message")
}
