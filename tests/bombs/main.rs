//! Payloads, results and captured values whose own drop panics.

#[path = "../bomb/mod.rs"]
mod bomb;
#[path = "../gate/mod.rs"]
mod gate;
#[path = "../api/meeting.rs"]
mod meeting;
#[path = "../api/pools.rs"]
mod pools;

mod in_pools;
mod in_waits;
