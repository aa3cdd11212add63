//! The order in which one worker runs what a scope spawned: last in first out, or as it came.

use crate::pools::pool_of;
use std::sync::Mutex;

type Log = Mutex<Vec<(&'static str, usize)>>;

fn of_kind(log: &Log, kind: &str) -> Vec<usize> {
    let log = log.lock().unwrap();
    let entries = log.iter().filter(|entry| entry.0 == kind);
    entries.map(|entry| entry.1).collect()
}

fn ascending(n: usize) -> Vec<usize> {
    (0..n).collect()
}

fn descending(n: usize) -> Vec<usize> {
    (0..n).rev().collect()
}

#[test]
fn a_scope_runs_its_newest_spawn_first() {
    let log = Log::default();
    pool_of(1).scope(|scope| {
        for i in 0..10 {
            let log = &log;
            scope.spawn(move |_| log.lock().unwrap().push(("spawn", i)));
        }
    });
    assert_eq!(of_kind(&log, "spawn"), descending(10));
}

#[test]
fn a_fifo_scope_runs_its_oldest_spawn_first() {
    let log = Log::default();
    pool_of(1).scope_fifo(|scope| {
        for i in 0..10 {
            let log = &log;
            scope.spawn_fifo(move |_| log.lock().unwrap().push(("spawn", i)));
        }
    });
    assert_eq!(of_kind(&log, "spawn"), ascending(10));
}

/// Spawn i spawns i's children as it runs: the newest first is a depth-first walk.
#[test]
fn nested_spawns_of_a_scope_run_depth_first() {
    let log = Log::default();
    let log = &log;
    pool_of(1).scope(|scope| {
        for i in 0..3 {
            scope.spawn(move |scope| {
                log.lock().unwrap().push(("parent", i));
                for j in 0..3 {
                    scope.spawn(move |_| log.lock().unwrap().push(("child", i * 3 + j)));
                }
            });
        }
    });
    let log = log.lock().unwrap();
    let expected: Vec<_> = (0..3)
        .rev()
        .flat_map(|i| {
            let children = (0..3).rev().map(move |j| ("child", i * 3 + j));
            std::iter::once(("parent", i)).chain(children)
        })
        .collect();
    assert_eq!(*log, expected);
}

/// The oldest first is a breadth-first walk.
#[test]
fn nested_spawns_of_a_fifo_scope_run_breadth_first() {
    let log = Log::default();
    let log = &log;
    pool_of(1).scope_fifo(|scope| {
        for i in 0..3 {
            scope.spawn_fifo(move |scope| {
                log.lock().unwrap().push(("parent", i));
                for j in 0..3 {
                    scope.spawn_fifo(move |_| log.lock().unwrap().push(("child", i * 3 + j)));
                }
            });
        }
    });
    let parents = (0..3).map(|i| ("parent", i));
    let expected: Vec<_> = parents.chain((0..9).map(|i| ("child", i))).collect();
    assert_eq!(*log.lock().unwrap(), expected);
}

#[test]
fn scopes_of_both_kinds_keep_their_own_order_side_by_side() {
    let log = Log::default();
    let log = &log;
    pool_of(1).scope(|newest| {
        paceline::scope_fifo(|oldest| {
            for i in 0..10 {
                newest.spawn(move |_| log.lock().unwrap().push(("newest", i)));
                oldest.spawn_fifo(move |_| log.lock().unwrap().push(("oldest", i)));
            }
        });
        // The inner scope is over, so all of its spawns are.
        assert_eq!(of_kind(log, "oldest"), ascending(10));
    });
    assert_eq!(of_kind(log, "newest"), descending(10));
}

#[test]
fn a_scope_inside_a_fifo_scope_keeps_its_own_order() {
    let log = Log::default();
    let log = &log;
    pool_of(1).scope_fifo(|oldest| {
        paceline::scope(|newest| {
            for i in 0..10 {
                oldest.spawn_fifo(move |_| log.lock().unwrap().push(("oldest", i)));
                newest.spawn(move |_| log.lock().unwrap().push(("newest", i)));
            }
        });
        assert_eq!(of_kind(log, "newest"), descending(10));
    });
    assert_eq!(of_kind(log, "oldest"), ascending(10));
}

/// Two fifo scopes that interleave each keep the order of their own spawns.
#[test]
fn fifo_scopes_do_not_disturb_each_other() {
    let log = Log::default();
    let log = &log;
    pool_of(1).scope_fifo(|outer| {
        paceline::scope_fifo(|inner| {
            for i in 0..10 {
                outer.spawn_fifo(move |_| log.lock().unwrap().push(("outer", i)));
                inner.spawn_fifo(move |_| log.lock().unwrap().push(("inner", i)));
            }
        });
        assert_eq!(of_kind(log, "inner"), ascending(10));
    });
    assert_eq!(of_kind(log, "outer"), ascending(10));
}
