//! A child that is forked off on a thread of a pool goes on as a thread outside all pools, or is told; it never hangs.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::{Ended, end_of, exit, fork, in_child, tells_of_fork, told};
use paceline::prelude::*;
use paceline::workers::WorkerPool;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use std::thread;

/// A pool that lasts as long as the process: a child that is forked off on one of its threads must not reach for what is on
/// the stacks of other threads, which its own threads use again.
fn pool(threads: usize) -> &'static ThreadPool {
    Box::leak(Box::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap()))
}

fn sum() -> u64 {
    (0..10_000_u64).into_par_iter().sum()
}

const SUM: u64 = 49_995_000;

#[test]
fn the_child_is_outside_and_has_a_global_pool_of_its_own() {
    let pool = pool(2);
    let child = pool.install(|| {
        in_child(|| {
            let is_outside = paceline::current_thread_index().is_none() && paceline::yield_now().is_none();
            let (a, b) = paceline::join(sum, || paceline::scope(|_| sum()));
            i32::from(!is_outside || (a, b) != (SUM, SUM)) + told(|| pool.install(|| ()))
        })
    });
    assert_eq!((child, pool.install(sum)), (Ok(0), SUM));
}

/// Locks are held, forks stolen and latches opened all the while.
#[test]
fn a_child_forked_on_a_busy_pool_goes_on() {
    let pool = pool(4);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    pool.install(|| paceline::scope(|s| s.spawn(|_| _ = paceline::join(sum, sum))));
                }
            });
        }
        for _ in 0..100 {
            let child = pool.install(|| {
                in_child(|| {
                    for _ in 0..20 {
                        paceline::join(|| (), || paceline::scope(|s| s.spawn(|_| ())));
                    }
                    i32::from(sum() != SUM)
                })
            });
            assert_eq!(child, Ok(0));
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

/// Calls `f` on a worker of a pool of two with a closure that forks and says whether this is the child, and with another
/// that is to be called once on the other worker. In the child, what `f` gives is judged by `then`.
fn on_worker<R: Send>(
    f: impl FnOnce(&(dyn Fn() -> bool + Sync), &(dyn Fn() + Sync)) -> R + Send,
    then: impl FnOnce(thread::Result<R>) -> i32 + Send,
) -> Ended {
    let (begun, ended) = (Barrier::new(2), Barrier::new(2));
    let (parent, child) = (std::process::id(), AtomicUsize::new(0));
    let forks = || {
        begun.wait();
        let pid = fork();
        if let Some(pid) = pid {
            child.store(pid as usize, Ordering::Relaxed);
            ended.wait();
        }
        pid.is_none()
    };
    let meanwhile = || {
        begun.wait();
        ended.wait();
    };
    pool(2).install(|| {
        let outcome = catch_unwind(AssertUnwindSafe(|| f(&forks, &meanwhile)));
        if std::process::id() != parent {
            exit(then(outcome));
        }
    });
    end_of(child.into_inner() as i32)
}

#[test]
fn a_join_whose_other_half_was_stolen_tells() {
    let child = on_worker(
        |fork, meanwhile| paceline::join(|| _ = fork(), meanwhile),
        |outcome| i32::from(!outcome.is_err_and(|payload| tells_of_fork(&*payload))),
    );
    assert_eq!(child, Ok(0));
}

#[test]
fn a_panic_goes_through_a_join_whose_other_half_was_stolen() {
    let child = on_worker(
        |fork, meanwhile| {
            paceline::join(
                || {
                    if fork() {
                        panic_any(7)
                    }
                },
                meanwhile,
            )
        },
        |outcome| i32::from(!outcome.is_err_and(|payload| payload.downcast_ref() == Some(&7))),
    );
    assert_eq!(child, Ok(0));
}

#[test]
fn a_join_whose_other_half_is_still_there_runs_it() {
    let alone = pool(1).install(|| {
        let pid = AtomicUsize::new(0);
        let halves = paceline::join(|| pid.store(fork().unwrap_or(0) as usize, Ordering::Relaxed), sum);
        match pid.into_inner() {
            0 => exit(i32::from(halves != ((), SUM))),
            child => end_of(child as i32),
        }
    });
    assert_eq!(alone, Ok(0));
}

#[test]
fn a_scope_with_a_job_elsewhere_tells() {
    let child = on_worker(
        |fork, meanwhile| {
            paceline::scope(|s| {
                s.spawn(|_| meanwhile());
                fork();
            });
        },
        |outcome| i32::from(!outcome.is_err_and(|payload| tells_of_fork(&*payload))),
    );
    assert_eq!(child, Ok(0));
}

#[test]
fn a_worker_that_blocks_on_a_future_tells() {
    let child = on_worker(
        |fork, meanwhile| {
            let mut is_first = true;
            let future = std::future::poll_fn(|context| {
                if !std::mem::take(&mut is_first) {
                    return Poll::Ready(());
                }
                if !fork() {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            });
            paceline::join(|| paceline::block_on(future), meanwhile).0
        },
        |outcome| i32::from(!outcome.is_err_and(|payload| tells_of_fork(&*payload))),
    );
    assert_eq!(child, Ok(0));
}

#[test]
fn a_parallel_loop_ends_or_tells() {
    let pool = pool(2);
    for len in [1, 2, 10, 10_000] {
        let pid = AtomicUsize::new(0);
        let parent = std::process::id();
        pool.install(|| {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                (0..len).into_par_iter().for_each(|n| {
                    if n == len / 2 {
                        pid.store(fork().unwrap_or(0) as usize, Ordering::Relaxed);
                    }
                });
            }));
            if std::process::id() != parent {
                exit(i32::from(outcome.is_err_and(|payload| !tells_of_fork(&*payload))));
            }
        });
        let child = end_of(pid.into_inner() as i32);
        // Where the item was another worker's, the child has nowhere to go.
        assert!([Ok(0), Err(libc::SIGABRT)].contains(&child), "{len}: {child:?}");
    }
}

/// `start` has a job forked and tells of the child, which returns from the job.
fn end_of_job(start: impl FnOnce(Sender<i32>)) -> Ended {
    let (tell, told) = channel();
    start(tell);
    end_of(told.recv().unwrap())
}

/// Forks, and returns in both processes.
fn fork_in_job(tell: &Sender<i32>) {
    if let Some(child) = fork() {
        tell.send(child).unwrap();
    }
}

#[test]
fn a_child_cannot_return_from_a_job() {
    let pool = pool(2);
    type Start<'a> = Box<dyn Fn(Sender<i32>) + 'a>;
    let jobs: [(&str, Start<'_>); 11] = [
        ("install", Box::new(|tell| pool.install(|| fork_in_job(&tell)))),
        ("spawn", Box::new(|tell| pool.spawn(move || fork_in_job(&tell)))),
        ("spawn_fifo", Box::new(|tell| pool.spawn_fifo(move || fork_in_job(&tell)))),
        ("scope", Box::new(|tell| pool.in_place_scope(|s| s.spawn(|_| fork_in_job(&tell))))),
        ("a panic", {
            let pool = &pool;
            Box::new(move |tell| {
                pool.install(|| {
                    if let Some(child) = fork() {
                        return tell.send(child).unwrap();
                    }
                    panic_any(7);
                });
            })
        }),
        ("broadcast", {
            let pool = &pool;
            Box::new(move |tell| {
                pool.broadcast(|context| {
                    if context.index() == 1 {
                        fork_in_job(&tell)
                    }
                });
            })
        }),
        ("task", Box::new(|tell| drop(pool.spawn_task(move || fork_in_job(&tell))))),
        ("future", Box::new(|tell| drop(pool.spawn_future(async move { fork_in_job(&tell) })))),
        (
            "worker pool",
            Box::new(|tell| {
                let workers =
                    WorkerPool::builder().threads(1).build(|_, tell: Sender<i32>| fork_in_job(&tell)).unwrap();
                assert!(workers.submit(tell).is_ok());
                workers.shutdown().unwrap();
            }),
        ),
        (
            "build_scoped",
            Box::new(|tell| {
                let builder = ThreadPoolBuilder::new().num_threads(1);
                builder.build_scoped(|thread| thread.run(), |_| fork_in_job(&tell)).unwrap();
            }),
        ),
        (
            "start handler",
            Box::new(|tell| {
                let pool = ThreadPoolBuilder::new().num_threads(1).start_handler(move |_| fork_in_job(&tell));
                pool.build().unwrap().shutdown();
            }),
        ),
    ];
    for (what, job) in &jobs {
        assert_eq!(end_of_job(job), Err(libc::SIGABRT), "{what}");
    }
    assert_eq!(pool.install(sum), SUM, "the parent is as before");
}

#[test]
fn a_stolen_half_cannot_return() {
    let child = AtomicUsize::new(0);
    let begun = Barrier::new(2);
    pool(2).install(|| {
        let fork = || {
            begun.wait();
            child.store(fork().unwrap_or(0) as usize, Ordering::Relaxed);
        };
        paceline::join(|| _ = begun.wait(), fork);
    });
    assert_eq!(end_of(child.into_inner() as i32), Err(libc::SIGABRT));
}

#[test]
fn the_thread_of_use_current_thread_is_outside_in_the_child() {
    thread::spawn(|| {
        let pool = ThreadPoolBuilder::new().num_threads(2).use_current_thread().build().unwrap();
        assert_eq!(paceline::current_thread_index(), Some(0));
        let child = in_child(|| {
            let is_outside = paceline::current_thread_index().is_none();
            i32::from(!is_outside || sum() != SUM) + told(|| pool.install(|| ()))
        });
        assert_eq!((child, pool.install(sum)), (Ok(0), SUM));
    })
    .join()
    .unwrap();
}

/// The iterator is asked beneath a lock of ours.
#[test]
fn a_fork_beneath_par_bridge_ends_or_tells() {
    let pool = pool(2);
    let parent = std::process::id();
    let child = AtomicUsize::new(0);
    pool.install(|| {
        let items = (0..100).inspect(|&n| {
            if n == 50 {
                child.store(fork().unwrap_or(0) as usize, Ordering::Relaxed);
            }
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| items.par_bridge().map(|n| n + 1).sum::<u64>()));
        if std::process::id() != parent {
            exit(i32::from(outcome.is_err_and(|payload| !tells_of_fork(&*payload))));
        }
        assert_eq!(outcome.unwrap(), 5050);
    });
    let child = end_of(child.into_inner() as i32);
    assert!([Ok(0), Err(libc::SIGABRT)].contains(&child), "{child:?}");
}
