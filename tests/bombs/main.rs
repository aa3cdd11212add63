//! Payloads, results and captured values whose own drop panics.

#[path = "../bomb/mod.rs"]
mod bomb;
#[path = "../gate/mod.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../api/meeting.rs"]
#[expect(unused_imports, reason = "not all of it is of use here")]
mod meeting;
#[path = "../api/pools.rs"]
mod pools;

mod in_pools;
mod in_waits;
