//! A broadcast reaches every worker once, on its own thread, though external callers occupy the slots.

#[path = "support/child.rs"]
mod child;
#[path = "support/slots.rs"]
mod slots;

use paceline::prelude::*;
use slots::{SIZES, as_external_caller, at_sizes, id, receive};
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::thread::{self, ThreadId};

const ROUNDS: usize = 100;

/// The threads of the pool, by index, as a broadcast finds them that nobody disturbs.
fn workers() -> Vec<ThreadId> {
    let workers = paceline::broadcast(|context| (context.index(), id()));
    workers
        .into_iter()
        .enumerate()
        .map(|(place, (index, thread))| {
            assert_eq!(place, index);
            thread
        })
        .collect()
}

fn sum(count: u64) -> u64 {
    (0..count).into_par_iter().sum()
}

#[test]
fn from_outside_and_from_jobs() {
    at_sizes(&SIZES, "from_outside_and_from_jobs", |_| {
        let expected = workers();
        for _ in 0..ROUNDS {
            assert_eq!(workers(), expected);
            let (to, from) = channel();
            let known = expected.clone();
            paceline::spawn(move || to.send(workers() == known).unwrap());
            assert_eq!(receive(&from, 1), [true]);
        }
    });
}

#[test]
fn from_an_external_caller() {
    at_sizes(&SIZES, "from_an_external_caller", |_| {
        let expected = workers();
        for _ in 0..ROUNDS {
            assert_eq!(as_external_caller(workers), expected);
            let both = as_external_caller(|| paceline::join(workers, workers));
            assert_eq!(both, (expected.clone(), expected.clone()));
        }
    });
}

/// An external caller that calls again before the broadcast of another, and waits for that one to come too, would hold
/// it up for ever: what was posted to a worker comes before its slot is leased again.
#[test]
fn from_as_many_external_callers_as_there_are_slots() {
    at_sizes(&SIZES, "from_as_many_external_callers_as_there_are_slots", |threads| {
        let expected = &workers();
        let all_sit = Barrier::new(threads);
        let call = || {
            for _ in 0..ROUNDS {
                as_external_caller(|| {
                    all_sit.wait();
                    assert_eq!(&workers(), expected);
                });
            }
        };
        thread::scope(|s| (0..threads).for_each(|_| drop(s.spawn(call))));
    });
}

/// Its own thread has the worker while it runs the broadcast, and the caller has it back afterwards.
#[test]
fn what_is_broadcast_may_fork_and_wait() {
    at_sizes(&SIZES, "what_is_broadcast_may_fork_and_wait", |threads| {
        let run = || {
            let sums = paceline::broadcast(|_| {
                let (a, b) = paceline::join(|| sum(10_000), || paceline::scope(|_| sum(1000)));
                a + b
            });
            assert_eq!(sums, vec![49_995_000 + 499_500; threads]);
        };
        for _ in 0..ROUNDS {
            as_external_caller(run);
        }
        thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| (0..ROUNDS).for_each(|_| run()));
            }
        });
    });
}

#[test]
fn spawned_by_external_callers_and_in_their_scopes() {
    at_sizes(&SIZES, "spawned_by_external_callers_and_in_their_scopes", |threads| {
        let expected: Vec<_> = (0..threads).collect();
        for _ in 0..ROUNDS {
            let (to, from) = channel();
            as_external_caller(|| {
                let detached = to.clone();
                paceline::spawn_broadcast(move |context| detached.send(context.index()).unwrap());
            });
            assert_eq!(receive(&from, threads), expected);
            as_external_caller(|| {
                let to = &to;
                paceline::scope(|s| s.spawn_broadcast(move |_, context| to.send(context.index()).unwrap()));
            });
            assert_eq!(receive(&from, threads), expected);
            drop(to);
            assert!(from.recv().is_err(), "somebody ran it twice");
        }
    });
}

#[test]
fn among_calls_from_many_threads() {
    at_sizes(&SIZES, "among_calls_from_many_threads", |_| {
        let expected = &workers();
        let call = || {
            for round in 0..ROUNDS * 2 {
                match round % 4 {
                    0 => assert_eq!(&workers(), expected),
                    1 => assert_eq!(paceline::join(|| &workers() == expected, || sum(100)), (true, 4950)),
                    2 => assert_eq!(sum(10_000), 49_995_000),
                    _ => paceline::scope(|s| s.spawn(|_| assert_eq!(&workers(), expected))),
                }
            }
        };
        thread::scope(|s| (0..4).for_each(|_| drop(s.spawn(call))));
    });
}
