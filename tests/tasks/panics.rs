//! Panics arrive where the result would have, with their payload, and go nowhere else.

use crate::counted::Thorn;
use crate::watchdog::{pool_of, with_watchdog};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

async fn fails() {
    panic!("at the first poll");
}

#[test]
fn the_payload_arrives() {
    let pool = pool_of(2);
    let handle = pool.spawn_task(|| -> u8 { panic_any(42_u64) });
    assert_eq!(with_watchdog(|| handle.join()).unwrap_err().into_panic().downcast_ref(), Some(&42_u64));
    let handle = pool.spawn_future(fails());
    let error = with_watchdog(|| handle.join()).unwrap_err();
    assert_eq!(error.message(), Some("at the first poll"));
    let handle = pool.spawn_task(|| -> u8 { panic_any("awaited") });
    assert_eq!(paceline::block_on(handle).unwrap_err().message(), Some("awaited"));
    assert_eq!(pool.spawn_task(|| 1).join().unwrap(), 1, "the pool lives on");
}

#[test]
fn a_task_that_runs_where_it_is_joined_keeps_its_panic_too() {
    let pool = pool_of(1);
    let error = pool.install(|| paceline::spawn_task(|| -> u8 { panic_any("here") }).join().unwrap_err());
    assert_eq!(error.message(), Some("here"));
}

#[test]
fn a_future_whose_drop_panics_gives_its_output() {
    struct Ready(#[expect(dead_code, reason = "it is dropped with the future")] Thorn);
    impl Future for Ready {
        type Output = u8;
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u8> {
            std::task::Poll::Ready(7)
        }
    }
    let pool = pool_of(1);
    let handle = pool.spawn_future(Ready(Thorn(1)));
    assert_eq!(with_watchdog(|| handle.join().unwrap()), 7);
    with_watchdog(move || pool.shutdown());
}

#[test]
fn polling_again_after_the_result_panics() {
    let pool = pool_of(1);
    let mut handle = pool.spawn_task(|| 42);
    assert_eq!(paceline::block_on(&mut handle).unwrap(), 42);
    let again = catch_unwind(AssertUnwindSafe(|| paceline::block_on(&mut handle).unwrap()));
    assert!(again.is_err());
}
