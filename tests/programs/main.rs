//! Random programs of tasks, streams and worker pools, compared with sequential interpreters.
//!
//! Each runs once as it is and once with a panic in one of its calls; every value must be dropped exactly once.
//! `ci/chains.sh` runs more of them, for minutes.

#[path = "../support/cases.rs"]
mod cases;
#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../support/in_time.rs"]
mod in_time;
mod node;
mod streams;
mod tasks;
mod workers;
#[path = "../support/world.rs"]
mod world;
