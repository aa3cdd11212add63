//! When the system refuses threads the global pool runs with those it got, down to the caller alone.
#![cfg(target_os = "linux")]

#[path = "support/child.rs"]
mod child;
#[path = "support/limit.rs"]
mod limit;

use paceline::{Scope, ThreadPoolBuilder};
use std::error::Error;
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How many threads the global pool is to have; the limits below leave fewer.
const WANTED: usize = 8;

const WATCHDOG: Duration = Duration::from_secs(60);

/// A command that runs `test` again where the default stack is large enough to run out of room.
fn under_limits(test: &str) -> Command {
    let mut command = child::again(test, "limited");
    command.env("RUST_MIN_STACK", limit::STACK.to_string());
    command.env("PACELINE_NUM_THREADS", WANTED.to_string());
    command.env("RAYON_NUM_THREADS", WANTED.to_string());
    command
}

fn fibonacci(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = paceline::join(|| fibonacci(n - 1), || fibonacci(n - 2));
    a + b
}

fn spawn_tree<'scope>(scope: &Scope<'scope>, depth: usize, count: &'scope AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
    for _ in 0..depth {
        scope.spawn(move |scope| spawn_tree(scope, depth - 1, count));
    }
}

fn check_joins_and_scopes() {
    assert_eq!(fibonacci(16), 987);
    let count = AtomicUsize::new(0);
    paceline::scope(|scope| spawn_tree(scope, 5, &count));
    paceline::in_place_scope(|scope| spawn_tree(scope, 5, &count));
    // A node of depth d has d children of depth d - 1: 1 + 5 (1 + 4 (1 + 3 (1 + 2 (1 + 1)))).
    assert_eq!(count.into_inner(), 2 * 326);
    let mut squares = [0; 100];
    paceline::scope_fifo(|scope| {
        for (i, square) in squares.iter_mut().enumerate() {
            scope.spawn_fifo(move |_| *square = i * i);
        }
    });
    assert!(squares.into_iter().eq((0..100).map(|i| i * i)));
}

/// Detached work runs even if its spawner then blocks until it has.
fn check_spawns() {
    let (to, from) = channel();
    for i in 0..100 {
        let (outer, inner) = (to.clone(), to.clone());
        paceline::spawn(move || {
            outer.send(2 * i).unwrap();
            paceline::spawn_fifo(move || inner.send(2 * i + 1).unwrap());
        });
    }
    let mut seen: Vec<_> = (0..200).map(|_| from.recv_timeout(WATCHDOG).unwrap()).collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..200));
}

fn check_broadcasts(threads: usize) {
    let indices = paceline::broadcast(|context| {
        assert_eq!(context.num_threads(), threads);
        context.index()
    });
    assert!(indices.into_iter().eq(0..threads));
    let (to, from) = channel();
    paceline::spawn_broadcast(move |context| to.send(context.index()).unwrap());
    let mut seen: Vec<_> = (0..threads).map(|_| from.recv_timeout(WATCHDOG).unwrap()).collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..threads));
    paceline::scope(|_| {
        let index = paceline::current_thread_index();
        assert!(index.is_none_or(|index| index < threads));
    });
}

fn check_panics() {
    let halves = || paceline::join(|| resume_unwind(Box::new("first")), || ());
    let caught: Result<((), ()), _> = catch_unwind(halves);
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"first"));
    let spawn = || paceline::scope(|scope| scope.spawn(|_| resume_unwind(Box::new("spawn"))));
    assert_eq!(catch_unwind(spawn).unwrap_err().downcast_ref(), Some(&"spawn"));
}

/// Uses the global pool in every way and returns the number of threads that it says it has.
fn check_everything() -> usize {
    let threads = paceline::current_num_threads();
    check_joins_and_scopes();
    check_spawns();
    check_broadcasts(threads);
    check_panics();
    check_spawns();
    assert_eq!(paceline::current_num_threads(), threads);
    threads
}

#[test]
fn without_any_thread_the_caller_works_alone() {
    let test = "without_any_thread_the_caller_works_alone";
    if child::role().is_none() {
        return child::run_to_success(under_limits(test));
    }
    limit::allow_threads(0);
    assert_eq!(check_everything(), 1);
}

/// The first thing that a program does with the pool may be to spawn.
#[test]
fn without_any_thread_a_first_spawn_runs() {
    let test = "without_any_thread_a_first_spawn_runs";
    if child::role().is_none() {
        return child::run_to_success(under_limits(test));
    }
    limit::allow_threads(0);
    check_spawns();
    assert_eq!(check_everything(), 1);
}

#[test]
fn with_too_few_threads_the_pool_is_smaller() {
    let test = "with_too_few_threads_the_pool_is_smaller";
    if child::role().is_none() {
        return child::run_to_success(under_limits(test));
    }
    limit::allow_threads(3);
    let threads = check_everything();
    assert!((2..=3).contains(&threads), "{threads}");
}

/// Threads of the program's own share the one slot that there is.
#[test]
fn a_caller_on_another_thread_works_alone_too() {
    let test = "a_caller_on_another_thread_works_alone_too";
    if child::role().is_none() {
        return child::run_to_success(under_limits(test));
    }
    let (go, gone) = channel::<()>();
    let other = std::thread::spawn(move || {
        gone.recv_timeout(WATCHDOG).unwrap();
        check_everything()
    });
    limit::allow_threads(0);
    go.send(()).unwrap();
    assert_eq!(check_everything(), 1);
    assert_eq!(other.join().unwrap(), 1);
}

/// A pool that was asked for is not made smaller: the system's error comes back, and no thread
/// stays behind.
#[test]
fn a_built_pool_returns_the_error() {
    if child::role().is_none() {
        return child::run_to_success(under_limits("a_built_pool_returns_the_error"));
    }
    limit::allow_threads(3);
    for _ in 0..3 {
        let (to, exited) = channel();
        let exit = move |_| to.send(()).unwrap();
        let builder = ThreadPoolBuilder::new().num_threads(WANTED);
        let error = builder.exit_handler(exit).build().unwrap_err();
        let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::WouldBlock), "{error}");
        // The channel closes when the last of the threads that did start has gone.
        let exits = exited.iter().count();
        assert!(exits <= 3, "{exits}");
    }
}

#[test]
fn an_explicit_global_build_makes_do_as_well() {
    let test = "an_explicit_global_build_makes_do_as_well";
    if child::role().is_none() {
        return child::run_to_success(under_limits(test));
    }
    limit::allow_threads(0);
    match ThreadPoolBuilder::new().num_threads(WANTED).build_global() {
        Ok(()) => assert_eq!(check_everything(), 1),
        Err(error) => panic!("the global pool runs with what it gets: {error}"),
    }
}
