//! `shutdown_now`: what has begun runs to its end, what a frame waits for runs, and nothing else does.

use crate::counted::{Count, Counted, Thorn};
use crate::futures::step_back;
use crate::gate::{Gate, receive};
use crate::watchdog::{pool_of, with_watchdog};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{Priority, ThreadPool};
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Returns once the pool of the calling job is being shut down: a task that the job joins does not begin any more.
fn until_shutdown() {
    while paceline::spawn_task(|| ()).join().is_ok() {
        std::thread::yield_now();
    }
}

/// A job for each thread of a pool of `threads`, which runs until the pool is shut down, and then `end`.
fn busy_pool(threads: usize, end: impl Fn() + Clone + Send + 'static) -> ThreadPool {
    let pool = pool_of(threads);
    let (begin, begun) = channel();
    for _ in 0..threads {
        let (begin, end) = (begin.clone(), end.clone());
        pool.spawn(move || {
            begin.send(()).unwrap();
            until_shutdown();
            end();
        });
    }
    (0..threads).for_each(|_| receive(&begun, "a job for each thread"));
    pool
}

/// A closure that counts its call, and holds a value that is counted.
fn counted_call(held: Counted, calls: &Arc<AtomicUsize>) -> impl FnOnce() + Send + 'static {
    let calls = Arc::clone(calls);
    move || {
        calls.fetch_add(1, SeqCst);
        drop(held);
    }
}

#[test]
fn what_has_not_begun_is_dropped_and_its_handles_say_so() {
    for threads in [1, 2, 5] {
        let (count, calls, ended) = (Count::default(), Arc::default(), Arc::new(AtomicUsize::new(0)));
        let end = Arc::clone(&ended);
        let pool = busy_pool(threads, move || _ = end.fetch_add(1, SeqCst));
        let call = || counted_call(count.one(), &calls);
        let mut handles = Vec::new();
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            pool.spawn_with(priority, call());
            handles.push(pool.spawn_task_with(priority, call()));
            let held = call();
            handles.push(pool.spawn_future_with(priority, async move { held() }));
        }
        pool.spawn_fifo(call());
        let each = Mutex::new(Some(call()));
        pool.spawn_broadcast(move |_| each.lock().unwrap().take().unwrap()());
        with_watchdog(move || pool.shutdown_now());
        assert_eq!(ended.load(SeqCst), threads, "jobs that have begun are waited for");
        assert_eq!(calls.load(SeqCst), 0);
        count.assert_balanced();
        for handle in handles {
            assert!(handle.is_finished());
            assert!(handle.join().unwrap_err().is_cancelled());
        }
    }
}

#[test]
fn a_pool_without_work_ends() {
    for threads in [1, 2, 7] {
        let pool = pool_of(threads);
        with_watchdog(move || pool.shutdown_now());
        let pool = pool_of(threads);
        let handle = pool.install(|| paceline::spawn_future(step_back()));
        // The list of those that wait is empty again.
        with_watchdog(|| handle.join()).unwrap();
        with_watchdog(move || pool.shutdown_now());
    }
}

#[test]
fn a_task_that_has_begun_gives_its_result() {
    let pool = pool_of(1);
    let (begin, begun) = channel();
    let handle = pool.spawn_task(move || {
        begin.send(()).unwrap();
        until_shutdown();
        42
    });
    receive(&begun, "the task");
    with_watchdog(move || pool.shutdown_now());
    assert_eq!(handle.join().unwrap(), 42);
}

/// Waits for a future to be polled once; it is never ready, and its waker goes to the returned receiver.
fn idle_future(pool: &ThreadPool, held: Counted) -> (paceline::JoinHandle<()>, Waker) {
    let (give, given) = channel();
    let future = pool.spawn_future(poll_fn(move |context| {
        let _held = &held;
        give.send(context.waker().clone()).unwrap();
        Poll::Pending
    }));
    let waker = receive(&given, "the first poll");
    (future, waker)
}

#[test]
fn futures_that_are_never_woken_are_dropped() {
    for threads in [1, 3] {
        let (pool, count) = (pool_of(threads), Count::default());
        let idle: Vec<_> = (0..20).map(|_| idle_future(&pool, count.one())).collect();
        // Detached ones too.
        let (detached, mut wakers): (Vec<_>, Vec<_>) = (0..20).map(|_| idle_future(&pool, count.one())).unzip();
        drop(detached);
        with_watchdog(move || pool.shutdown_now());
        count.assert_balanced();
        for (handle, waker) in idle {
            assert!(handle.join().unwrap_err().is_cancelled());
            wakers.push(waker);
        }
        // It is too late.
        wakers.iter().for_each(Waker::wake_by_ref);
        wakers.into_iter().for_each(Waker::wake);
    }
}

#[test]
fn a_future_that_is_woken_as_its_pool_ends_is_dropped() {
    let count = Count::default();
    let pool = busy_pool(1, || ());
    // Queued, but not polled; and woken by a task that is dropped.
    let (send, receive) = tokio::sync::oneshot::channel::<Counted>();
    let held = count.one();
    let waits = pool.spawn_future(async move {
        let _held = held;
        receive.await.is_ok()
    });
    let sent = count.one();
    let wakes = pool.spawn_task(move || drop(send.send(sent)));
    with_watchdog(move || pool.shutdown_now());
    assert!(waits.join().unwrap_err().is_cancelled() && wakes.join().unwrap_err().is_cancelled());
    count.assert_balanced();
}

#[test]
fn a_future_that_is_being_polled_ends_if_it_becomes_ready() {
    for is_ready in [true, false] {
        for is_woken in [true, false] {
            let (pool, count) = (pool_of(1), Count::default());
            let (begin, begun) = channel();
            let held = count.one();
            let handle = pool.spawn_future(poll_fn(move |context| {
                let _held = &held;
                begin.send(()).unwrap();
                until_shutdown();
                if is_woken {
                    context.waker().wake_by_ref();
                }
                if is_ready { Poll::Ready(42) } else { Poll::Pending }
            }));
            receive(&begun, "the poll");
            with_watchdog(move || pool.shutdown_now());
            let outcome = handle.join();
            if is_ready {
                assert_eq!(outcome.unwrap(), 42);
            } else {
                assert!(outcome.unwrap_err().is_cancelled());
            }
            assert_eq!(begun.try_iter().count(), 0, "it is polled once");
            count.assert_balanced();
        }
    }
}

#[test]
fn threads_and_futures_that_wait_for_handles_are_told() {
    let (pool, count) = (pool_of(2), Count::default());
    let (idle, _waker) = idle_future(&pool, count.one());
    let awaited = pool.spawn_future(pending::<()>());
    let nested = {
        let inner = pool.spawn_future(pending::<()>());
        pool.spawn_future(async move { inner.await.is_err() })
    };
    let joiner = std::thread::spawn(move || idle.join().unwrap_err().is_cancelled());
    let awaiter = std::thread::spawn(move || paceline::block_on(awaited).unwrap_err().is_cancelled());
    let elsewhere = pool_of(1);
    let worker = elsewhere.spawn_task(move || nested.join().unwrap_err().is_cancelled());
    with_watchdog(move || pool.shutdown_now());
    assert!(with_watchdog(move || joiner.join().unwrap() && awaiter.join().unwrap() && worker.join().unwrap()));
    count.assert_balanced();
}

#[test]
fn what_running_jobs_spawn_then_does_not_begin() {
    let (count, calls) = (Count::default(), Arc::default());
    let (tell, told) = channel();
    let (held, counted) = (count.clone(), Arc::clone(&calls));
    let pool = busy_pool(3, move || {
        let call = || counted_call(held.one(), &counted);
        paceline::spawn(call());
        paceline::spawn_fifo(call());
        drop(paceline::spawn_task(call()));
        let first = paceline::spawn_future(pending::<()>());
        let second = paceline::spawn_task(call());
        tell.send(first.join().unwrap_err().is_cancelled() && second.join().unwrap_err().is_cancelled()).unwrap();
    });
    with_watchdog(move || pool.shutdown_now());
    assert_eq!(told.iter().collect::<Vec<_>>(), [true; 3]);
    assert_eq!(calls.load(SeqCst), 0);
    count.assert_balanced();
}

#[test]
fn a_scope_in_flight_runs_all_its_jobs() {
    for threads in [1, 2, 4] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let pool = busy_pool(threads, move || {
            let call = || _ = counted.fetch_add(1, SeqCst);
            let result = paceline::scope(|s| {
                for _ in 0..10 {
                    s.spawn(|s| {
                        s.spawn(|_| call());
                        call();
                    });
                }
                s.spawn_task(|_| 42).join().unwrap()
            });
            assert_eq!(result, 42);
            assert_eq!((0..1000).into_par_iter().sum::<usize>(), 499_500);
            assert_eq!(paceline::join(|| 1, || 2), (1, 2));
            assert_eq!(paceline::broadcast(|_| call()).len(), paceline::current_num_threads());
        });
        with_watchdog(move || pool.shutdown_now());
        assert_eq!(calls.load(SeqCst), threads * (20 + threads));
    }
}

#[test]
fn jobs_of_a_scope_that_have_not_begun_do_begin() {
    let pool = pool_of(1);
    let (begin, begun) = channel();
    let task = pool.spawn_task(move || {
        let calls = AtomicUsize::new(0);
        let result = paceline::scope(|s| {
            // The pool's only thread is here.
            s.spawn(|_| _ = calls.fetch_add(1, SeqCst));
            let result = s.spawn_task(|_| calls.fetch_add(1, SeqCst));
            begin.send(()).unwrap();
            until_shutdown();
            result.join().is_ok()
        });
        (result, calls.into_inner())
    });
    receive(&begun, "the scope");
    with_watchdog(move || pool.shutdown_now());
    assert_eq!(task.join().unwrap(), (true, 2));
}

#[test]
fn destructors_that_panic_are_ignored() {
    let pool = busy_pool(1, || ());
    let thorn = Thorn(3);
    pool.spawn(move || drop(thorn));
    let thorn = Thorn(3);
    let task = pool.spawn_task(move || drop(thorn));
    let thorn = Thorn(3);
    let future = pool.spawn_future(async move { drop(thorn) });
    with_watchdog(move || pool.shutdown_now());
    assert!(task.join().unwrap_err().is_cancelled() && future.join().unwrap_err().is_cancelled());
}

#[test]
fn a_stream_that_another_thread_reads_goes_on() {
    for threads in [1, 3] {
        let pool = pool_of(threads);
        let (begin, begun) = channel();
        let map = move |n: usize| {
            if n == 0 {
                begin.send(()).unwrap();
                until_shutdown();
            }
            n
        };
        let stream = pool.install(|| (0..100).par_map_ordered(4, map));
        let reader = std::thread::spawn(move || stream.eq(0..100));
        receive(&begun, "the first item");
        with_watchdog(move || pool.shutdown_now());
        assert!(with_watchdog(|| reader.join().unwrap()));
    }
}

#[test]
fn a_thread_of_the_pool_that_was_one_before_drops_what_is_left() {
    with_watchdog(|| {
        let pool = paceline::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        let (count, calls) = (Count::default(), Arc::default());
        pool.spawn(counted_call(count.one(), &calls));
        let task = pool.spawn_task(counted_call(count.one(), &calls));
        let future = pool.spawn_future(pending::<()>());
        pool.shutdown_now();
        assert!(task.join().unwrap_err().is_cancelled() && future.join().unwrap_err().is_cancelled());
        assert_eq!(calls.load(SeqCst), 0);
        count.assert_balanced();
    });
}

#[test]
fn one_of_its_own_jobs_gets_a_panic_and_nothing_is_dropped() {
    let pool = Arc::new(pool_of(1));
    let (own, gate) = (Arc::clone(&pool), Arc::new(Gate::default()));
    let held = Arc::clone(&gate);
    let task = pool.spawn_task(move || {
        held.pass("the drop of the other handle");
        let queued = own.spawn_task(|| 42);
        let own = Arc::into_inner(own).expect("the last handle");
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| own.shutdown_now()));
        (panic.is_err(), queued.join().unwrap())
    });
    drop(pool);
    gate.open();
    assert_eq!(with_watchdog(|| task.join()).unwrap(), (true, 42));
}

/// Those that begin in time are done, the others are cancelled, and each is dropped once.
#[test]
fn every_handle_ends_whenever_the_pool_does() {
    const TASKS: usize = 200;
    for threads in [1, 2, 5] {
        let count = Count::default();
        let pool = pool_of(threads);
        let (give, given) = channel();
        let mut handles = Vec::new();
        for i in 0..TASKS {
            let held = count.one();
            handles.push(match i % 4 {
                0 => pool.spawn_task(move || drop(held)),
                1 => pool.spawn_future(async move {
                    let _held = held;
                    step_back().await;
                }),
                2 => pool.spawn_task(move || {
                    let _held = held;
                    _ = paceline::spawn_future(step_back()).join();
                }),
                _ => {
                    let (give, mut is_first) = (give.clone(), true);
                    pool.spawn_future(poll_fn(move |context| {
                        let _held = &held;
                        if std::mem::take(&mut is_first) {
                            give.send(context.waker().clone()).unwrap();
                            return Poll::Pending;
                        }
                        Poll::Ready(())
                    }))
                }
            });
        }
        drop(give);
        let waking = std::thread::spawn(move || given.iter().for_each(Waker::wake));
        with_watchdog(move || pool.shutdown_now());
        for handle in handles {
            assert!(handle.is_finished());
            assert!(handle.join().map_or_else(|error| error.is_cancelled(), |()| true));
        }
        with_watchdog(|| waking.join().unwrap());
        count.assert_balanced();
    }
}
