//! What a task's error says, and that a program can pass it on.

use crate::watchdog::with_watchdog;
use paceline::{JoinHandle, TaskError, ThreadPool, ThreadPoolBuilder};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

fn named_pool() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(1).thread_name(|index| format!("oven-{index}")).build().unwrap()
}

fn error_of(pool: &ThreadPool, func: impl FnOnce() + Send + 'static) -> TaskError {
    let handle = pool.spawn_task(func);
    with_watchdog(|| handle.join()).unwrap_err()
}

fn cancelled() -> TaskError {
    let handle = paceline::spawn_future(std::future::pending::<()>());
    handle.cancel();
    with_watchdog(|| handle.join()).unwrap_err()
}

#[test]
fn the_question_mark_passes_it_on() {
    fn boxed(handle: JoinHandle<u8>) -> Result<u8, Box<dyn Error + Send + Sync + 'static>> {
        Ok(handle.join()?)
    }
    fn io(handle: JoinHandle<u8>) -> std::io::Result<u8> {
        handle.join().map_err(std::io::Error::other)
    }
    let pool = named_pool();
    assert_eq!(boxed(pool.spawn_task(|| 7)).unwrap(), 7);
    let error = boxed(pool.spawn_task(|| panic!("burnt"))).unwrap_err();
    assert!(error.downcast_ref::<TaskError>().unwrap().is_panic());
    assert!(error.source().is_none());
    let error = io(pool.spawn_task(|| panic!("burnt"))).unwrap_err();
    assert_eq!(error.to_string(), "the task panicked on thread `oven-0`: burnt");
}

#[test]
fn a_panic_names_its_message_and_its_thread() {
    let pool = named_pool();
    let error = error_of(&pool, || panic!("{} loaves", 3));
    assert!(error.is_panic() && !error.is_cancelled());
    assert_eq!((error.message(), error.thread_name()), (Some("3 loaves"), Some("oven-0")));
    assert_eq!(error.to_string(), "the task panicked on thread `oven-0`: 3 loaves");
    assert!(format!("{error:?}").contains("3 loaves"), "as `unwrap` prints it: {error:?}");

    let error = error_of(&pool, || panic_any(3_u8));
    assert_eq!(error.message(), None);
    assert_eq!(error.to_string(), "the task panicked on thread `oven-0`, with a payload that is no text");
    assert_eq!(error.into_panic().downcast_ref(), Some(&3_u8));
}

#[test]
fn a_cancellation_is_told_from_a_panic() {
    let error = cancelled();
    assert!(error.is_cancelled() && !error.is_panic());
    assert_eq!((error.message(), error.thread_name()), (None, None));
    assert_eq!(error.to_string(), "the task was cancelled");
    assert_eq!(format!("{error:?}"), "Cancelled");
    assert!(error.try_into_panic().unwrap_err().is_cancelled());
}

#[test]
fn a_panic_goes_on_where_it_is_resumed() {
    let error = error_of(&named_pool(), || panic_any(7_u8));
    let payload = catch_unwind(AssertUnwindSafe(|| error.resume())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&7_u8));

    let payload = catch_unwind(|| cancelled().resume()).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "the task was cancelled");
}

#[test]
fn the_payload_of_an_error_that_is_dropped_may_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the payload's destructor");
        }
    }
    drop(error_of(&named_pool(), || panic_any(Bomb)));
}
