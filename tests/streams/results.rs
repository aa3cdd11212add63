//! The results are those of the sequential map.

use crate::gauge::pool;
use paceline::extra::prelude::*;
use proptest::prelude::*;

fn collatz(n: u64) -> u64 {
    let mut steps = 0;
    let mut n = n + 1;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ordered_is_the_sequential_map(len in 0_u64..300, window in 1_usize..40, threads in 1_usize..6, inside: bool) {
        let expected: Vec<u64> = (0..len).map(collatz).collect();
        let pool = pool(threads);
        let found: Vec<u64> = if inside {
            pool.install(|| (0..len).par_map_ordered(window, collatz).collect())
        } else {
            pool.install(|| (0..len).par_map_ordered(window, collatz)).collect()
        };
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn unordered_has_the_results_of_the_sequential_map(
        len in 0_u64..300, window in 1_usize..40, threads in 1_usize..6, inside: bool,
    ) {
        let mut expected: Vec<u64> = (0..len).map(collatz).collect();
        expected.sort_unstable();
        let pool = pool(threads);
        let mut found: Vec<u64> = if inside {
            pool.install(|| (0..len).par_map_unordered(window, collatz).collect())
        } else {
            pool.install(|| (0..len).par_map_unordered(window, collatz)).collect()
        };
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn the_global_pool_serves_threads_outside_all_pools() {
    let doubled = (0..1000_u32).par_map_ordered(8, |n| 2 * n);
    assert!(doubled.eq((0..1000).map(|n| 2 * n)));
}

#[test]
fn an_external_caller_of_the_global_pool_gets_its_results() {
    let sum: u32 = paceline::scope(|_| (0..1000_u32).par_map_ordered(8, |n| 2 * n).sum());
    assert_eq!(sum, 999_000);
}

#[test]
fn an_end_stays_an_end() {
    let mut stream = (0..2).par_map_ordered(4, |n| n);
    assert_eq!([stream.next(), stream.next(), stream.next(), stream.next()], [Some(0), Some(1), None, None]);
    assert_eq!(stream.size_hint(), (0, Some(0)));
}

#[test]
fn the_length_is_told_as_the_input_tells_it() {
    let mut stream = (0..10).par_map_unordered(4, |n| n);
    assert_eq!(stream.size_hint(), (10, Some(10)));
    stream.next();
    assert_eq!(stream.size_hint(), (9, Some(9)));
    assert_eq!((0..10).filter(|n| n % 2 == 0).par_map_ordered(4, |n| n).size_hint(), (0, Some(10)));
}

#[test]
fn unordered_results_come_as_they_are_done() {
    let pool = pool(2);
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let mut stream = pool.install(|| {
        (0..2).par_map_unordered(2, move |n| {
            if n == 0 {
                gate.lock().unwrap().recv_timeout(crate::gauge::WATCHDOG).unwrap();
            }
            n
        })
    });
    assert_eq!(stream.next(), Some(1), "the first item waits at the gate");
    open.send(()).unwrap();
    assert_eq!(stream.next(), Some(0));
    assert_eq!(stream.next(), None);
}

#[test]
fn more_threads_than_processors_do_no_harm() {
    let pool = pool(32);
    let stream = pool.install(|| (0..20_000_u64).par_map_ordered(100, collatz));
    assert!(stream.eq((0..20_000).map(collatz)));
}
