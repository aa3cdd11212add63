//! Where `blocking` may be called, and what its closure and the work around it see.

use crate::gate::receive;
use crate::in_time::in_time;
use crate::{SIZES, fib, pool_of};
use paceline::prelude::*;
use paceline::{ThreadPoolBuilder, WorkerLocal, blocking, current_thread_index};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex};
use std::thread;

#[test]
fn outside_of_pools_it_is_a_plain_call() {
    let here = thread::current().id();
    assert_eq!(blocking(|| thread::current().id()), here);
    assert_eq!(blocking(current_thread_index), None);
}

#[test]
fn the_closure_stays_on_its_thread_which_is_no_worker_meanwhile() {
    in_time("the call", || {
        let pool = pool_of(2);
        pool.install(|| {
            let (here, index) = (thread::current().id(), current_thread_index());
            assert!(index.is_some());
            assert_eq!(blocking(|| (thread::current().id(), current_thread_index())), (here, None));
            assert_eq!((thread::current().id(), current_thread_index()), (here, index));
        });
    });
}

#[test]
fn a_panic_goes_on_when_the_worker_is_the_callers_again() {
    for threads in SIZES {
        in_time("the panic", move || {
            let pool = pool_of(threads);
            let payload = pool.install(|| {
                let index = current_thread_index();
                let caught = catch_unwind(AssertUnwindSafe(|| blocking(|| panic!("no such file"))));
                assert_eq!(current_thread_index(), index);
                assert_eq!(fib(12), 144);
                caught.unwrap_err()
            });
            assert_eq!(payload.downcast_ref(), Some(&"no such file"));
            let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(|| blocking(|| panic!("nor this")))));
            assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"nor this"));
            pool.shutdown();
        });
    }
}

#[test]
fn both_halves_of_a_join_may_block_for_each_other() {
    for threads in SIZES {
        in_time("the join", move || {
            let pool = pool_of(threads);
            let (tell_b, told_b) = channel();
            let (tell_a, told_a) = channel();
            let (a, b) = pool.join(
                move || {
                    tell_b.send(1).unwrap();
                    blocking(move || told_a.recv().unwrap())
                },
                move || {
                    let b: i32 = blocking(move || told_b.recv().unwrap());
                    tell_a.send(2).unwrap();
                    b
                },
            );
            assert_eq!((a, b), (2, 1));
        });
    }
}

#[test]
fn forks_around_a_blocked_call_are_run_once() {
    fn tree(depth: u32, ran: &AtomicUsize) {
        ran.fetch_add(1, SeqCst);
        if depth > 0 {
            paceline::join(
                || {
                    tree(depth - 1, ran);
                    blocking(|| ran.load(SeqCst));
                },
                || tree(depth - 1, ran),
            );
        }
    }
    for threads in SIZES {
        in_time("the tree", move || {
            let (pool, ran) = (pool_of(threads), AtomicUsize::new(0));
            pool.install(|| tree(7, &ran));
            assert_eq!(ran.load(SeqCst), 255);
        });
    }
}

#[test]
fn all_items_of_a_parallel_iterator_may_block_at_a_time() {
    for threads in SIZES {
        in_time("the loop", move || {
            let pool = pool_of(threads);
            // A barrier for twenty, which a pool of fewer threads could never pass.
            let (present, all) = (Mutex::new(0), Condvar::new());
            let sum: usize = pool.install(|| {
                (0..20_usize)
                    .into_par_iter()
                    .with_max_len(1)
                    .map(|i| {
                        blocking(|| {
                            let mut present = present.lock().unwrap();
                            *present += 1;
                            all.notify_all();
                            drop(all.wait_while(present, |present| *present < 20).unwrap());
                        });
                        i
                    })
                    .sum()
            });
            assert_eq!(sum, 190);
        });
    }
}

#[test]
fn a_blocking_iterator_beneath_a_bridge_is_no_trap() {
    for threads in SIZES {
        in_time("the bridge", move || {
            let pool = pool_of(threads);
            let (tell, told) = channel();
            let source = thread::spawn(move || (0..500_u64).for_each(|i| tell.send(i).unwrap()));
            let items = std::iter::from_fn(move || blocking(|| told.recv().ok()));
            let sum: u64 = pool.install(|| items.par_bridge().map(|i| blocking(|| i)).sum());
            assert_eq!(sum, 500 * 499 / 2);
            source.join().unwrap();
        });
    }
}

#[test]
fn an_isolated_call_that_blocks_lets_no_stranger_in() {
    for threads in SIZES {
        in_time("the isolated call", move || {
            let pool = pool_of(threads);
            let lock = Mutex::new(0_u64);
            pool.scope(|s| {
                for _ in 0..30 {
                    s.spawn(|_| {
                        // Held across the call, and waited for by the others outside of it.
                        paceline::isolate(|| {
                            let mut total = lock.lock().unwrap();
                            assert!(blocking(current_thread_index).is_some(), "it runs in place");
                            *total += fib(8);
                        });
                    });
                }
            });
            assert_eq!(lock.into_inner().unwrap(), 30 * 21);
        });
    }
}

#[test]
fn a_broadcast_reaches_a_worker_whose_thread_blocks() {
    for threads in SIZES {
        in_time("the broadcast", move || {
            let pool = pool_of(threads);
            let (tell, told) = channel::<()>();
            let (begin, begun) = channel();
            pool.spawn(move || {
                blocking(move || {
                    begin.send(()).unwrap();
                    told.recv().unwrap();
                });
            });
            receive(&begun, "the blocked call");
            let indices: Vec<_> = pool.broadcast(|context| context.index());
            assert_eq!(indices, (0..threads).collect::<Vec<_>>());
            tell.send(()).unwrap();
            pool.shutdown();
        });
    }
}

#[test]
fn the_closure_may_call_into_pools_its_own_among_them() {
    in_time("the calls", || {
        let (pool, other) = (pool_of(1), pool_of(1));
        let (here, there, global) =
            pool.install(|| blocking(|| (pool.install(|| fib(10)), other.install(|| blocking(|| fib(11))), fib(12))));
        assert_eq!((here, there, global), (55, 89, 144));
        let task = pool.install(|| paceline::spawn_task(|| blocking(|| 7)));
        assert_eq!(task.join().unwrap(), 7);
        assert_eq!(pool.install(|| paceline::spawn_task(|| blocking(|| 8)).join().unwrap()), 8);
    });
}

#[test]
fn a_workers_value_in_use_is_not_given_to_the_thread_in_its_place() {
    in_time("the value", || {
        let pool = pool_of(1);
        let local = pool.install(|| WorkerLocal::new(|| 0));
        let (tell, told) = channel();
        pool.scope(|s| {
            let local = &local;
            s.spawn(move |s| {
                local.with_mut(|value| {
                    s.spawn(move |_| {
                        let refused = catch_unwind(AssertUnwindSafe(|| local.with_mut(|value| *value += 10)));
                        assert!(refused.unwrap_err().downcast_ref::<&str>().unwrap().contains("in use"));
                        tell.send(()).unwrap();
                    });
                    blocking(|| told.recv().unwrap());
                    *value += 1;
                });
            });
        });
        assert_eq!(local.into_iter().collect::<Vec<_>>(), [1]);
    });
}

#[test]
fn an_external_caller_blocks_in_place() {
    in_time("the external caller", || {
        let here = thread::current().id();
        let as_external_caller = || {
            paceline::scope(|_| {
                (thread::current().id() == here).then(|| (current_thread_index(), blocking(current_thread_index)))
            })
        };
        // When no worker sleeps the call is handed over.
        let (around, within) = std::iter::from_fn(|| Some(as_external_caller())).flatten().next().unwrap();
        assert!(around.is_some());
        assert_eq!(around, within);
    });
}

#[test]
fn a_thread_that_was_there_before_its_pool_blocks_in_place() {
    in_time("the adopted thread", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        assert_eq!(blocking(current_thread_index), Some(0));
        assert_eq!(pool.install(|| blocking(current_thread_index)), Some(0));
        assert_eq!(pool.scope(|_| paceline::join(|| blocking(current_thread_index), || ()).0), Some(0));
    });
}

#[test]
fn threads_that_a_spawn_handler_started_block_in_place() {
    in_time("the handler's pool", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).spawn_handler(|thread| {
            thread::spawn(|| thread.run());
            Ok(())
        });
        let pool = pool.build().unwrap();
        assert_eq!(pool.install(|| blocking(current_thread_index)), Some(0));
        pool.shutdown();
    });
}
