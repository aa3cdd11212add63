//! After `fork()`, the child's use of a worker pool panics clearly, and dropping it there does not hang.
#![cfg(unix)]

mod forked;

use forked::in_child;
use paceline::workers::{Order, WorkerPool};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn a_forked_child_is_told_that_the_workers_are_not_there() {
    let builder = WorkerPool::builder().threads(2).capacity(4);
    let (pool, mut results) = builder.build_with_results(Order::Submission, |_, item: u32| item).unwrap();
    pool.submit(1).unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 1);

    let told = |f: &mut dyn FnMut()| {
        let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a pool without threads cannot do it");
        let text = payload.downcast_ref::<String>().expect("a message");
        i32::from(!text.contains("forked child"))
    };
    assert_eq!(in_child(|| told(&mut || assert!(pool.submit(2).is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(&mut || assert!(pool.try_submit(2).is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(&mut || assert!(pool.shutdown().is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(&mut || drop(pool.shutdown_now()))), Ok(0));
    assert_eq!(in_child(|| told(&mut || drop(results.next()))), Ok(0));

    let mut pool = Some(pool);
    let dropped = in_child(|| {
        drop(pool.take());
        let pool = WorkerPool::builder().threads(2).build(|_, _: u32| {}).unwrap();
        i32::from(pool.submit(1).is_err() || pool.shutdown().is_err())
    });
    assert_eq!(dropped, Ok(0), "a drop does nothing, and a new pool works");

    let pool = pool.expect("the child took its own");
    pool.submit(3).unwrap();
    pool.shutdown().unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 3, "the parent is as before");
}
