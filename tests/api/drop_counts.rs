//! Every closure, result and payload is dropped exactly once, whether or not somebody panics.

use crate::meeting::join_with_theft;
use crate::pools::{SIZES, at_each_size, pool_of};
use crate::tally::{Tally, Token};
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs `call` to its end or its panic and says whether it panicked.
fn panics<R>(call: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(call)).is_err()
}

/// A closure that owns a token and returns another, or panics with it.
fn half(tally: &Tally, panics: bool) -> impl FnOnce() -> Token + Send + use<> {
    let (owned, result) = (tally.token(), tally.token());
    move || {
        let _owned = owned;
        if panics {
            resume_unwind(Box::new(result));
        }
        result
    }
}

/// A closure that owns a token and returns nothing, or panics with the token.
fn work(tally: &Tally, panics: bool) -> impl FnOnce() + Send + use<> {
    let half = half(tally, panics);
    move || drop(half())
}

const OUTCOMES: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

#[test]
fn of_join() {
    at_each_size(|pool, _| {
        for (first, second) in OUTCOMES {
            let tally = Tally::default();
            let (a, b) = (half(&tally, first), half(&tally, second));
            assert_eq!(panics(|| pool.join(a, b)), first || second);
            tally.wait_until_settled(4);
        }
    });
}

#[test]
fn of_join_outside_any_pool() {
    for (first, second) in OUTCOMES {
        let tally = Tally::default();
        let (a, b) = (half(&tally, first), half(&tally, second));
        assert_eq!(panics(|| paceline::join(a, b)), first || second);
        tally.wait_until_settled(4);
    }
}

#[test]
fn of_join_when_the_second_half_is_stolen() {
    let pool = pool_of(2);
    for (first, second) in OUTCOMES {
        let tally = Tally::default();
        let (a, b) = (half(&tally, first), half(&tally, second));
        let call = || join_with_theft(&pool, |_| a(), |_| b());
        assert_eq!(panics(call), first || second);
        tally.wait_until_settled(4);
    }
}

#[test]
fn of_nested_joins() {
    fn tree(tally: &Tally, depth: u32, leaf: u32, guilty: u32) -> Vec<Token> {
        if depth == 0 {
            return vec![half(tally, leaf == guilty)()];
        }
        let (mut left, right) = paceline::join(
            || tree(tally, depth - 1, 2 * leaf, guilty),
            || tree(tally, depth - 1, 2 * leaf + 1, guilty),
        );
        left.extend(right);
        left
    }
    at_each_size(|pool, _| {
        for guilty in [0, 13, 31, 32] {
            let tally = Tally::default();
            let call = || pool.install(|| tree(&tally, 5, 0, guilty));
            assert_eq!(panics(call), guilty < 32);
            tally.wait_until_settled(64);
        }
    });
}

#[test]
fn of_install() {
    let other = pool_of(1);
    at_each_size(|pool, _| {
        for guilty in [false, true] {
            let tally = Tally::default();
            let (near, far) = (half(&tally, guilty), half(&tally, guilty));
            assert_eq!(panics(|| pool.install(near)), guilty);
            assert_eq!(panics(|| pool.install(|| other.install(far))), guilty);
            tally.wait_until_settled(4);
        }
    });
}

#[test]
fn of_scopes() {
    fn scopes(pool: &ThreadPool, tally: &Tally, body: bool, spawn: bool) {
        let works = || [work(tally, false), work(tally, spawn), work(tally, false)];
        let lifo = works();
        let call = || {
            pool.scope(|scope| {
                for work in lifo {
                    scope.spawn(|_| work());
                }
                half(tally, body)()
            })
        };
        assert_eq!(panics(call), body || spawn);
        let fifo = works();
        let call = || {
            pool.in_place_scope_fifo(|scope| {
                for work in fifo {
                    scope.spawn_fifo(|_| work());
                }
                half(tally, body)()
            })
        };
        assert_eq!(panics(call), body || spawn);
    }
    at_each_size(|pool, _| {
        for (body, spawn) in OUTCOMES {
            let tally = Tally::default();
            scopes(pool, &tally, body, spawn);
            tally.wait_until_settled(16);
        }
    });
}

#[test]
fn of_spawns() {
    for threads in SIZES {
        let tally = Tally::default();
        let pool = ThreadPoolBuilder::new().num_threads(threads).panic_handler(drop).build().unwrap();
        for i in 0..50 {
            pool.spawn(work(&tally, i % 5 == 0));
            pool.spawn_fifo(work(&tally, i % 7 == 0));
            let inner = work(&tally, i % 3 == 0);
            pool.spawn(move || paceline::spawn(inner));
        }
        drop(pool);
        tally.wait_until_settled(300);
    }
}

#[test]
fn of_broadcasts() {
    at_each_size(|pool, threads| {
        for guilty in [false, true] {
            let tally = Tally::default();
            let (owned, made) = (tally.token(), tally.clone());
            let call = || {
                pool.broadcast(move |context| {
                    let _owned = &owned;
                    half(&made, guilty && context.index() % 2 == 0)()
                })
            };
            assert_eq!(panics(call), guilty);
            tally.wait_until_settled(2 * threads + 1);
        }
    });
}

#[test]
fn of_spawned_broadcasts() {
    for threads in SIZES {
        let tally = Tally::default();
        let pool = ThreadPoolBuilder::new().num_threads(threads).panic_handler(drop).build().unwrap();
        let (owned, inner) = (tally.token(), tally.clone());
        pool.spawn_broadcast(move |context| {
            let _owned = &owned;
            work(&inner, context.index() == 0)();
        });
        // One token of the closure itself and two for each worker.
        tally.wait_until_settled(2 * threads + 1);

        let tally = Tally::default();
        let owned = tally.token();
        pool.scope(|scope| {
            let tally = &tally;
            scope.spawn_broadcast(move |_, _| {
                let _owned = &owned;
                work(tally, false)();
            });
        });
        tally.wait_until_settled(2 * threads + 1);
    }
}

/// The scope's result is moved out, not copied: the caller holds the only one.
#[test]
fn results_belong_to_the_caller() {
    at_each_size(|pool, _| {
        let tally = Tally::default();
        let (a, b) = pool.join(half(&tally, false), half(&tally, false));
        let c = pool.scope(|_| tally.token());
        let d = pool.install(|| tally.token());
        let e = pool.broadcast(|_| ()).len();
        assert!(e > 0);
        assert_eq!(tally.dropped(), 2, "only what the halves owned is gone");
        drop((a, b, c, d));
        tally.assert_settled(6);
    });
}
