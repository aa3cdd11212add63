//! Which jobs a thread takes, and which first: isolated calls, priorities and broadcasts, through public names alone.

mod broadcast_order;
#[path = "../gate/mod.rs"]
mod gate;
#[path = "../in_time/mod.rs"]
mod in_time;
mod isolate;
mod isolate_helpers;
#[path = "../api/pools.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod pools;
mod priority;
