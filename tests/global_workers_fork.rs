//! After `fork()`, the child's use of a worker pool panics clearly, and dropping it there does not hang.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::{in_child, told};
use paceline::workers::{Order, Request, WorkerPool};

#[test]
fn a_forked_child_is_told_that_the_workers_are_not_there() {
    let builder = WorkerPool::builder().threads(2).capacity(4);
    let (pool, mut results) = builder.build_with_results(Order::Submission, |_, item: u32| item).unwrap();
    pool.submit(1).unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 1);

    assert_eq!(in_child(|| told(|| assert!(pool.submit(2).is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(|| assert!(pool.try_submit(2).is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(|| assert!(pool.shutdown().is_ok()))), Ok(0));
    assert_eq!(in_child(|| told(|| paceline::block_on(pool.submit_async(2)).is_ok())), Ok(0));
    assert_eq!(in_child(|| told(|| pool.shutdown_now())), Ok(0));
    assert_eq!(in_child(|| told(|| results.next())), Ok(0));

    let (request, handle) = Request::<u32, u32>::new(7);
    let mut handle = Some(handle);
    assert_eq!(in_child(|| told(|| handle.take().map(|handle| handle.join().is_ok()))), Ok(0));
    drop((request, handle));

    let mut pool = Some(pool);
    let dropped = in_child(|| {
        // Its threads may have got the names that the system had for the parent's.
        let new = WorkerPool::builder().threads(2).build(|_, _: u32| {}).unwrap();
        drop(pool.take());
        i32::from(new.submit(1).is_err() || new.shutdown().is_err())
    });
    assert_eq!(dropped, Ok(0), "a drop does nothing, and a new pool works");

    let pool = pool.expect("the child took its own");
    pool.submit(3).unwrap();
    pool.shutdown().unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 3, "the parent is as before");
}
