//! Tasks with results and futures on the pool: every documented behaviour, from inside and outside, and nothing lost.

mod beneath;
mod block_on;
mod cancel;
mod counted;
mod destructors;
mod detach;
mod errors;
mod futures;
#[path = "../support/gate.rs"]
mod gate;
mod handles;
#[path = "../support/in_time.rs"]
mod in_time;
mod panics;
mod runtime;
mod scoped;
mod services;
mod shutdown;
mod stress;
mod wakers;
mod watchdog;
