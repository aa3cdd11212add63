//! Panics in `join` and `install`: both halves end first, and the payload arrives as it was thrown.

use crate::meeting::{Gate, join_with_theft};
use crate::pools::{at_each_size, pool_of};
use crate::tally::Tally;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The payload with which `call` panics.
fn payload_of<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("no panic arrived"),
        Err(payload) => payload,
    }
}

fn throw<R>(text: &'static str) -> R {
    resume_unwind(Box::new(text))
}

/// The text with which `call` panics.
fn text_of<R>(call: impl FnOnce() -> R) -> &'static str {
    *payload_of(call).downcast().unwrap()
}

#[test]
fn a_panic_of_either_half_arrives_after_both() {
    at_each_size(|pool, _| {
        for guilty in ["first", "second"] {
            let ended = AtomicUsize::new(0);
            let half = |name| {
                let ended = &ended;
                move || {
                    ended.fetch_add(1, Ordering::SeqCst);
                    if name == guilty {
                        throw(name)
                    }
                }
            };
            let text = text_of(|| pool.join(half("first"), half("second")));
            assert_eq!((text, ended.load(Ordering::SeqCst)), (guilty, 2));
        }
        assert_eq!(pool.join(|| 1, || 2), (1, 2));
    });
}

#[test]
fn from_outside_a_panic_arrives_too() {
    assert_eq!(text_of(|| paceline::join(|| throw::<()>("first"), || ())), "first");
    assert_eq!(text_of(|| paceline::join(|| (), || throw::<()>("second"))), "second");
    assert_eq!(paceline::join(|| 1, || 2), (1, 2));
}

#[test]
fn of_two_panics_the_first_halfs_arrives() {
    at_each_size(|pool, _| {
        let call = || pool.join(|| throw::<()>("first"), || throw::<()>("second"));
        assert_eq!(text_of(call), "first");
    });
}

#[test]
fn a_stolen_half_ends_before_the_first_halfs_panic_arrives() {
    let pool = pool_of(2);
    let (panics, ended) = (Gate::default(), AtomicBool::new(false));
    let text = text_of(|| {
        join_with_theft(
            &pool,
            |_| {
                panics.open();
                throw::<()>("first")
            },
            |_| {
                panics.pass("the panic of the first half");
                // More work, so that an owner that did not wait would be seen to overtake it.
                let sum: u64 = std::hint::black_box(0..100_000).sum();
                ended.store(sum > 0, Ordering::SeqCst);
            },
        )
    });
    assert_eq!(text, "first");
    assert!(ended.load(Ordering::SeqCst));
    assert_eq!(pool.join(|| 1, || 2), (1, 2));
}

#[test]
fn a_stolen_halfs_panic_arrives() {
    let pool = pool_of(2);
    let first = AtomicBool::new(false);
    let text = text_of(|| join_with_theft(&pool, |_| first.store(true, Ordering::SeqCst), |_| throw::<()>("second")));
    assert_eq!((text, first.into_inner()), ("second", true));
    assert_eq!(pool.broadcast(|_| ()).len(), 2, "the thief is still there");
}

#[test]
fn of_two_panics_the_first_halfs_arrives_though_the_other_was_stolen() {
    let pool = pool_of(2);
    let (second_panics, panics) = (AtomicBool::new(false), Gate::default());
    let text = text_of(|| {
        join_with_theft(
            &pool,
            |_| {
                panics.pass("the panic of the second half");
                throw::<()>("first")
            },
            |_| {
                second_panics.store(true, Ordering::SeqCst);
                panics.open();
                throw::<()>("second")
            },
        )
    });
    assert_eq!((text, second_panics.into_inner()), ("first", true));
}

/// Three joins deep, with a panic at each of the four leaves in turn.
#[test]
fn a_panic_three_deep_leaves_no_leaf_out() {
    fn tree(leaf: usize, depth: usize, guilty: usize, ran: &AtomicUsize) {
        if depth > 0 {
            let (left, right) = (2 * leaf, 2 * leaf + 1);
            paceline::join(|| tree(left, depth - 1, guilty, ran), || tree(right, depth - 1, guilty, ran));
            return;
        }
        ran.fetch_add(1, Ordering::SeqCst);
        if leaf == guilty {
            resume_unwind(Box::new(leaf));
        }
    }
    at_each_size(|pool, _| {
        for guilty in 0..8 {
            let ran = AtomicUsize::new(0);
            let payload = payload_of(|| pool.install(|| tree(0, 3, guilty, &ran)));
            assert_eq!(payload.downcast_ref(), Some(&guilty));
            assert_eq!(ran.into_inner(), 8);
        }
    });
}

/// The second half runs, and panics itself, while the panic of the first is on its way.
#[test]
fn a_second_half_may_fork_and_panic_while_its_owner_unwinds() {
    at_each_size(|pool, _| {
        let ran = AtomicUsize::new(0);
        let text = text_of(|| {
            pool.join(
                || throw::<()>("first"),
                || {
                    paceline::join(
                        || ran.fetch_add(1, Ordering::SeqCst),
                        || {
                            ran.fetch_add(1, Ordering::SeqCst);
                            throw::<()>("deep in the second")
                        },
                    )
                },
            )
        });
        assert_eq!((text, ran.into_inner()), ("first", 2));
    });
}

/// A destructor that forks as its thread unwinds, in one of whose halves a panic is caught.
#[test]
fn a_destructor_forks_while_its_thread_unwinds() {
    struct Forks<'a>(&'a AtomicUsize);
    impl Drop for Forks<'_> {
        fn drop(&mut self) {
            let (a, b) = paceline::join(|| 1, || 2);
            let caught = catch_unwind(|| paceline::join(|| throw::<()>("caught"), || ()));
            self.0.fetch_add(a + b, Ordering::SeqCst);
            self.0.fetch_add(usize::from(caught.is_err()), Ordering::SeqCst);
        }
    }
    at_each_size(|pool, _| {
        let sum = AtomicUsize::new(0);
        let text = text_of(|| {
            let forks = Forks(&sum);
            pool.install(move || {
                let _forks = forks;
                throw::<()>("unwinding")
            })
        });
        assert_eq!((text, sum.into_inner()), ("unwinding", 4));
    });
}

#[test]
fn install_passes_panics_on() {
    let (home, abroad) = (pool_of(1), pool_of(2));
    assert_eq!(text_of(|| home.install(|| throw::<()>("here"))), "here");
    let nested = || home.install(|| abroad.install(|| home.install(|| throw::<()>("there"))));
    assert_eq!(text_of(nested), "there");
    assert_eq!(home.install(|| abroad.install(|| 1)), 1);
}

#[test]
fn a_worker_catches_the_panic_of_its_own_join() {
    at_each_size(|pool, _| {
        let caught = pool.install(|| {
            let caught = text_of(|| paceline::join(|| (), || throw::<()>("second")));
            let (a, b) = paceline::join(|| 1, || 2);
            (caught, a + b)
        });
        assert_eq!(caught, ("second", 3));
    });
}

#[test]
fn payloads_keep_their_type() {
    #[derive(Debug, PartialEq)]
    struct Custom(Vec<u8>);
    at_each_size(|pool, _| {
        let number = payload_of(|| pool.install(|| panic_any(7_i32)));
        assert_eq!(number.downcast_ref(), Some(&7_i32));
        let custom = payload_of(|| pool.join(|| (), || panic_any(Custom(vec![1, 2]))));
        assert_eq!(custom.downcast_ref(), Some(&Custom(vec![1, 2])));
        let literal = payload_of(|| pool.join(|| panic!("literal"), || ()));
        assert_eq!(literal.downcast_ref(), Some(&"literal"));
        let number = 3;
        let formatted = payload_of(|| pool.join(|| (), || panic!("formatted {number}")));
        assert_eq!(formatted.downcast_ref(), Some(&String::from("formatted 3")));
    });
}

#[test]
fn a_payload_is_dropped_once() {
    at_each_size(|pool, _| {
        let tally = Tally::default();
        let (first, second) = (tally.token(), tally.token());
        let payload = payload_of(|| pool.join(|| resume_unwind(Box::new(first)), || resume_unwind(Box::new(second))));
        drop(payload);
        tally.wait_until_settled(2);
    });
}

#[test]
fn a_thousand_panics_wear_nothing_out() {
    let pool = pool_of(3);
    for i in 0..1_000_usize {
        let payload = payload_of(|| pool.join(|| (), || resume_unwind(Box::new(i))));
        assert_eq!(payload.downcast_ref(), Some(&i));
    }
    assert_eq!(pool.broadcast(|context| context.index()), [0, 1, 2]);
}
