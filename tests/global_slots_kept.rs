//! A program that asks for threads of a certain make gets them: such pools lease no slots, and `install` never takes one.

#[path = "support/child.rs"]
mod child;

use paceline::ThreadPoolBuilder;
use paceline::prelude::*;
use std::thread::{self, ThreadId};

/// How often a slot might have been leased.
const CALLS: usize = 1000;

fn id() -> ThreadId {
    thread::current().id()
}

/// Makes a global pool of two by `build` in a process of its own, and checks that nothing of its runs on a thread that
/// is not the pool's.
#[track_caller]
fn assert_kept(test: &str, build: impl FnOnce(ThreadPoolBuilder)) {
    if child::role().is_none() {
        return child::run_to_success(child::again(test, "alone"));
    }
    build(ThreadPoolBuilder::new().num_threads(2));
    let calls = || {
        for _ in 0..CALLS {
            assert_eq!(paceline::current_thread_index(), None);
            let (a, b) = paceline::join(id, id);
            let c = paceline::scope(|_| id());
            let d = paceline::scope_fifo(|_| id());
            assert!([a, b, c, d].iter().all(|&thread| thread != id()));
            (0..10)
                .into_par_iter()
                .map(|_| id())
                .collect::<Vec<_>>()
                .iter()
                .for_each(|&thread| assert_ne!(thread, id()));
        }
    };
    // Not on this thread, which may have become a worker.
    thread::scope(|s| s.spawn(calls).join().unwrap());
}

#[test]
fn threads_with_a_stack_size() {
    assert_kept("threads_with_a_stack_size", |builder| builder.stack_size(4 << 20).build_global().unwrap());
}

#[test]
fn threads_with_a_start_handler() {
    assert_kept("threads_with_a_start_handler", |builder| builder.start_handler(|_| ()).build_global().unwrap());
}

#[test]
fn threads_with_a_spawn_handler() {
    assert_kept("threads_with_a_spawn_handler", |builder| {
        let spawn = |thread: paceline::ThreadBuilder| thread::Builder::new().spawn(|| thread.run()).map(drop);
        builder.spawn_handler(spawn).build_global().unwrap();
    });
}

#[test]
fn a_pool_of_which_a_thread_became_a_worker() {
    assert_kept("a_pool_of_which_a_thread_became_a_worker", |builder| {
        builder.use_current_thread().build_global().unwrap();
        // Else this thread, which waits for another, would be asked for its half of the work.
        assert_eq!(paceline::current_thread_index(), Some(0));
    });
}

#[test]
fn every_pool_but_the_global_one() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    for _ in 0..CALLS {
        assert_ne!(pool.install(id), id());
        assert_ne!(pool.scope(|_| id()), id());
        let (a, b) = pool.join(id, id);
        assert!(a != id() && b != id());
        assert_eq!(pool.current_thread_index(), None);
    }
}
