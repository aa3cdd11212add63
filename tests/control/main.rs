//! Which jobs a thread takes, and which first: isolated calls, priorities and broadcasts, through public names alone.

mod broadcast_order;
#[path = "../support/gate.rs"]
mod gate;
#[path = "../support/in_time.rs"]
mod in_time;
mod isolate;
mod isolate_helpers;
#[path = "../support/pools.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod pools;
mod priority;
