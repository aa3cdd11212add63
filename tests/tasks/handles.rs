//! `spawn_task` and `join`, from wherever.

use crate::watchdog::{WATCHDOG, held_pool, pool_of, with_watchdog};
use paceline::{JoinHandle, spawn_task};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn a_result_comes_back_to_an_outsider() {
    assert_eq!(with_watchdog(|| spawn_task(|| String::from("done")).join().unwrap()), "done");
    let pool = pool_of(2);
    assert_eq!(with_watchdog(move || pool.spawn_task(|| 42).join().unwrap()), 42);
}

#[test]
fn a_task_runs_in_the_pool_it_was_spawned_into() {
    let pool = pool_of(3);
    assert_eq!(pool.spawn_task(paceline::current_num_threads).join().unwrap(), 3);
    let inner = pool.install(|| spawn_task(paceline::current_num_threads));
    assert_eq!(inner.join().unwrap(), 3);
}

#[test]
fn on_the_only_worker_join_runs_what_has_not_begun() {
    let pool = pool_of(1);
    let order = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&order);
    with_watchdog(move || {
        pool.install(|| {
            let note = |i| {
                let notes = Arc::clone(&notes);
                spawn_task(move || notes.lock().unwrap().push(i))
            };
            let handles = [note(0), note(1), note(2)];
            for handle in handles {
                handle.join().unwrap();
            }
        });
    });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
}

#[test]
fn join_on_a_worker_runs_the_task_on_the_same_thread() {
    let pool = pool_of(1);
    pool.install(|| {
        let here = thread::current().id();
        assert_eq!(spawn_task(|| thread::current().id()).join().unwrap(), here);
    });
}

#[test]
fn a_worker_of_another_pool_waits_and_does_not_run_it() {
    let (one, other) = (pool_of(1), pool_of(1));
    let name = |pool: &paceline::ThreadPool| pool.install(|| thread::current().id());
    let (here, there) = (name(&one), name(&other));
    assert_ne!(here, there);
    let handle = other.spawn_task(|| thread::current().id());
    assert_eq!(with_watchdog(move || one.install(|| handle.join().unwrap())), there);
}

#[test]
fn a_worker_that_waits_works_on_others() {
    let pool = pool_of(2);
    with_watchdog(move || {
        pool.install(|| {
            let (begun, has_begun) = channel();
            let (go, may_go) = channel::<()>();
            // Begun by the other worker, which it keeps, so that all else is for this one.
            let long = spawn_task(move || {
                begun.send(()).unwrap();
                may_go.recv_timeout(WATCHDOG).unwrap();
                1
            });
            has_begun.recv_timeout(WATCHDOG).unwrap();
            paceline::spawn(move || go.send(()).unwrap());
            assert_eq!(long.join().unwrap(), 1);
        });
    });
}

#[test]
fn two_pools_join_each_other() {
    let (one, other) = (Arc::new(pool_of(1)), Arc::new(pool_of(1)));
    let sum = with_watchdog(move || {
        let back = Arc::clone(&one);
        let handle = one.spawn_task(move || {
            let there = other.spawn_task(move || back.spawn_task(|| 1).join().unwrap() + 1);
            there.join().unwrap() + 1
        });
        handle.join().unwrap()
    });
    assert_eq!(sum, 3);
}

#[test]
fn is_finished_tells_before_and_after() {
    let (pool, release) = held_pool();
    let handle = pool.spawn_task(|| ());
    assert!(!handle.is_finished());
    drop(release);
    let (tell, told) = channel();
    pool.spawn(move || tell.send(()).unwrap());
    // The only worker takes them in their order.
    told.recv_timeout(WATCHDOG).unwrap();
    assert!(handle.is_finished());
    handle.join().unwrap();
}

#[test]
fn handles_move_across_threads() {
    let pool = Arc::new(pool_of(2));
    let handle = pool.spawn_task(|| 5);
    let moved = thread::spawn(move || handle.join().unwrap());
    assert_eq!(moved.join().unwrap(), 5);
    let handle = pool.spawn_task(|| 6);
    let inside = pool.spawn_task(move || handle.join().unwrap() + 1);
    assert_eq!(with_watchdog(move || inside.join().unwrap()), 7);
}

#[test]
fn a_chain_of_tasks_each_joining_the_one_before_needs_one_worker() {
    let pool = pool_of(1);
    let sum = with_watchdog(move || {
        pool.install(|| {
            let mut last: JoinHandle<u32> = spawn_task(|| 0);
            for _ in 0..50 {
                let before = last;
                last = spawn_task(move || before.join().unwrap() + 1);
            }
            last.join().unwrap()
        })
    });
    assert_eq!(sum, 50);
}

#[test]
fn handles_and_adaptors_have_the_auto_traits_that_users_need() {
    fn is_send_and_sync<T: Send + Sync + Unpin + std::fmt::Debug>() {}
    is_send_and_sync::<JoinHandle<std::cell::Cell<u8>>>();
    is_send_and_sync::<paceline::CancelOnDrop<String>>();
    is_send_and_sync::<paceline::ScopedJoinHandle<'static, String>>();
    let handle = spawn_task(|| 1);
    assert!(format!("{handle:?}").starts_with("JoinHandle"));
    assert_eq!(handle.join().unwrap(), 1);
}
