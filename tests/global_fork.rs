//! After `fork()`, the child's use of a pool works or panics clearly, and never hangs.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::{in_child, told};
use paceline::prelude::*;

fn sum() -> u64 {
    (0..1_000_000_u64).into_par_iter().sum()
}

#[test]
fn a_forked_child_has_working_pools_or_is_told() {
    let expected = sum();
    let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| ());

    assert_eq!(in_child(|| i32::from(sum() != expected)), Ok(0), "the global pool is made anew");
    assert_eq!(in_child(|| in_child(|| i32::from(sum() != expected)).unwrap_or(-1)), Ok(0), "and in the child's child");

    assert_eq!(in_child(|| told(|| pool.install(|| ()))), Ok(0));
    assert_eq!(in_child(|| told(|| pool.spawn(|| ()))), Ok(0));
    assert_eq!(in_child(|| told(|| pool.broadcast(|_| ()))), Ok(0));
    assert_eq!(in_child(|| told(|| pool.in_place_scope(|s| s.spawn(|_| ())))), Ok(0));

    let in_worker = pool.install(|| in_child(|| i32::from(sum() != expected)));
    assert_eq!(in_worker, Ok(0), "a worker that forks goes on alone");
    assert_eq!((sum(), pool.install(sum)), (expected, expected), "the parent is as before");
}
