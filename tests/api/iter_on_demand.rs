//! A loop that runs is split when another worker becomes idle, and no part of it is lost or done twice.

use crate::meeting::Gate;
use crate::pools::pool_of;
use crate::sharing::{LEN, assert_that_it_is_split};
use crate::tally::Tally;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{ProgressCounter, ThreadPool};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

#[test]
fn a_range() {
    assert_that_it_is_split(|watcher| {
        let count = AtomicUsize::new(0);
        (0..LEN).into_par_iter().for_each(|number| {
            watcher.visit(number);
            count.fetch_add(1, SeqCst);
        });
        assert_eq!(count.into_inner(), LEN);
    });
}

#[test]
fn a_range_of_unknown_length() {
    assert_that_it_is_split(|watcher| {
        let slow = |number: u128| {
            watcher.visit(number as usize);
            number
        };
        let sum: u128 = (0..LEN as u128).into_par_iter().map(slow).sum();
        assert_eq!(sum, (0..LEN as u128).sum());
        let collected: Vec<_> = (0..LEN as u128).into_par_iter().map(slow).collect();
        assert!(collected.into_iter().eq(0..LEN as u128));
    });
}

#[test]
fn items_of_a_slice_and_of_a_vector() {
    assert_that_it_is_split(|watcher| {
        let mut numbers: Vec<_> = (0..LEN).collect();
        numbers.par_iter_mut().for_each(|number| {
            watcher.visit(*number);
            *number += 1;
        });
        assert!(numbers.iter().copied().eq(1..=LEN));
    });
    assert_that_it_is_split(|watcher| {
        let texts: Vec<_> = (0..LEN).map(|number| number.to_string()).collect();
        let total: usize = texts.into_par_iter().map(|text| text.parse().unwrap()).inspect(|&n| watcher.visit(n)).sum();
        assert_eq!(total, LEN * (LEN - 1) / 2);
    });
}

/// What is collected comes to lie in its place, whoever ran it.
#[test]
fn what_is_collected() {
    assert_that_it_is_split(|watcher| {
        let visited = (0..LEN).into_par_iter().inspect(|&number| watcher.visit(number));
        assert!(visited.collect::<Vec<_>>().into_iter().eq(0..LEN));
    });
    assert_that_it_is_split(|watcher| {
        let visited = (0..LEN).into_par_iter().inspect(|&number| watcher.visit(number));
        let mut reused = vec![7; 3];
        visited.map(|number| number * 2).collect_into_vec(&mut reused);
        assert!(reused.into_iter().eq((0..LEN).map(|number| number * 2)));
    });
    assert_that_it_is_split(|watcher| {
        let visited = (0..LEN).into_par_iter().inspect(|&number| watcher.visit(number));
        let (numbers, texts): (Vec<_>, Vec<_>) = visited.map(|number| (number, number.to_string())).unzip();
        assert!(numbers.into_iter().eq(0..LEN));
        assert!(texts.into_iter().eq((0..LEN).map(|number| number.to_string())));
    });
    assert_that_it_is_split(|watcher| {
        let even = |number: &usize| number % 2 == 0;
        let visited = (0..LEN).into_par_iter().inspect(|&number| watcher.visit(number));
        assert!(visited.filter(even).collect::<Vec<_>>().into_iter().eq((0..LEN).step_by(2)));
    });
}

/// A count of the items keeps a part in blocks, whether consumers or producers count.
#[test]
fn with_progress() {
    assert_that_it_is_split(|watcher| {
        let counter = ProgressCounter::new();
        (0..LEN).into_par_iter().with_progress(&counter).for_each(|number| watcher.visit(number));
        assert_eq!(counter.done(), LEN as u64);
    });
    assert_that_it_is_split(|watcher| {
        let counter = ProgressCounter::new();
        let pairs = (0..LEN).into_par_iter().with_progress(&counter).zip(0..LEN);
        pairs.for_each(|(number, _)| watcher.visit(number));
        assert_eq!(counter.done(), LEN as u64);
    });
}

#[test]
fn folds_and_states() {
    assert_that_it_is_split(|watcher| {
        let fold = |mut numbers: Vec<usize>, number| {
            watcher.visit(number);
            numbers.push(number);
            numbers
        };
        let parts: Vec<_> = (0..LEN).into_par_iter().fold(Vec::new, fold).collect();
        assert!(parts.into_iter().flatten().eq(0..LEN));
    });
    assert_that_it_is_split(|watcher| {
        let count = |seen: &mut usize, number| {
            watcher.visit(number);
            *seen += 1;
            (*seen, number)
        };
        let counted: Vec<_> = (0..LEN).into_par_iter().map_init(|| 0, count).collect();
        assert!(counted.iter().map(|&(_, number)| number).eq(0..LEN));
        // A state goes on from one item to the next, or is made anew where a part begins that another worker took.
        let mut before = 0;
        for (seen, _) in counted {
            assert!(seen == before + 1 || seen == 1);
            before = seen;
        }
    });
}

#[test]
fn asked_minimum_lengths_are_kept() {
    let runs = |pool: &ThreadPool, min: usize| {
        let fold = |count: usize, _| {
            thread::yield_now();
            count + 1
        };
        let parts = (0..LEN).into_par_iter().with_min_len(min).fold(|| 0, fold);
        pool.install(|| parts.collect::<Vec<_>>())
    };
    let pool = pool_of(3);
    for min in [100, LEN / 2, LEN / 2 + 1, LEN] {
        let parts = runs(&pool, min);
        assert_eq!(parts.iter().sum::<usize>(), LEN);
        assert!(parts.len() <= LEN / min, "{parts:?} with a minimum of {min}");
    }
}

/// A state is made for each part that another worker takes, not for each block.
#[test]
fn states_are_few() {
    const ITEMS: usize = 4000;
    for threads in [1, 2] {
        let pool = pool_of(threads);
        let inits = AtomicUsize::new(0);
        let init = || inits.fetch_add(1, SeqCst);
        let count = pool.install(|| (0..ITEMS).into_par_iter().map_init(init, |_, number| number).count());
        assert_eq!(count, ITEMS);
        let inits = inits.into_inner();
        assert!((1..=8 * threads).contains(&inits), "{inits} inits for {threads} workers");
    }
}

/// The item that panics is the last of the half that is shared by then.
#[test]
fn a_panic_in_a_loop_that_was_split_drops_every_item_once() {
    assert_that_it_is_split(|watcher| {
        let tally = Tally::default();
        let tokens: Vec<_> = (0..LEN).map(|number| (number, tally.token(), tally.token())).collect();
        let did_panic = AtomicBool::new(false);
        let pair = |(number, left, right)| {
            watcher.visit(number);
            if number == LEN / 2 - 1 {
                did_panic.store(true, SeqCst);
                resume_unwind(Box::new("thrown"));
            }
            (left, right)
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let tokens: (Vec<_>, Vec<_>) = tokens.into_par_iter().map(pair).unzip();
            tokens
        }));
        assert!(did_panic.into_inner());
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"thrown"));
        tally.assert_settled(2 * LEN);
    });
}

#[test]
fn a_panic_in_a_block_drops_what_was_collected() {
    for at in [0, 1, 2, 7, 100, LEN / 2, LEN - 1] {
        let tally = Tally::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            pool_of(2).install(|| {
                let make = |number| {
                    let token = tally.token();
                    if number == at {
                        resume_unwind(Box::new(at));
                    }
                    token
                };
                (0..LEN).into_par_iter().map(make).collect::<Vec<_>>()
            })
        }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&at));
        tally.assert_settled(tally.made());
    }
}

/// Whoever looks at what lies to the right keeps step with the one who will find the answer, as on an even machine.
#[test]
fn a_search_for_the_first_stops_the_others() {
    const MANY: usize = 1 << 40;
    let pool = pool_of(2);
    for answer in [0, 1, 10, 1000, 20_000] {
        let (before, behind) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let found = AtomicBool::new(false);
        let is_it = |&number: &usize| {
            if number > answer {
                behind.fetch_add(1, SeqCst);
                while !found.load(SeqCst) && behind.load(SeqCst) > before.load(SeqCst) {
                    thread::yield_now();
                }
                return false;
            }
            before.fetch_add(1, SeqCst);
            found.fetch_or(number == answer, SeqCst);
            number == answer
        };
        assert_eq!(pool.install(|| (0..MANY).into_par_iter().find_first(is_it)), Some(answer));
        let (before, behind) = (before.into_inner(), behind.into_inner());
        assert_eq!(before, answer + 1, "each number up to the answer is looked at once");
        assert!(behind <= 3 * answer + 4, "{behind} looked at behind {answer}");
    }
}

/// The part of a `fold` gives nothing before it has ended; so what is found in the first standby_threads items of the second.
#[test]
fn where_nobody_is_idle_a_search_still_spares_the_second_half() {
    let pool = pool_of(2);
    let (is_busy, has_ended) = (Gate::default(), Gate::default());
    let looked_at = AtomicUsize::new(0);
    let found = pool.scope(|scope| {
        scope.spawn(|_| {
            is_busy.open();
            has_ended.pass("the search");
        });
        is_busy.pass("the other job");
        let numbers = (0..LEN).into_par_iter().inspect(|_| _ = looked_at.fetch_add(1, SeqCst));
        let found = numbers.fold(|| None, |_, number| Some(number)).find_any(|_| true);
        has_ended.open();
        found
    });
    assert!(found.is_some());
    assert_eq!(looked_at.into_inner(), LEN / 2);
}
