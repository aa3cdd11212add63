//! Many threads, many blocked calls: no more work at a time than the pool was made for, and each has an index of its
//! own.

use crate::concurrency_gauge::ConcurrencyGauge;
use crate::in_time::in_time;
use crate::{SIZES, fib, pool_of};
use paceline::prelude::*;
use paceline::{ThreadPoolBuilder, blocking};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Blocks for a moment: until a thread outside has answered.
struct Server {
    ask: Sender<Sender<()>>,
}

impl Server {
    fn start() -> (Self, thread::JoinHandle<()>) {
        let (ask, asked): (_, Receiver<Sender<()>>) = channel();
        let thread = thread::spawn(move || {
            // Answers come in twos and in the wrong order, but for the last.
            while let Ok(first) = asked.recv() {
                thread::yield_now();
                if let Ok(second) = asked.try_recv() {
                    second.send(()).unwrap();
                }
                first.send(()).unwrap();
            }
        });
        (Server { ask }, thread)
    }

    fn wait(ask: &Sender<Sender<()>>) {
        let (answer, answered) = channel();
        ask.send(answer).unwrap();
        answered.recv().unwrap();
    }
}

#[test]
fn no_more_are_at_work_than_there_are_slots() {
    for threads in SIZES {
        in_time("the crowd", move || {
            let gauge = ConcurrencyGauge::new(threads);
            let (server, thread) = Server::start();
            let pool = pool_of(threads);
            pool.scope(|s| {
                for _ in 0..150 {
                    let (gauge, ask) = (&gauge, server.ask.clone());
                    s.spawn(move |_| {
                        gauge.work();
                        blocking(|| Server::wait(&ask));
                        gauge.work();
                        paceline::join(|| gauge.work(), || blocking(|| Server::wait(&ask)));
                        gauge.work();
                        blocking(|| Server::wait(&ask));
                        gauge.work();
                    });
                }
            });
            drop(server);
            thread.join().unwrap();
            gauge.assert_never_more_than(threads);
            pool.shutdown();
        });
    }
}

#[test]
fn everything_at_once() {
    for threads in [1, 2, 7] {
        in_time("the mixture", move || {
            let (server, thread) = Server::start();
            let pool = ThreadPoolBuilder::new().num_threads(threads).max_blocking_threads(9).build().unwrap();
            let pool = Arc::new(pool);
            let callers: Vec<_> = (0..4_u64)
                .map(|caller| {
                    let (pool, ask) = (Arc::clone(&pool), server.ask.clone());
                    thread::spawn(move || {
                        let asks = Mutex::new(ask);
                        let wait = || {
                            let ask = asks.lock().unwrap().clone();
                            blocking(|| Server::wait(&ask));
                        };
                        for round in 0..12 {
                            let sum: u64 = pool.install(|| {
                                (0..40_u64)
                                    .into_par_iter()
                                    .map(|i| {
                                        if i % 3 == caller % 3 {
                                            wait();
                                        }
                                        paceline::join(
                                            || fib(6),
                                            || {
                                                if i % 5 == 0 {
                                                    wait()
                                                }
                                            },
                                        )
                                        .0 + i
                                    })
                                    .sum()
                            });
                            assert_eq!(sum, 40 * 8 + 780, "round {round}");
                            pool.scope(|s| {
                                for _ in 0..5 {
                                    s.spawn(|s| {
                                        wait();
                                        s.spawn(|_| wait());
                                    });
                                    s.spawn(|_| _ = paceline::isolate(|| paceline::join(wait, || fib(5))));
                                }
                            });
                            assert_eq!(pool.broadcast(|_| wait()).len(), threads);
                        }
                    })
                })
                .collect();
            for caller in callers {
                caller.join().unwrap();
            }
            Arc::into_inner(pool).unwrap().shutdown();
            drop(server);
            thread.join().unwrap();
        });
    }
}

#[test]
fn the_global_pool_has_standby_threads_too_beside_its_external_callers() {
    in_time("the calls", || {
        let (server, thread) = Server::start();
        let counts = Mutex::new(HashMap::new());
        thread::scope(|threads| {
            for caller in 0..6 {
                let (ask, counts) = (server.ask.clone(), &counts);
                threads.spawn(move || {
                    for _ in 0..30 {
                        paceline::scope(|s| {
                            for _ in 0..4 {
                                let ask = ask.clone();
                                s.spawn(move |_| {
                                    blocking(|| Server::wait(&ask));
                                    *counts.lock().unwrap().entry(caller).or_insert(0) += fib(4);
                                });
                            }
                        });
                    }
                });
            }
        });
        assert!(counts.into_inner().unwrap().into_values().eq([30 * 4 * 3; 6]));
        drop(server);
        thread.join().unwrap();
    });
}
