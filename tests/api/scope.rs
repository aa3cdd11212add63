//! `scope` and `scope_fifo`: every spawn has ended when the scope returns, wherever it came from.

use crate::pools::{at_each_size, pool_of};
use paceline::{Scope, ScopeFifo};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn returns_what_its_body_returns() {
    at_each_size(|pool, _| {
        assert_eq!(pool.install(|| paceline::scope(|_| 22)), 22);
        assert_eq!(pool.install(|| paceline::scope_fifo(|_| "fifo")), "fifo");
    });
    assert_eq!(paceline::scope(|_| 22), 22);
}

#[test]
fn the_body_of_a_pools_scope_runs_on_that_pool() {
    let pool = pool_of(2);
    assert!(pool.scope(|_| pool.current_thread_index()).is_some());
    assert!(pool.scope_fifo(|_| pool.current_thread_index()).is_some());
}

#[test]
fn spawns_write_into_borrowed_data() {
    at_each_size(|pool, _| {
        let mut squares = vec![0; 1_000];
        pool.scope(|scope| {
            for (i, square) in squares.iter_mut().enumerate() {
                scope.spawn(move |_| *square = i * i);
            }
        });
        assert!(squares.iter().enumerate().all(|(i, &sq)| sq == i * i));

        pool.scope_fifo(|scope| {
            for square in &mut squares {
                scope.spawn_fifo(move |_| *square += 1);
            }
        });
        assert!(squares.iter().enumerate().all(|(i, &sq)| sq == i * i + 1));
    });
}

fn spawn_tree<'scope>(scope: &Scope<'scope>, depth: usize, count: &'scope AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
    if depth > 0 {
        for _ in 0..3 {
            scope.spawn(move |scope| spawn_tree(scope, depth - 1, count));
        }
    }
}

fn spawn_tree_fifo<'scope>(scope: &ScopeFifo<'scope>, depth: usize, count: &'scope AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
    if depth > 0 {
        for _ in 0..3 {
            scope.spawn_fifo(move |scope| spawn_tree_fifo(scope, depth - 1, count));
        }
    }
}

#[test]
fn waits_for_what_its_spawns_spawn() {
    at_each_size(|pool, _| {
        let count = AtomicUsize::new(0);
        pool.scope(|scope| spawn_tree(scope, 6, &count));
        assert_eq!(count.load(Ordering::Relaxed), 1_093);
        pool.scope_fifo(|scope| spawn_tree_fifo(scope, 6, &count));
        assert_eq!(count.load(Ordering::Relaxed), 2 * 1_093);
    });
}

/// Each link of the chain is spawned by the one before it; none may run on top of another.
#[test]
fn a_long_chain_of_spawns_needs_no_stack() {
    fn link<'scope>(scope: &Scope<'scope>, left: usize, count: &'scope AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
        if left > 0 {
            scope.spawn(move |scope| link(scope, left - 1, count));
        }
    }
    for threads in [1, 2] {
        let count = AtomicUsize::new(0);
        pool_of(threads).scope(|scope| link(scope, 100_000, &count));
        assert_eq!(count.into_inner(), 100_001);
    }
}

#[test]
fn scopes_nest_in_joins_in_installs() {
    fn halve(items: &mut [usize]) {
        if items.len() <= 4 {
            return paceline::scope(|scope| {
                for item in items {
                    scope.spawn(|_| *item += 1);
                }
            });
        }
        let (left, right) = items.split_at_mut(items.len() / 2);
        paceline::join(|| halve(left), || halve(right));
    }
    at_each_size(|pool, _| {
        let mut items = vec![0; 257];
        pool.install(|| halve(&mut items));
        assert_eq!(items, [1; 257]);
    });
}

#[test]
fn a_scope_within_a_scope_ends_first() {
    at_each_size(|pool, _| {
        let (inner, outer) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|_| {
                    let mine = AtomicUsize::new(0);
                    paceline::scope(|scope| {
                        for _ in 0..10 {
                            scope.spawn(|_| {
                                mine.fetch_add(1, Ordering::Relaxed);
                            });
                        }
                    });
                    assert_eq!(mine.load(Ordering::Relaxed), 10);
                    inner.fetch_add(mine.into_inner(), Ordering::Relaxed);
                    outer.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        assert_eq!((inner.into_inner(), outer.into_inner()), (100, 10));
    });
}

/// An inner scope's body may spawn into the outer scope: that work outlives the inner one.
#[test]
fn an_inner_scope_spawns_into_an_outer_one() {
    at_each_size(|pool, _| {
        let results = Mutex::new(Vec::new());
        let results = &results;
        pool.scope(|outer| {
            paceline::scope(|inner| {
                inner.spawn(|_| outer.spawn(|_| results.lock().unwrap().push("outer")));
                inner.spawn(|_| results.lock().unwrap().push("inner"));
            });
            assert!(results.lock().unwrap().contains(&"inner"));
        });
        let mut results = results.lock().unwrap().clone();
        results.sort_unstable();
        assert_eq!(results, ["inner", "outer"]);
    });
}

#[test]
fn a_static_scope_takes_static_work_only() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let pool = pool_of(2);
    let mut range = 0..100;
    let sum = range.clone().sum();
    pool.scope(|scope: &Scope<'static>| {
        // The body itself may still borrow.
        for i in &mut range {
            scope.spawn(move |_| {
                COUNT.fetch_add(i, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(COUNT.load(Ordering::Relaxed), sum);
    pool.scope_fifo(|scope: &ScopeFifo<'static>| {
        scope.spawn_fifo(|_| {
            COUNT.fetch_add(1, Ordering::Relaxed);
        });
    });
    assert_eq!(COUNT.load(Ordering::Relaxed), sum + 1);
}

#[test]
fn a_join_may_spawn_from_either_half() {
    at_each_size(|pool, _| {
        let count = AtomicUsize::new(0);
        let add = |n| {
            let count = &count;
            move |_: &Scope<'_>| {
                count.fetch_add(n, Ordering::Relaxed);
            }
        };
        pool.scope(|scope| paceline::join(|| scope.spawn(add(1)), || scope.spawn(add(10))));
        assert_eq!(count.load(Ordering::Relaxed), 11);
    });
}

/// The scope belongs to its pool: what threads of another kind spawn into it runs there too.
#[test]
fn threads_of_no_pool_spawn_into_a_scope() {
    at_each_size(|pool, _| {
        let indices = Mutex::new(Vec::new());
        let indices = &indices;
        pool.scope(|scope| {
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| {
                        for _ in 0..25 {
                            scope.spawn(move |_| {
                                let index = pool.current_thread_index();
                                indices.lock().unwrap().push(index);
                            });
                        }
                    });
                }
            });
        });
        let indices = indices.lock().unwrap();
        assert_eq!(indices.len(), 100);
        assert!(indices.iter().all(Option::is_some));
    });
}

#[test]
fn many_spawns_at_once() {
    at_each_size(|pool, _| {
        let count = AtomicUsize::new(0);
        pool.scope(|scope| {
            for _ in 0..10_000 {
                scope.spawn(|_| {
                    count.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        assert_eq!(count.into_inner(), 10_000);
    });
}
