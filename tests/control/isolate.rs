//! What the thread that calls `isolate` runs while the call waits.

use crate::gate::{Gate, receive};
use crate::in_time::in_time;
use crate::pools::pool_of;
use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder, Yield, isolate, join, scope, spawn, yield_now};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

thread_local! {
    /// Whether the thread has a call open that runs nothing else, or so it hopes.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f`, and tells every other job that this thread runs meanwhile.
fn inside<R>(f: impl FnOnce() -> R) -> R {
    assert!(!INSIDE.replace(true));
    let result = f();
    INSIDE.set(false);
    result
}

const ITEMS: u32 = 48;
const INNER: u32 = 300;

/// A loop that locks a mutex in each item across another loop; and how often an item was begun on a thread that was
/// within one already.
fn loops_within_a_lock() -> (u32, usize) {
    let (total, nested) = (Mutex::new(0), AtomicUsize::new(0));
    (0..ITEMS).into_par_iter().with_max_len(1).for_each(|_| {
        if INSIDE.get() {
            nested.fetch_add(1, Ordering::Relaxed);
            return;
        }
        inside(|| {
            isolate(|| {
                let mut total = total.lock().unwrap();
                *total += (0..INNER).into_par_iter().with_max_len(7).map(|n| n ^ 1).sum::<u32>();
            });
        });
    });
    (total.into_inner().unwrap(), nested.into_inner())
}

const ALL: (u32, usize) = (ITEMS * (INNER * (INNER - 1) / 2), 0);

#[test]
fn a_lock_held_across_a_loop_within_a_loop_never_blocks_its_own_thread() {
    for threads in [1, 2, 8] {
        let results = in_time("a loop within a lock", move || {
            let pool = pool_of(threads);
            (0..50).map(|_| pool.install(loops_within_a_lock)).collect::<Vec<_>>()
        });
        assert!(results.iter().all(|&result| result == ALL), "{threads} threads: {results:?}");
    }
}

#[test]
fn nor_does_it_from_outside_in_the_global_pool() {
    let callers = (0..3).map(|_| {
        let rounds = || (0..30).map(|_| loops_within_a_lock()).collect::<Vec<_>>();
        std::thread::spawn(move || in_time("a loop within a lock", rounds))
    });
    for caller in callers.collect::<Vec<_>>() {
        let results = caller.join().unwrap();
        assert!(results.iter().all(|&result| result == ALL), "{results:?}");
    }
}

/// A job of the scope blocks another thread, and meanwhile the scope's own waits. Only then may the job go on, when a
/// stranger's has run: says whether that ran within the wait.
fn stranger_runs_inside(pool: &ThreadPool, call: impl FnOnce(&mut (dyn FnMut() + Send)) + Send) -> bool {
    let (begun, stranger) = (Arc::new(Gate::default()), Arc::new(Gate::default()));
    let (tell, told) = channel();
    let mut body = || {
        inside(|| {
            scope(|s| {
                s.spawn(|_| {
                    begun.open();
                    stranger.pass("the stranger's job");
                });
                begun.pass("the job of the scope");
                let (tell, stranger) = (tell.clone(), Arc::clone(&stranger));
                spawn(move || {
                    tell.send(INSIDE.get()).unwrap();
                    stranger.open();
                });
            });
        });
    };
    pool.install(|| call(&mut body));
    receive(&told, "what the stranger saw")
}

#[test]
fn a_thread_that_waits_leaves_strangers_jobs_to_one_that_takes_its_place() {
    // Of two threads one is blocked, so it is a third or nobody.
    for _ in 0..100 {
        assert!(!stranger_runs_inside(&pool_of(2), |body| body()));
    }
}

#[test]
fn it_runs_them_where_no_thread_can_take_its_place() {
    let pool = ThreadPoolBuilder::new().num_threads(2).max_blocking_threads(0).build().unwrap();
    assert!(stranger_runs_inside(&pool, |body| body()));
}

#[test]
fn in_an_isolated_call_it_leaves_them_to_other_workers() {
    // A third is there to run it.
    let pool = pool_of(3);
    for _ in 0..100 {
        assert!(!stranger_runs_inside(&pool, |body| isolate(body)));
    }
}

#[test]
fn a_stranger_that_nobody_else_can_run_waits_for_the_isolated_call() {
    let pool = pool_of(2);
    for _ in 0..100 {
        let (begun, spawned) = (Gate::default(), Gate::default());
        let (tell, told) = channel();
        pool.install(|| {
            inside(|| {
                isolate(|| {
                    scope(|s| {
                        s.spawn(|_| {
                            begun.open();
                            spawned.pass("the stranger's spawn");
                            // Time for the other thread to wait, and to come upon the stranger.
                            (0..100).for_each(|_| std::thread::yield_now());
                        });
                        begun.pass("the job of the scope");
                        spawn(move || tell.send(INSIDE.get()).unwrap());
                        spawned.open();
                    });
                });
            });
        });
        assert!(!receive(&told, "what the stranger saw"));
    }
}

#[test]
fn an_isolated_thread_yields_to_its_own_work_alone() {
    let ran = Arc::new(AtomicUsize::new(0));
    let count = |ran: &Arc<AtomicUsize>| {
        let ran = Arc::clone(ran);
        move || {
            ran.fetch_add(1, Ordering::Relaxed);
        }
    };
    pool_of(1).install(|| {
        spawn(count(&ran));
        isolate(|| {
            spawn(count(&ran));
            assert_eq!(yield_now(), Some(Yield::Idle));
            scope(|s| {
                s.spawn(|_| ());
                isolate(|| assert_eq!(yield_now(), Some(Yield::Idle), "it is of the outer call"));
                assert_eq!(yield_now(), Some(Yield::Executed));
                assert_eq!(yield_now(), Some(Yield::Idle));
            });
            assert_eq!(join(|| 1, || 2), (1, 2));
        });
        assert_eq!(ran.load(Ordering::Relaxed), 0);
        assert_eq!(yield_now(), Some(Yield::Executed));
        assert_eq!(yield_now(), Some(Yield::Executed));
        assert_eq!(ran.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_panic_ends_the_isolation() {
    let pool = pool_of(1);
    let payload = pool.install(|| {
        let payload = catch_unwind(|| isolate(|| join(|| panic!("on purpose"), || isolate(|| ())))).unwrap_err();
        spawn(|| ());
        assert_eq!(yield_now(), Some(Yield::Executed));
        payload
    });
    assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    let payload = catch_unwind(AssertUnwindSafe(|| isolate(|| pool.install(|| panic!("outside"))))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"outside"));
    pool.install(|| {
        spawn(|| ());
        assert_eq!(yield_now(), Some(Yield::Executed));
    });
}

#[test]
fn everything_parallel_runs_in_an_isolated_call() {
    for threads in [1, 2, 8] {
        in_time("all kinds of calls", move || {
            let pool = pool_of(threads);
            let other = pool_of(1);
            for _ in 0..20 {
                let sum = pool.install(|| isolate(|| all_kinds(&pool, &other)));
                assert_eq!(sum, isolate(|| pool.install(|| all_kinds(&pool, &other))));
                assert_eq!(sum, 45 + 3 + 10 + 10 + threads + 7 + 11);
            }
        });
    }
}

fn all_kinds(pool: &ThreadPool, other: &ThreadPool) -> usize {
    let (count, ordered) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let sum: usize = (0..10).into_par_iter().sum();
    let (a, b) = join(|| isolate(|| 1), || isolate(|| 2));
    scope(|s| {
        (0..10).for_each(|_| {
            s.spawn(|s| {
                s.spawn(|_| {
                    count.fetch_add(1, Ordering::Relaxed);
                })
            })
        })
    });
    paceline::scope_fifo(|s| {
        let ordered = &ordered;
        (0..10).for_each(|i| s.spawn_fifo(move |_| ordered.lock().unwrap().push(i)));
    });
    let ordered = ordered.into_inner().unwrap();
    let everywhere = paceline::broadcast(|context| context.index()).len();
    // There and back: the one thread there waits for this pool, and this thread for that one.
    let there_and_back = other.install(|| pool.install(|| join(|| 3, || 4)));
    let mut elsewhere = 0;
    other.in_place_scope(|s| s.spawn(|_| elsewhere = 11));
    sum + a + b + count.into_inner() + ordered.len() + everywhere + there_and_back.0 + there_and_back.1 + elsewhere
}

#[test]
fn the_fork_around_an_isolated_call_is_there_for_others_to_take() {
    let pool = pool_of(2);
    for _ in 0..50 {
        let taken = Gate::default();
        let (first, second) = pool.install(|| {
            join(
                || {
                    isolate(|| taken.pass("the second half, on another thread"));
                    paceline::current_thread_index()
                },
                || {
                    taken.open();
                    paceline::current_thread_index()
                },
            )
        });
        assert_ne!(first, second);
    }
}

#[test]
fn a_broadcast_from_elsewhere_waits_for_the_isolated_call() {
    let (ran, pool) = (Arc::new(AtomicUsize::new(0)), pool_of(1));
    pool.install(|| {
        let there = Arc::clone(&ran);
        paceline::spawn_broadcast(move |_| {
            there.fetch_add(1, Ordering::Relaxed);
        });
        isolate(|| {
            assert_eq!(paceline::broadcast(|_| ran.load(Ordering::Relaxed)), [0]);
            assert_eq!(yield_now(), Some(Yield::Idle));
        });
        assert_eq!(ran.load(Ordering::Relaxed), 0);
        assert_eq!(yield_now(), Some(Yield::Executed));
    });
    assert_eq!(ran.load(Ordering::Relaxed), 1);
}

#[test]
fn an_isolated_call_is_where_its_caller_is() {
    let place = || (paceline::current_thread_index(), paceline::current_num_threads(), std::thread::current().id());
    pool_of(3).install(|| assert_eq!(place(), isolate(place)));
    assert_eq!(place().2, isolate(place).2);
    assert_eq!(isolate(paceline::current_thread_index), None);
    let borrowed = String::from("no Send, no 'static");
    let here: std::rc::Rc<str> = isolate(|| borrowed.as_str().into());
    assert_eq!(&*here, borrowed);
}
