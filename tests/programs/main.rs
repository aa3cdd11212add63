//! Random programs of tasks, streams and worker pools, compared with sequential interpreters.
//!
//! Each runs once as it is and once with a panic in one of its calls; every value must be dropped exactly once.
//! `ci/chains.sh` runs more of them, for minutes.

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../dice/mod.rs"]
mod dice;
#[path = "../gate/mod.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../in_time/mod.rs"]
mod in_time;
mod node;
mod streams;
mod tasks;
mod workers;
#[path = "../world/mod.rs"]
mod world;
