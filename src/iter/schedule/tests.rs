//! When a loop that was expected to be inline is shared. The tests check whether a rest of it is public while its items
//! run.

use super::history::{expect_inline_runs, leave_first_item_untimed, level};
use crate::fork::{LoopContext, Ticks, join_context};
use crate::iter::{IntoParallelIterator, ParallelIterator};
use crate::sync::atomic::{AtomicUsize, Ordering};
#[cfg(all(unix, not(miri)))]
use crate::{fork::fork_process, sync::lock::Mutex};

/// The number of items of the loop.
const LEN: usize = 16;

/// Runs the loop of a test. Each item checks whether a job is public, and then calls `visit`. Returns the items that
/// saw one, as bits.
fn run(context: &LoopContext<'_>, visit: &(dyn Fn(usize) + Sync)) -> usize {
    let seen = AtomicUsize::new(0);
    (0..LEN).into_par_iter().for_each(|item| {
        if !context.has_nothing_public() {
            seen.fetch_or(1 << item, Ordering::Relaxed);
        }
        visit(item);
    });
    seen.into_inner()
}

fn work_for_a_while() {
    let begun = Ticks::now();
    while Ticks::now().since(begun) < 50_000 * Ticks::PER_NANOSECOND {}
}

/// Runs the loop, which is expected to be inline, with long items; the third calls `ask`. Returns the items that saw a
/// rest of it public, as bits.
fn seen_of_a_misprediction(context: &LoopContext<'_>, ask: impl Fn() + Sync) -> usize {
    run(context, &|_| ());
    expect_inline_runs(LEN, 1, 0);
    leave_first_item_untimed();
    run(context, &|item| {
        work_for_a_while();
        if item == 2 {
            ask();
        }
    })
}

/// No rest was public before the third item's end, and one was a few items later.
fn assert_shared_when_asked(seen: usize) {
    assert_eq!(seen & 0b111, 0, "{seen:b}");
    assert_ne!(seen & 0b1111_1000, 0, "{seen:b}");
}

#[test]
fn a_loop_of_long_items_has_a_rest_public_soon() {
    LoopContext::beside_a_busy_worker(|context| assert_ne!(run(context, &|_| work_for_a_while()) & 0b111, 0));
}

#[test]
fn an_inline_loop_has_when_a_worker_asks() {
    LoopContext::beside_a_busy_worker(|context| {
        assert_shared_when_asked(seen_of_a_misprediction(context, || context.request()));
        assert_ne!(run(context, &|_| work_for_a_while()) & 0b111, 0, "the next is not expected to be inline");
    });
}

#[test]
fn an_inline_loop_has_when_its_items_serve_the_request() {
    let ask_and_answer = |context: &LoopContext<'_>| {
        context.request();
        join_context(|_| (), |_| ());
        assert!(!context.is_asked());
    };
    LoopContext::beside_a_busy_worker(|context| {
        assert_shared_when_asked(seen_of_a_misprediction(context, || ask_and_answer(context)));
    });
}

/// The loop notices only at the end of the last block that it was long.
#[test]
fn a_loop_is_shared_when_its_last_block_has_let_a_worker_wait() {
    LoopContext::beside_a_busy_worker(|context| {
        run(context, &|_| ());
        expect_inline_runs(LEN, LEN, LEN);
        let ring_and_work = |item| {
            // All items but the first are one block.
            if item == LEN / 2 {
                context.request();
            }
            work_for_a_while();
        };
        assert_eq!(run(context, &ring_and_work), 0, "it was seen at the end");
        context.serve();
        assert_ne!(run(context, &|_| work_for_a_while()) & 0b111, 0, "the next is not expected to be one");
    });
}

/// Jobs that are owed for an earlier request are published with the next fork.
#[test]
fn an_owed_request_is_no_reason_to_share_an_inline_loop() {
    LoopContext::beside_a_busy_worker(|context| {
        run(context, &|_| ());
        expect_inline_runs(LEN, 1, 0);
        context.keep_requested();
        leave_first_item_untimed();
        assert_eq!(run(context, &|_| work_for_a_while()), 0);
        assert!(context.is_asked());
    });
}

#[test]
fn an_inline_loop_wakes_no_worker_unless_it_is_long() {
    LoopContext::beside_a_busy_worker(|context| _ = run(context, &|_| ()));
    LoopContext::beside_a_sleeper(|context| {
        // One block after the first item, because the clock may show anything after it.
        leave_first_item_untimed();
        expect_inline_runs(LEN, LEN, LEN);
        assert_eq!(run(context, &|_| ()), 0);
        assert!(context.is_alone());
        expect_inline_runs(LEN, 1, 0);
        assert_ne!(run(context, &|_| work_for_a_while()), 0);
        assert!(!context.is_alone());
    });
}

#[test]
fn an_inline_loop_has_when_its_first_item_is_long() {
    LoopContext::beside_a_busy_worker(|context| {
        run(context, &|_| ());
        expect_inline_runs(LEN, 1, 0);
        let seen = run(context, &|_| work_for_a_while());
        assert_eq!(seen & 1, 0, "{seen:b}");
        assert_ne!(seen & 0b1110, 0, "{seen:b}");
        assert_ne!(run(context, &|_| work_for_a_while()) & 0b111, 0, "the next is not expected to be inline");
    });
}

#[test]
fn a_single_block_is_given_up_when_a_worker_asks_during_its_first_item() {
    LoopContext::beside_a_busy_worker(|context| {
        run(context, &|_| ());
        expect_inline_runs(LEN, LEN, LEN);
        let seen = run(context, &|item| {
            if item == 0 {
                context.request();
            }
            work_for_a_while();
        });
        assert_eq!(seen & 1, 0, "{seen:b}");
        assert_ne!(seen & 0b1110, 0, "{seen:b}");
    });
}

/// A loop that is split, or may be, counts in the level of its items.
#[test]
fn a_loop_within_an_inline_run_is_not_cut_unless_a_worker_asks() {
    let levels_within = |ask: &(dyn Fn() + Sync)| {
        let seen = AtomicUsize::new(0);
        (0..LEN).into_par_iter().for_each(|item| {
            if item == LEN - 1 {
                ask();
            }
            (0..LEN).into_par_iter().for_each(|_| _ = seen.fetch_or(1 << level(), Ordering::Relaxed));
        });
        seen.into_inner()
    };
    LoopContext::beside_a_busy_worker(|context| {
        assert_eq!(levels_within(&|| ()), 0b100, "of neither anything is known");
        leave_first_item_untimed();
        expect_inline_runs(LEN, LEN, LEN);
        assert_eq!(levels_within(&|| ()), 0b10);
        assert_eq!(levels_within(&|| context.request()), 0b110);
    });
}

/// The first item of a chain publishes all forks before it for another worker.
#[test]
fn of_two_loops_that_are_short_together_the_second_is_not_forked_off() {
    let has_fork = |context: &LoopContext<'_>| {
        let seen = AtomicUsize::new(0);
        (0..LEN / 2).into_par_iter().chain(LEN / 2..LEN).for_each(|item| {
            if item == 0 {
                context.request();
                context.serve();
                seen.store(usize::from(!context.has_nothing_public()), Ordering::Relaxed);
            }
        });
        seen.into_inner() == 1
    };
    LoopContext::beside_a_sleeper(|context| {
        assert!(has_fork(context), "of neither anything is known");
        leave_first_item_untimed();
        expect_inline_runs(LEN, LEN, LEN);
        assert!(!has_fork(context));
    });
}

/// The only thread of the forked process is no worker, and so `Served` seems outdated.
#[cfg(all(unix, not(miri)))]
#[test]
fn a_child_that_an_item_of_an_inline_loop_forks_off_does_the_rest_of_the_items() {
    LoopContext::beside_a_busy_worker(|context| {
        run(context, &|_| ());
        leave_first_item_untimed();
        expect_inline_runs(LEN, 1, LEN);
        let (side, visited) = (Mutex::new(None), AtomicUsize::new(0));
        run(context, &|item| {
            visited.fetch_or(1 << item, Ordering::Relaxed);
            if item == 2 {
                *side.lock() = Some(fork_process());
            }
        });
        let is_done = visited.into_inner() == (1 << LEN) - 1;
        assert!(side.into_inner().expect("an item has forked").holds(|| is_done));
        assert!(is_done);
    });
}

/// On a thread that measures, each block of a loop may run beside the others.
#[cfg(not(sim))]
#[test]
fn the_span_of_a_loop_is_that_of_its_longest_block() {
    use crate::fork::scalability::tests::in_a_pool_of_one as measured;
    use crate::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    use crate::trace::meter::tests::work;
    let single = || (1..101_u32).into_par_iter().with_max_len(1).for_each(|item| work(item.into()));
    assert_eq!(measured(single), (5050, 100));
    let (all, span) = measured(|| (0..100_000_u32).into_par_iter().for_each(|_| work(10)));
    assert!(all == 1_000_000 && (10..1_000_000).contains(&span), "{span}");
    let nested = || {
        (0..10).into_par_iter().with_max_len(1).for_each(|_| {
            (0..10).into_par_iter().with_max_len(1).for_each(|_| work(7));
            work(3);
        });
    };
    assert_eq!(measured(nested), (730, 10));
    let (all, span) = measured(|| (0..4096_u64).into_par_iter().filter(|item| item % 2 == 0).for_each(|_| work(1)));
    assert!(all == 2048 && span < 2048, "{span}");
}
