//! Where a thread waits for jobs: it still waits for all of them, one panic arrives, and everything else is dropped.

use crate::bomb::{Alive, defuse};
use crate::meeting::join_with_theft;
use crate::pools::{at_each_size, pool_of};
use paceline::ThreadPool;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How deep the bombs of a test are nested.
pub(crate) const NESTED: [usize; 3] = [0, 1, 2];

pub(crate) type Payload = Box<dyn Any + Send>;

/// The payload with which `call` panics.
#[track_caller]
pub(crate) fn payload_of<R>(call: impl FnOnce() -> R) -> Payload {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => {
            std::mem::forget(result);
            panic!("no panic arrived")
        }
        Err(payload) => payload,
    }
}

#[track_caller]
pub(crate) fn assert_text(payload: Payload, text: &str) {
    assert_eq!(payload.downcast_ref(), Some(&text));
}

fn at_each(check: impl Fn(&ThreadPool, usize, usize)) {
    at_each_size(|pool, threads| NESTED.into_iter().for_each(|nested| check(pool, threads, nested)));
}

#[test]
fn a_scope_ends_after_its_jobs_though_its_payloads_panic() {
    for nested in NESTED {
        let (pool, alive) = (pool_of(2), Alive::default());
        let (panics, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let payload = payload_of(|| {
            pool.in_place_scope(|scope| {
                scope.spawn(|_| {
                    // Both payloads may be at their end only after this.
                    while panics.load(Ordering::SeqCst) < 2 {
                        std::thread::yield_now();
                    }
                    (0..100).for_each(|_| std::thread::yield_now());
                    ended.fetch_add(1, Ordering::SeqCst);
                });
                scope.spawn(|_| {
                    panics.fetch_add(1, Ordering::SeqCst);
                    alive.throw(nested)
                });
                panics.fetch_add(1, Ordering::SeqCst);
                alive.throw::<()>(nested)
            })
        });
        assert_eq!(ended.load(Ordering::SeqCst), 1, "the scope has ended before its job");
        defuse(payload);
        alive.assert_none("a payload of a scope");
    }
}

#[test]
fn of_many_payloads_in_a_scope_one_arrives_and_all_are_dropped() {
    at_each(|pool, _, nested| {
        let (alive, ran) = (Alive::default(), AtomicUsize::new(0));
        let job = || {
            ran.fetch_add(1, Ordering::SeqCst);
            alive.throw(nested)
        };
        defuse(payload_of(|| pool.scope(|scope| (0..10).for_each(|_| scope.spawn(|_| job())))));
        defuse(payload_of(|| pool.scope_fifo(|scope| (0..10).for_each(|_| scope.spawn_fifo(|_| job())))));
        assert_eq!(ran.load(Ordering::SeqCst), 20);
        alive.assert_none("a payload of a scope");
    });
}

#[test]
fn the_result_of_a_scope_whose_job_panics_is_dropped() {
    at_each(|pool, _, nested| {
        let alive = Alive::default();
        let payload = payload_of(|| {
            pool.scope(|scope| {
                scope.spawn(|_| resume_unwind(Box::new("job")));
                alive.bomb(nested)
            })
        });
        assert_text(payload, "job");
        alive.assert_none("the result of a scope");
    });
}

#[test]
fn what_a_job_of_a_scope_has_captured_may_panic() {
    at_each(|pool, threads, nested| {
        let (alive, ran) = (Alive::default(), AtomicUsize::new(0));
        defuse(payload_of(|| {
            pool.scope(|scope| {
                let (bomb, ran) = (alive.bomb(nested), &ran);
                scope.spawn(move |_| {
                    let _bomb = &bomb;
                    ran.fetch_add(1, Ordering::SeqCst);
                });
                let bomb = alive.bomb(nested);
                scope.spawn_broadcast(move |_, _| {
                    let _bomb = &bomb;
                    ran.fetch_add(1, Ordering::SeqCst);
                });
            })
        }));
        assert_eq!(ran.load(Ordering::SeqCst), threads + 1);
        alive.assert_none("what a job has captured");
    });
}

#[test]
fn a_broadcast_of_a_scope_that_panics_drops_what_it_has_captured() {
    at_each(|pool, threads, nested| {
        let (alive, ran) = (Alive::default(), AtomicUsize::new(0));
        defuse(payload_of(|| {
            pool.scope_fifo(|scope| {
                let bomb = alive.bomb(nested);
                let (alive, ran) = (&alive, &ran);
                scope.spawn_broadcast(move |_, _| {
                    let _bomb = &bomb;
                    ran.fetch_add(1, Ordering::SeqCst);
                    alive.throw(nested)
                });
            })
        }));
        assert_eq!(ran.load(Ordering::SeqCst), threads);
        alive.assert_none("what a broadcast has captured, or one of its payloads");
    });
}

/// While a `join` comes back for its second half, it runs jobs of the scope around it that lie above.
#[test]
fn a_join_comes_back_for_its_second_half_past_jobs_whose_payloads_panic() {
    for nested in NESTED {
        let (pool, alive, ran) = (pool_of(1), Alive::default(), AtomicUsize::new(0));
        defuse(payload_of(|| {
            pool.scope(|scope| {
                let first = || {
                    // It publishes the second half.
                    paceline::isolate(|| ());
                    (0..3).for_each(|_| scope.spawn(|_| alive.throw(nested)));
                };
                paceline::join(first, || ran.fetch_add(1, Ordering::SeqCst));
                assert_eq!(ran.load(Ordering::SeqCst), 1);
            })
        }));
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        alive.assert_none("a payload of a job");
    }
}

#[test]
fn beneath_the_panic_of_its_first_half_a_join_drops_what_the_second_gives() {
    at_each(|pool, _, nested| {
        let alive = Alive::default();
        let first = || resume_unwind(Box::new("first"));
        assert_text(payload_of(|| pool.join(first, || alive.throw::<()>(nested))), "first");
        assert_text(payload_of(|| pool.join(first, || alive.bomb(nested))), "first");
        alive.assert_none("what the second half gave");
    });
}

#[test]
fn beneath_the_panic_of_its_first_half_a_join_drops_what_a_thief_gives() {
    for nested in NESTED {
        let (pool, alive) = (pool_of(2), Alive::default());
        let first = |_| -> () { resume_unwind(Box::new("first")) };
        assert_text(payload_of(|| join_with_theft(&pool, first, |_| alive.throw::<()>(nested))), "first");
        let first = |_| -> () { resume_unwind(Box::new("first")) };
        assert_text(payload_of(|| join_with_theft(&pool, first, |_| alive.bomb(nested))), "first");
        alive.assert_none("what the thief gave");
    }
}

#[test]
fn of_a_loop_whose_parts_panic_one_payload_arrives_and_all_are_dropped() {
    at_each(|pool, _, nested| {
        let alive = Alive::default();
        let all = || (0..10_000).into_par_iter().with_max_len(16).for_each(|_| alive.throw(nested));
        defuse(payload_of(|| pool.install(all)));
        alive.assert_none("a payload of a loop");
    });
}

#[test]
fn an_iterator_whose_pieces_panic_one_after_the_other_gives_the_first_payload() {
    for nested in NESTED {
        let alive = Alive::default();
        let thrower = alive.clone();
        let mut items = (0..1000).into_par_iter().map(move |_| thrower.throw::<()>(nested)).into_seq_iter(64);
        defuse(payload_of(|| items.next()));
        drop(items);
    }
}

#[test]
fn of_a_broadcast_that_panics_the_first_payload_arrives_and_all_else_is_dropped() {
    at_each(|pool, threads, nested| {
        let alive = Alive::default();
        let captured = alive.bomb(nested);
        let (thrower, threads) = (&alive, &threads);
        let payload = payload_of(|| {
            pool.broadcast(move |context| {
                let _captured = &captured;
                // On the middle thread a payload of its own, beside it bombs as payloads and as results.
                match context.index() {
                    index if index == threads / 2 => resume_unwind(Box::new("the middle")),
                    index if index > threads / 2 && index % 2 == 0 => thrower.throw(nested),
                    _ => thrower.bomb(nested),
                }
            })
        });
        assert_text(payload, "the middle");
        alive.assert_none("what a broadcast gave");
    });
}
