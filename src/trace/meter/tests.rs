//! Tests of the meter, on work that is counted and takes no time.

use super::{BURDEN, Branches, Measured, measure, run_spawned, scope_ends};
use crate::trace::named;
use crate::trace::scalability::Scalability;
use std::cell::Cell;
use std::time::Duration;

thread_local! {
    static TIME: Cell<u64> = const { Cell::new(0) };
}

/// Works for so long.
pub(crate) fn work(ticks: u64) {
    TIME.set(TIME.get() + ticks);
}

/// Measures work that [`work`] does.
fn measure_work(f: impl FnOnce()) -> Measured {
    measure(|| TIME.get(), f).1
}

/// The work and the span of work that [`work`] does.
pub(crate) fn work_and_span(f: impl FnOnce()) -> (u64, u64) {
    let measured = measure_work(f);
    (measured.work, measured.span)
}

fn both(left: impl FnOnce(), right: impl FnOnce()) {
    let mut branches = Branches::begin().unwrap();
    left();
    branches.next();
    right();
}

#[test]
fn a_chain_has_a_parallelism_of_one() {
    assert_eq!(work_and_span(|| (0..10).for_each(work)), (45, 45));
    assert_eq!(work_and_span(|| ()), (0, 0));
}

#[test]
fn a_fork_takes_as_long_as_its_longer_half() {
    assert_eq!(work_and_span(|| both(|| work(3), || work(5))), (8, 5));
    assert_eq!(work_and_span(|| both(|| work(5), || work(3))), (8, 5));
    let around = || {
        work(1);
        both(|| both(|| work(10), || work(20)), || work(15));
        work(2);
    };
    assert_eq!(work_and_span(around), (48, 23));
}

#[test]
fn a_balanced_tree_has_the_span_of_a_leaf() {
    fn tree(depth: u32) {
        if depth == 0 { work(1000) } else { both(|| tree(depth - 1), || tree(depth - 1)) }
    }
    assert_eq!(work_and_span(|| tree(6)), (64_000, 1000));
}

#[test]
fn a_loop_takes_as_long_as_its_longest_block() {
    let blocks = || {
        let mut branches = Branches::begin().unwrap();
        for length in 1..=10 {
            work(length);
            branches.next();
        }
    };
    assert_eq!(work_and_span(blocks), (55, 10));
}

#[test]
fn a_scope_ends_with_its_last_job() {
    const SCOPE: usize = 16;
    let scope = |before: u64, after: u64| {
        work(before);
        run_spawned(SCOPE, || work(30));
        work(5);
        // A job that spawns another.
        run_spawned(SCOPE, || {
            work(10);
            run_spawned(SCOPE, || work(25));
            work(1);
        });
        work(after);
        scope_ends(SCOPE);
        work(100);
    };
    assert_eq!(work_and_span(|| scope(2, 1)), (2 + 30 + 5 + 36 + 1 + 100, 2 + 5 + 10 + 25 + 100));
    assert_eq!(work_and_span(|| scope(2, 200)), (2 + 30 + 5 + 36 + 200 + 100, 2 + 5 + 200 + 100));
}

#[test]
fn short_work_does_not_pay_for_steals() {
    let burdened = |length| measure_work(|| both(|| work(length), || work(length))).burdened;
    assert_eq!(burdened(BURDEN / 10), BURDEN / 5, "it runs in turn");
    assert_eq!(burdened(10 * BURDEN), 11 * BURDEN);
}

/// A fifth of the work is serial: no more than five times as fast.
#[test]
fn a_serial_phase_holds_a_program_back() {
    let program = || {
        named("parse", || work(20 * BURDEN));
        named("filter", || {
            let mut branches = Branches::begin().unwrap();
            for _ in 0..80 {
                work(BURDEN);
                branches.next();
            }
        });
    };
    let scalability = Scalability::new(measure_work(program), 1.0);
    let ticks = Duration::from_nanos;
    assert_eq!((scalability.work(), scalability.span()), (ticks(100 * BURDEN), ticks(21 * BURDEN)));
    assert!((scalability.parallelism() - 100.0 / 21.0).abs() < 1e-9);
    let names: Vec<_> = scalability.names().iter().map(|share| share.name()).collect();
    assert_eq!(names, [Some("parse"), Some("filter")]);
    assert_eq!(scalability.names()[0].span(), scalability.span() * 20 / 21);
    assert_eq!((scalability.most_speedup(2), scalability.most_speedup(1000)), (2.0, scalability.parallelism()));
    assert!(scalability.likely_speedup(1) < 1.0 && scalability.likely_speedup(1000) < 4.0);
    let said = scalability.to_string();
    assert!(said.contains("more than 4.8 times") && said.contains("in `parse` 95 %, in `filter` 5 %"), "{said}");
}

#[test]
fn only_the_longer_half_counts_for_names() {
    let program = || both(|| named("short", || work(3)), || named("long", || work(7)));
    let scalability = Scalability::new(measure_work(program), 1.0);
    let shares: Vec<_> = scalability.names().iter().map(|share| (share.name(), share.span())).collect();
    assert_eq!(shares, [(Some("long"), Duration::from_nanos(7)), (Some("short"), Duration::ZERO)]);
}
