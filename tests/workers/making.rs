//! Making a pool: its size, what is refused, and what is left of a pool that could not be made.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use paceline::workers::{Order, WorkerPool};

use crate::gauge::Gauge;
use crate::with_watchdog;

#[test]
fn sizes_that_cannot_be_are_refused_by_name() {
    with_watchdog(|| {
        let refusal = |threads, capacity| {
            let builder = WorkerPool::builder().threads(threads).capacity(capacity);
            let error = builder.build(|_, _: u32| {}).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            error.to_string()
        };
        assert_eq!(refusal(0, 1), "threads must be at least 1");
        assert_eq!(refusal(1, 0), "capacity must be at least 1");
        assert_eq!(refusal(1, usize::MAX), "capacity must be at most 2^30");
        let error = WorkerPool::builder().name("a\0b").build(|_, _: u32| {}).expect_err("refused");
        assert_eq!(error.to_string(), "name must not contain NUL");
        let refused = WorkerPool::builder().threads(0).build_with_results(Order::Completion, |_, _: u32| {});
        assert_eq!(refused.expect_err("refused").to_string(), "threads must be at least 1");
    });
}

#[test]
fn the_defaults_are_the_processors() {
    with_watchdog(|| {
        let pool = WorkerPool::builder().build(|_, _: u32| {}).unwrap();
        let processors = thread::available_parallelism().map_or(1, |count| count.get());
        assert_eq!((pool.threads(), pool.capacity()), (processors, processors));
    });
}

#[test]
fn threads_are_named_by_index() {
    with_watchdog(|| {
        let work = |index: &mut usize, _: ()| (*index, thread::current().name().map(str::to_owned));
        let builder = WorkerPool::builder().threads(3).capacity(9).name("checker").init(|index| index);
        let (pool, results) = builder.build_with_results(Order::Completion, work).unwrap();
        for _ in 0..9 {
            pool.submit(()).unwrap();
        }
        drop(pool);
        for result in results {
            let (index, name) = result.unwrap();
            assert_eq!(name, Some(format!("checker-{index}")));
        }
    });
}

#[test]
fn all_states_are_there_when_build_returns() {
    with_watchdog(|| {
        let (made, gauge) = (Arc::new(AtomicUsize::new(0)), Gauge::default());
        // All wait for each other in init: so each index comes once, and on a thread of its own.
        let barrier = Barrier::new(8);
        let (counted, states) = (Arc::clone(&made), gauge.clone());
        let init = move |index: usize| {
            barrier.wait();
            counted.fetch_add(1 << (4 * index), Ordering::SeqCst);
            states.token()
        };
        let pool = WorkerPool::builder().threads(8).init(init).build(|_, _: u32| {}).unwrap();
        assert_eq!(made.load(Ordering::SeqCst), 0x1111_1111);
        assert_eq!(gauge.alive(), 8);
        drop(pool);
        assert_eq!(gauge.alive(), 0, "the states are dropped by the time the pool is");
    });
}

#[test]
fn a_panic_in_the_first_init_reaches_the_caller_and_nothing_is_left() {
    with_watchdog(|| {
        let (gauge, kept) = (Gauge::default(), Arc::new(()));
        let (states, captured) = (gauge.clone(), Arc::clone(&kept));
        let init = move |index: usize| {
            if index == 2 {
                std::panic::panic_any(index);
            }
            states.token()
        };
        let work = move |_: &mut _, _: u32| drop(Arc::clone(&captured));
        let builder = WorkerPool::builder().threads(4).init(init);
        let payload = catch_unwind(AssertUnwindSafe(|| builder.build(work))).expect_err("init panics");
        assert_eq!(payload.downcast_ref(), Some(&2_usize));
        assert_eq!(gauge.alive(), 0);
        assert_eq!(Arc::strong_count(&kept), 1, "the threads have ended, and what they held is dropped");
    });
}

/// No process has room for such a stack.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_thread_that_the_system_refuses_is_an_error_and_nothing_is_left() {
    with_watchdog(|| {
        let (calls, kept) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (counted, captured) = (Arc::clone(&calls), Arc::clone(&kept));
        let init = move |_: usize| counted.fetch_add(1, Ordering::SeqCst);
        let work = move |_: &mut usize, _: u32| drop(Arc::clone(&captured));
        let builder = WorkerPool::builder().threads(2).stack_size(1 << 47).init(init);
        let error = builder.build(work).expect_err("too large a stack");
        assert!(error.raw_os_error().is_some(), "{error}");
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        assert_eq!((Arc::strong_count(&calls), Arc::strong_count(&kept)), (1, 1));
    });
}
