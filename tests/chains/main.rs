//! Random chains: a source, up to six adaptors and a terminal method, on pools of several sizes and from outside.
//!
//! Each chain is compared with a sequential interpreter, and is run again with a panic in one of its calls, which must
//! arrive. In both runs every item must be dropped exactly once. `ci/chains.sh` runs more of them, for minutes.

#[macro_use]
mod listed;

mod adaptors;
mod borrow;
#[path = "../support/cases.rs"]
mod cases;
mod collecting;
mod consumer;
#[path = "../support/dice.rs"]
mod dice;
mod erased;
mod expect;
mod finish;
mod folding;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
#[path = "../support/in_time.rs"]
mod in_time;
mod item;
mod ordering;
mod plan;
mod positions;
mod producer;
mod run;
mod searching;
mod source;
mod start;
mod step;
mod streaming;
#[path = "../support/world.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod world;

use cases::run_cases;
use item::World;
use paceline::ThreadPoolBuilder;
use plan::Plan;
use run::{Ground, check};
use std::sync::Arc;

/// How many chains each test runs unless the environment says otherwise.
const CASES: u64 = if cfg!(asan) { 1_000 } else { 3_000 };

fn describe(seed: u64) -> String {
    Plan::of(seed).to_string()
}

/// Runs chains on a pool.
fn on_a_pool_of(threads: usize, test: &str, world: &'static World) {
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    run_cases(test, CASES, describe, move |seed| check(&Plan::of(seed), Ground::Pool(&pool), world));
}

#[test]
fn chains_on_one_thread() {
    static WORLD: World = World::new();
    on_a_pool_of(1, "--test chains chains_on_one_thread", &WORLD);
}

#[test]
fn chains_on_two_threads() {
    static WORLD: World = World::new();
    on_a_pool_of(2, "--test chains chains_on_two_threads", &WORLD);
}

#[test]
fn chains_on_seven_threads() {
    static WORLD: World = World::new();
    on_a_pool_of(7, "--test chains chains_on_seven_threads", &WORLD);
}

#[test]
fn chains_from_outside() {
    static WORLD: World = World::new();
    let test = "--test chains chains_from_outside";
    run_cases(test, CASES, describe, |seed| check(&Plan::of(seed), Ground::Outside, &WORLD));
}
