//! `with_cancel`: how many items run, what comes of them, and what becomes of the others.

use crate::panic_of;
use crate::pools::{at_each_size, pool_of};
use crate::slots::{SIZES, as_external_caller, at_sizes};
use crate::tally::Tally;
use paceline::extra::prelude::*;
use paceline::iter::repeat;
use paceline::prelude::*;
use paceline::{CancelToken, Cancelled};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

const ITEMS: usize = 100_000;

/// A loop whose item number `stop`, in the order in which they begin, cancels.
///
/// Counters are raised by acquire and release, so that whoever begins an item after the count was read in `item` has seen
/// the token cancelled, and begins no other. So the bound below is exact, and rests on no clock.
struct Stopped {
    token: CancelToken,
    begun: AtomicUsize,
    begun_by_then: AtomicUsize,
    stop: usize,
}

impl Stopped {
    fn at(stop: usize) -> Self {
        let (begun, begun_by_then) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        Stopped { token: CancelToken::new(), begun, begun_by_then, stop }
    }

    #[track_caller]
    fn item(&self) {
        assert!(self.begun.load(Ordering::Relaxed) <= 100 * ITEMS, "the loop does not end");
        if self.begun.fetch_add(1, Ordering::AcqRel) + 1 == self.stop {
            self.token.cancel();
            // An addition, and no load: it has its place in the order of the others' additions.
            self.begun_by_then.store(self.begun.fetch_add(0, Ordering::AcqRel), Ordering::Relaxed);
        }
    }

    /// Checks how many items began, on so many workers, after the token was cancelled. Returns how many began at all.
    #[track_caller]
    fn assert_bound(&self, workers: usize) -> usize {
        let begun = self.begun.load(Ordering::Relaxed);
        let by_then = self.begun_by_then.load(Ordering::Relaxed);
        assert!(by_then >= self.stop && begun >= by_then, "{begun} begun, {by_then} by then");
        assert!(begun - by_then < workers, "{} items began after the token was cancelled", begun - by_then);
        begun
    }
}

#[test]
fn after_a_cancel_each_other_worker_begins_one_item_at_most() {
    at_each_size(|pool, workers| {
        for stop in [1, 2, 50, 5000] {
            let stopped = Stopped::at(stop);
            pool.install(|| (0..ITEMS).into_par_iter().with_cancel(&stopped.token).for_each(|_| stopped.item()));
            let begun = stopped.assert_bound(workers);
            if workers == 1 {
                assert_eq!(begun, stop);
            }
        }
    });
}

#[test]
fn items_that_are_made_before_the_token_is_looked_at_all_come_through() {
    at_each_size(|pool, workers| {
        let stopped = Stopped::at(77);
        let made = (0..ITEMS).into_par_iter().map(|_| stopped.item());
        let through = pool.install(|| made.with_cancel(&stopped.token).count());
        assert_eq!(through, stopped.assert_bound(workers));
    });
}

#[test]
fn the_bound_holds_on_more_threads_than_there_are_processors_and_parts_of_one_item() {
    let pool = pool_of(32);
    let stopped = Stopped::at(3000);
    let items = (0..ITEMS).into_par_iter().with_max_len(1);
    pool.install(|| items.with_cancel(&stopped.token).for_each(|_| stopped.item()));
    stopped.assert_bound(32);
}

#[test]
fn endless_loops_end() {
    at_each_size(|pool, workers| {
        let stopped = Stopped::at(1000);
        pool.install(|| repeat(()).with_cancel(&stopped.token).for_each(|()| stopped.item()));
        stopped.assert_bound(workers);
        let stopped = Stopped::at(1000);
        pool.install(|| (0_u64..).par_bridge().with_cancel(&stopped.token).for_each(|_| stopped.item()));
        stopped.assert_bound(workers);
    });
}

#[test]
fn another_thread_ends_an_endless_loop() {
    let token = CancelToken::new();
    let (tell, told) = channel();
    let canceller = token.clone();
    let other = std::thread::spawn(move || {
        told.recv().unwrap();
        canceller.cancel();
    });
    let begun = AtomicUsize::new(0);
    pool_of(3).install(|| {
        repeat(tell).with_cancel(&token).for_each(|tell| {
            if begun.fetch_add(1, Ordering::Relaxed) == 500 {
                tell.send(()).unwrap();
            }
        });
    });
    other.join().unwrap();
    assert!(begun.into_inner() > 500);
}

#[test]
fn what_came_through_is_collected_in_order_and_the_rest_is_dropped() {
    at_each_size(|pool, _| {
        let tally = Tally::of_at_most(ITEMS);
        let items: Vec<_> = (0..ITEMS).map(|_| tally.token()).collect();
        let (token, through) = (CancelToken::new(), AtomicUsize::new(0));
        let collected: Vec<_> = pool.install(|| {
            let items = items.into_par_iter().with_cancel(&token);
            let counted = items.inspect(|_| {
                if through.fetch_add(1, Ordering::Relaxed) == 700 {
                    token.cancel();
                }
            });
            counted.collect()
        });
        assert_eq!(collected.len(), through.into_inner());
        assert!(collected.is_sorted_by_key(|item| item.number()));
        assert!(collected.len() < ITEMS, "a few hundred items should not take so long to stop");
        assert_eq!(tally.dropped(), ITEMS - collected.len());
        drop(collected);
        tally.assert_all_dropped();
    });
}

#[test]
fn a_collection_is_whole_or_refused_and_then_all_is_dropped() {
    at_each_size(|pool, _| {
        let tally = Tally::of_at_most(2 * ITEMS);
        let make = || -> Vec<_> { (0..ITEMS).map(|_| tally.token()).collect() };
        let (token, through) = (CancelToken::new(), AtomicUsize::new(0));

        let whole: Vec<_> = pool.install(|| make().into_par_iter().collect_unless_cancelled(&token)).unwrap();
        assert!(whole.iter().map(|item| item.number()).eq(0..ITEMS));
        drop(whole);

        let refused = pool.install(|| {
            let counted = make().into_par_iter().inspect(|_| {
                if through.fetch_add(1, Ordering::Relaxed) == 700 {
                    token.cancel();
                }
            });
            counted.collect_unless_cancelled::<Vec<_>>(&token)
        });
        assert_eq!(refused.err(), Some(Cancelled::default()));
        assert!(through.into_inner() < ITEMS, "a few hundred items should not take so long to stop");
        tally.assert_all_dropped();
    });
}

#[test]
fn sums_and_counts_are_of_the_items_that_ran() {
    at_each_size(|pool, _| {
        let stopped = Stopped::at(1234);
        let sum: usize = pool.install(|| {
            let items = (0..ITEMS).into_par_iter().with_cancel(&stopped.token);
            items.inspect(|_| stopped.item()).map(|_| 3).sum()
        });
        assert_eq!(sum, 3 * stopped.begun.load(Ordering::Relaxed));
        let stopped = Stopped::at(1234);
        let items = (0..ITEMS).into_par_iter().with_cancel(&stopped.token);
        let count = pool.install(|| items.inspect(|_| stopped.item()).count());
        assert_eq!(count, stopped.begun.load(Ordering::Relaxed));
    });
}

#[test]
fn with_a_cancelled_token_nothing_runs() {
    at_each_size(|pool, _| {
        let token = CancelToken::new();
        token.child_token().cancel();
        let all = pool.install(|| (0..100).into_par_iter().with_cancel(&token).count());
        assert_eq!(all, 100, "a child says nothing of its parent");
        token.cancel();
        let token = token.child_token();
        let tally = Tally::of_at_most(100);
        let items: Vec<_> = (0..100).map(|_| tally.token()).collect();
        fn run<T>(_: &T) -> bool {
            panic!("an item ran")
        }
        pool.install(|| {
            assert!(items.into_par_iter().with_cancel(&token).find_any(run).is_none());
            assert!((0..100).into_par_iter().with_cancel(&token).find_first(run).is_none());
            assert!((0..100).into_par_iter().with_cancel(&token).find_last(run).is_none());
            assert_eq!((1..=100).into_par_iter().with_cancel(&token).product::<i32>(), 1);
            assert_eq!((1..=100).into_par_iter().with_cancel(&token).max(), None);
            assert_eq!((1..=100).into_par_iter().with_cancel(&token).opt_len(), None);
        });
        tally.assert_all_dropped();
    });
}

#[test]
fn a_panic_goes_on_and_everything_is_dropped() {
    at_each_size(|pool, _| {
        let tally = Tally::of_at_most(2 * ITEMS);
        let items: Vec<_> = (0..ITEMS).map(|_| tally.token()).collect();
        let (token, begun) = (CancelToken::new(), AtomicUsize::new(0));
        let message = panic_of(|| {
            let results: Vec<_> = pool.install(|| {
                let run = |_| {
                    if begun.fetch_add(1, Ordering::Relaxed) == 100 {
                        token.cancel();
                        panic!("after the end");
                    }
                    tally.token()
                };
                items.into_par_iter().with_cancel(&token).map(run).collect()
            });
            drop(results);
        });
        assert_eq!(message, "after the end");
        tally.assert_all_dropped();
    });
}

#[test]
fn inner_loops_end_with_their_child_tokens() {
    at_each_size(|pool, _| {
        let token = CancelToken::new();
        let counts: Vec<usize> = pool.install(|| {
            let outer = (0..20).into_par_iter().with_cancel(&token);
            outer
                .map(|_| {
                    let inner = token.child_token();
                    let cancelling = (0..1000).into_par_iter().with_cancel(&inner).inspect(|_| inner.cancel());
                    cancelling.count()
                })
                .collect()
        });
        assert_eq!(counts.len(), 20, "the outer loop was not cancelled");
        assert!(counts.iter().all(|&count| count > 0));
    });
}

#[test]
fn external_callers_and_their_helpers_stop_too() {
    at_sizes(&SIZES, "loops::external_callers_and_their_helpers_stop_too", |workers| {
        for stop in [1, 100, 10_000] {
            let stopped = Stopped::at(stop);
            as_external_caller(|| (0..ITEMS).into_par_iter().with_cancel(&stopped.token).for_each(|_| stopped.item()));
            stopped.assert_bound(workers);
        }
    });
}
