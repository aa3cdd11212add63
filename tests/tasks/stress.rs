//! More threads than cores, every way to end a handle at once; nothing is lost, leaked or dropped twice.

use crate::counted::{Count, Counted};
use crate::futures::step_back;
use crate::watchdog::{pool_of, with_watchdog};
use paceline::{JoinHandle, TaskError};
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

const ROUNDS: usize = if cfg!(debug_assertions) { 400 } else { 4000 };

/// What a task does: one in eight panics.
fn body(i: usize, held: Counted, result: Counted) -> Counted {
    drop(held);
    if i % 8 == 0 {
        panic_any(result);
    }
    result
}

fn is_counted(error: TaskError) -> bool {
    error.into_panic().is::<Counted>()
}

/// Ends a handle in one of several ways.
fn finish(i: usize, mut handle: JoinHandle<Counted>) {
    match i % 5 {
        0 => drop(handle),
        1 => {
            if let Err(error) = handle.join() {
                assert!(is_counted(error));
            }
        }
        2 => {
            handle.cancel();
            if let Err(error) = handle.join() {
                assert!(error.is_cancelled() || is_counted(error));
            }
        }
        3 => drop(handle.cancel_on_drop()),
        _ => {
            if let Err(error) = paceline::block_on(&mut handle) {
                assert!(is_counted(error));
            }
        }
    }
}

/// From here on, without the messages of the panics that are part of the tests.
fn quietly<R>(f: impl FnOnce() -> R) -> R {
    std::panic::set_hook(Box::new(|info| {
        if !info.payload().is::<Counted>() {
            eprintln!("{info}");
        }
    }));
    f()
}

#[test]
fn tasks_and_futures_ended_in_every_way_from_everywhere() {
    quietly(|| {
        for threads in [1, 2, 8] {
            let count = Count::default();
            let made = count.clone();
            with_watchdog(move || {
                let pool = Arc::new(pool_of(threads));
                let (send, receive) = channel::<(usize, JoinHandle<Counted>)>();
                let callers: Vec<_> = (0..4)
                    .map(|caller| {
                        let (pool, send, made) = (Arc::clone(&pool), send.clone(), made.clone());
                        thread::spawn(move || call(caller, &pool, &send, &made))
                    })
                    .collect();
                drop(send);
                // Handles that have crossed to another thread.
                for (i, handle) in receive {
                    finish(i, handle);
                }
                callers.into_iter().for_each(|caller| caller.join().unwrap());
                Arc::into_inner(pool).unwrap().shutdown();
            });
            count.assert_balanced();
        }
    });
}

fn call(
    caller: usize,
    pool: &paceline::ThreadPool,
    send: &std::sync::mpsc::Sender<(usize, JoinHandle<Counted>)>,
    made: &Count,
) {
    for i in 0..ROUNDS {
        let (held, result) = (made.one(), made.one());
        let handle = if i % 3 == 0 {
            pool.spawn_future(async move {
                step_back().await;
                body(i, held, result)
            })
        } else {
            pool.spawn_task(move || body(i, held, result))
        };
        match i % 4 {
            0 => finish(i / 4, handle),
            1 => pool.install(|| finish(i / 4, handle)),
            2 => drop(pool.spawn_task(move || finish(i / 4, handle))),
            _ => send.send((i / 4 + caller, handle)).unwrap(),
        }
    }
}

#[test]
fn scoped_tasks_ended_in_every_way() {
    quietly(|| {
        for threads in [1, 8] {
            let pool = pool_of(threads);
            let count = Count::default();
            for round in 0..ROUNDS / 10 {
                pool.scope(|s| {
                    for i in 0..20 {
                        let (held, result) = (count.one(), count.one());
                        let handle = s.spawn_task(move |_| body(i + round, held, result));
                        match i % 4 {
                            0 => drop(handle),
                            1 => drop(handle.join()),
                            2 => handle.cancel(),
                            _ => s.spawn(move |_| drop(handle.join())),
                        }
                    }
                });
                count.assert_balanced();
            }
        }
    });
}
