//! In which order those who share a worker come back to it.

use crate::gate::receive;
use crate::in_time::in_time;
use crate::{SIZES, fib, pool_of};
use paceline::blocking;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

/// Jobs that each wait for the one before (or, backwards, after) it in its turn, once all of them block.
fn chain(threads: usize, order: impl Iterator<Item = usize>) {
    const JOBS: usize = 12;
    let pool = pool_of(threads);
    let (mut tellers, asked): (Vec<_>, Vec<_>) = (0..JOBS).map(|_| channel()).unzip();
    let (begin, begun) = channel();
    let (end, ended) = channel();
    let order: Vec<usize> = order.collect();
    let first = tellers[order[0]].clone();
    let mut next = vec![None; JOBS];
    for pair in order.windows(2) {
        next[pair[0]] = Some(tellers[pair[1]].clone());
    }
    tellers.clear();
    for (i, (asked, next)) in asked.into_iter().zip(next).enumerate() {
        let (begin, end) = (begin.clone(), end.clone());
        pool.spawn(move || {
            blocking(|| {
                begin.send(()).unwrap();
                asked.recv().unwrap();
            });
            // Only from here on can the next one go on.
            match next {
                Some(next) => next.send(()).unwrap(),
                None => end.send(i).unwrap(),
            }
        });
    }
    for _ in 0..JOBS {
        receive(&begun, "the beginning of a blocked call");
    }
    first.send(()).unwrap();
    assert_eq!(receive(&ended, "the end of the chain"), *order.last().unwrap());
    pool.shutdown();
}

#[test]
fn the_first_to_block_comes_back_first_though_the_others_still_block() {
    for threads in SIZES {
        in_time("the chain", move || chain(threads, 0..12));
    }
}

#[test]
fn the_last_to_block_comes_back_first_though_the_others_still_block() {
    for threads in SIZES {
        in_time("the chain", move || chain(threads, (0..12).rev()));
    }
}

#[test]
fn they_come_back_in_any_order() {
    for threads in SIZES {
        in_time("the chain", move || chain(threads, (0..12).map(|i| i * 5 % 12)));
    }
}

#[test]
fn whoever_waits_lets_those_go_on_for_whom_it_waits() {
    for threads in SIZES {
        in_time("scopes upon scopes", move || {
            let pool = pool_of(threads);
            let (to_third, from_first) = channel();
            let (to_first, from_second) = channel();
            let (to_second, from_last) = channel();
            let done = AtomicUsize::new(0);
            let done = &done;
            pool.scope(|s| {
                s.spawn(move |_| {
                    // Comes back last, while the outer scope waits.
                    blocking(move || from_first.recv().unwrap());
                    done.fetch_add(fib(10) as usize, SeqCst);
                });
                s.spawn(move |_| {
                    paceline::scope(|s| {
                        s.spawn(move |_| {
                            blocking(move || from_second.recv().unwrap());
                            to_third.send(()).unwrap();
                            done.fetch_add(fib(10) as usize, SeqCst);
                        });
                        s.spawn(move |_| {
                            blocking(move || from_last.recv().unwrap());
                            to_first.send(()).unwrap();
                            done.fetch_add(fib(10) as usize, SeqCst);
                        });
                    });
                });
                s.spawn(move |_| to_second.send(()).unwrap());
            });
            assert_eq!(done.load(SeqCst), 3 * 55);
            pool.shutdown();
        });
    }
}

#[test]
fn a_lock_that_is_taken_by_a_blocking_call_goes_from_job_to_job() {
    for threads in SIZES {
        in_time("the lock", move || {
            let pool = pool_of(threads);
            let total = Mutex::new(0);
            pool.scope(|s| {
                for _ in 0..50 {
                    s.spawn(|_| {
                        let mut total = blocking(|| total.lock().unwrap());
                        *total += fib(8);
                    });
                }
            });
            assert_eq!(total.into_inner().unwrap(), 50 * 21);
        });
    }
}

#[test]
fn a_job_that_yields_lets_a_blocked_one_come_back() {
    for local in [false, true] {
        in_time("the poll", move || {
            let pool = pool_of(1);
            let (tell, told) = channel();
            let is_back = Arc::new(AtomicBool::new(false));
            let came_back = Arc::clone(&is_back);
            pool.spawn(move || {
                blocking(move || told.recv().unwrap());
                came_back.store(true, SeqCst);
            });
            pool.install(|| {
                tell.send(()).unwrap();
                while !is_back.load(SeqCst) {
                    if local {
                        paceline::yield_local()
                    } else {
                        paceline::yield_now()
                    };
                }
            });
            pool.shutdown();
        });
    }
}

#[test]
fn afterwards_the_pools_own_threads_are_the_ones_at_work() {
    for threads in SIZES {
        in_time("the broadcast", move || {
            let pool = pool_of(threads);
            let ids = || pool.broadcast(|_| thread::current().id());
            let before = ids();
            let (end, ended) = channel();
            for _ in 0..10 {
                let (jobs, end) = (Arc::new(Barrier::new(6)), end.clone());
                for _ in 0..6 {
                    let (jobs, end) = (Arc::clone(&jobs), end.clone());
                    pool.spawn(move || {
                        blocking(|| _ = jobs.wait());
                        end.send(()).unwrap();
                    });
                }
                (0..6).for_each(|_| receive(&ended, "the end of a job"));
                assert_eq!(ids(), before);
            }
        });
    }
}

#[test]
fn a_call_within_a_call_runs_in_place() {
    in_time("the inner call", || {
        let pool = pool_of(1);
        assert_eq!(pool.install(|| blocking(|| blocking(|| 7))), 7);
    });
}

#[test]
fn a_job_blocks_again_and_again() {
    for threads in SIZES {
        in_time("a series of calls", move || {
            let pool = pool_of(threads);
            let (ask, asked) = channel::<usize>();
            let (tell, told) = channel::<usize>();
            pool.scope(|s| {
                s.spawn(move |_| {
                    for i in 0..200 {
                        ask.send(i).unwrap();
                        assert_eq!(blocking(|| told.recv().unwrap()), i);
                    }
                });
                s.spawn(move |_| {
                    while let Ok(i) = blocking(|| asked.recv()) {
                        tell.send(i).unwrap();
                    }
                });
            });
            pool.shutdown();
        });
    }
}
