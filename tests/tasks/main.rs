//! Tasks with results and futures on the pool: every documented behaviour, from inside and outside, and nothing lost.

mod block_on;
mod cancel;
mod counted;
mod detach;
mod futures;
mod handles;
mod panics;
mod runtime;
mod scoped;
mod stress;
mod watch;
