//! Payloads, results and captured values whose own drop panics.

#[path = "../support/bomb.rs"]
mod bomb;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../support/meeting.rs"]
#[expect(unused_imports, reason = "not all of it is of use here")]
mod meeting;
#[path = "../support/pools.rs"]
mod pools;

mod in_pools;
mod in_waits;
