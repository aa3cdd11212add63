//! Panics in scopes: the scope waits for all that it spawned, then passes one panic on.

use crate::meeting::Gate;
use crate::pools::{at_each_size, pool_of};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

fn throw<R>(text: &'static str) -> R {
    resume_unwind(Box::new(text))
}

/// The text with which `call` panics.
fn text_of<R>(call: impl FnOnce() -> R) -> &'static str {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("no panic arrived"),
        Err(payload) => *payload.downcast().unwrap(),
    }
}

#[test]
fn a_body_that_panics_waits_for_its_spawns() {
    at_each_size(|pool, _| {
        let ended = AtomicUsize::new(0);
        let end = || {
            ended.fetch_add(1, Ordering::SeqCst);
        };
        let lifo = || {
            pool.scope(|scope| {
                for _ in 0..20 {
                    scope.spawn(|_| end());
                }
                throw::<()>("body")
            })
        };
        assert_eq!(text_of(lifo), "body");
        assert_eq!(ended.load(Ordering::SeqCst), 20);
        let fifo = || {
            pool.scope_fifo(|scope| {
                for _ in 0..20 {
                    scope.spawn_fifo(|_| end());
                }
                throw::<()>("body")
            })
        };
        assert_eq!(text_of(fifo), "body");
        assert_eq!(ended.load(Ordering::SeqCst), 40);
    });
}

#[test]
fn an_in_place_body_that_panics_waits_for_its_spawns() {
    at_each_size(|pool, _| {
        let (panics, ended) = (Gate::default(), AtomicUsize::new(0));
        let call = || {
            pool.in_place_scope(|scope| {
                for _ in 0..20 {
                    scope.spawn(|_| {
                        panics.pass("the panic of the body");
                        ended.fetch_add(1, Ordering::SeqCst);
                    });
                }
                panics.open();
                throw::<()>("body")
            })
        };
        assert_eq!(text_of(call), "body");
        assert_eq!(ended.load(Ordering::SeqCst), 20);
    });
}

#[test]
fn a_spawn_that_panics_does_not_stop_the_others() {
    at_each_size(|pool, _| {
        let ended = AtomicUsize::new(0);
        let call = || {
            pool.scope(|scope| {
                for i in 0..20 {
                    let ended = &ended;
                    scope.spawn(move |_| {
                        ended.fetch_add(1, Ordering::SeqCst);
                        if i == 7 {
                            throw::<()>("spawn")
                        }
                    });
                }
                ended.fetch_add(1, Ordering::SeqCst);
            })
        };
        assert_eq!(text_of(call), "spawn");
        assert_eq!(ended.load(Ordering::SeqCst), 21);
    });
}

/// A spawn that has panicked may have spawned before: that work is waited for as well.
#[test]
fn what_a_panicking_spawn_spawned_still_runs() {
    at_each_size(|pool, _| {
        let ended = AtomicUsize::new(0);
        let call = || {
            pool.scope(|scope| {
                scope.spawn(|scope| {
                    scope.spawn(|scope| {
                        scope.spawn(|_| {
                            ended.fetch_add(1, Ordering::SeqCst);
                        });
                        throw::<()>("inner")
                    });
                    ended.fetch_add(1, Ordering::SeqCst);
                });
            })
        };
        assert_eq!(text_of(call), "inner");
        assert_eq!(ended.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn of_many_panics_one_arrives() {
    at_each_size(|pool, _| {
        let call = || {
            pool.scope(|scope| {
                scope.spawn(|_| throw("spawn"));
                scope.spawn(|_| throw("spawn"));
                throw::<()>("body")
            })
        };
        assert!(["spawn", "body"].contains(&text_of(call)));
        assert_eq!(pool.scope(|_| 1), 1);
    });
}

#[test]
fn in_place_scopes_pass_a_spawns_panic_to_their_caller() {
    at_each_size(|pool, _| {
        let lifo = || pool.in_place_scope(|scope| scope.spawn(|_| throw("spawn")));
        assert_eq!(text_of(lifo), "spawn");
        let fifo = || pool.in_place_scope_fifo(|scope| scope.spawn_fifo(|_| throw("fifo")));
        assert_eq!(text_of(fifo), "fifo");
    });
}

#[test]
fn outside_any_pool_scopes_pass_panics_on() {
    assert_eq!(text_of(|| paceline::scope(|_| throw::<()>("body"))), "body");
    let spawn = || paceline::scope(|scope| scope.spawn(|_| throw("spawn")));
    assert_eq!(text_of(spawn), "spawn");
    let in_place = || paceline::in_place_scope(|scope| scope.spawn(|_| throw("in place")));
    assert_eq!(text_of(in_place), "in place");
    assert_eq!(paceline::scope(|_| 1), 1);
}

/// Each level catches nothing, so the innermost panic comes out of the outermost call.
#[test]
fn a_panic_climbs_through_mixed_levels() {
    at_each_size(|pool, _| {
        let (other, ended) = (pool_of(1), AtomicUsize::new(0));
        let end = || {
            ended.fetch_add(1, Ordering::SeqCst);
        };
        let call = || {
            pool.scope(|scope| {
                scope.spawn(|_| {
                    paceline::join(end, || {
                        other.install(|| {
                            paceline::scope_fifo(|scope| {
                                scope.spawn_fifo(|_| throw("innermost"));
                                scope.spawn_fifo(|_| end());
                            })
                        })
                    });
                });
                end();
            })
        };
        assert_eq!(text_of(call), "innermost");
        assert_eq!(ended.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn a_caught_panic_of_an_inner_scope_spares_the_outer_one() {
    at_each_size(|pool, _| {
        let ended = AtomicUsize::new(0);
        pool.scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|_| {
                    let inner = || paceline::scope(|scope| scope.spawn(|_| throw("inner")));
                    assert_eq!(text_of(inner), "inner");
                    ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(ended.into_inner(), 5);
    });
}
