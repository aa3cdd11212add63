//! Streams in streams, and on as few threads as there can be.

use crate::gauge::pool;
use paceline::extra::prelude::*;
use paceline::prelude::*;

fn triangle(n: u64) -> u64 {
    (0..=n).sum()
}

/// For each number the sum of those up to it, by a stream within the closure.
fn inner_stream(n: u64) -> u64 {
    (0..=n).par_map_ordered(3, |k| k).sum()
}

#[test]
fn a_stream_in_a_streams_closure() {
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        let outside = pool.install(|| (0..60).par_map_ordered(5, inner_stream));
        assert!(outside.eq((0..60).map(triangle)));
        pool.install(|| assert!((0..60).par_map_ordered(5, inner_stream).eq((0..60).map(triangle))));
    }
}

#[test]
fn a_stream_as_another_ones_input() {
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        let chain = || {
            (0..200_u64)
                .par_map_ordered(4, |n| n + 1)
                .filter(|n| n % 3 != 0)
                .par_map_ordered(5, |n| n * 2)
                .par_map_unordered(1, |n| n - 1)
        };
        let expected = || (0..200).map(|n| n + 1).filter(|n| n % 3 != 0).map(|n| 2 * n - 1);
        assert!(pool.install(chain).eq(expected()));
        pool.install(|| assert!(chain().eq(expected())));
    }
}

#[test]
fn a_chain_of_streams_in_a_streams_closure_and_the_other_way() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let deep = |n: u64| -> u64 { (0..=n).par_map_ordered(2, inner_stream).par_map_unordered(3, |k| k).sum() };
        let plain = |n: u64| -> u64 { (0..=n).map(triangle).sum() };
        let chain = move || (0..20).par_map_ordered(4, deep).par_map_ordered(3, move |n| n);
        assert!(pool.install(chain).eq((0..20).map(plain)));
        pool.install(|| assert!(chain().eq((0..20).map(plain))));
    }
}

#[test]
fn parallel_iterators_and_joins_in_the_closure_and_in_the_input() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let stream = || {
            let input = (0..100_u64).map(|n| (0..n).into_par_iter().sum::<u64>());
            input.par_map_ordered(6, |n| {
                let (a, b) = paceline::join(|| (0..100_u64).into_par_iter().map(|k| k ^ n).max(), || n);
                a.unwrap_or(0) + b
            })
        };
        let expected = || (0..100_u64).map(|n| (0..n).sum()).map(|n: u64| (0..100).map(|k| k ^ n).max().unwrap() + n);
        assert!(pool.install(stream).eq(expected()));
        pool.install(|| assert!(stream().eq(expected())));
    }
}

#[test]
fn many_streams_at_once_in_one_pool() {
    let pool = pool(3);
    pool.scope(|scope| {
        for i in 0..20_u64 {
            scope.spawn(move |_| {
                let chain = (0..50 + i).par_map_ordered(4, inner_stream).par_map_ordered(3, |n| n);
                assert!(chain.eq((0..50 + i).map(triangle)));
            });
        }
    });
}

#[test]
fn a_worker_of_another_pool_may_ask() {
    let (one, other) = (pool(1), pool(1));
    let stream = one.install(|| (0..100).par_map_ordered(4, |n| n));
    other.install(|| assert!(stream.eq(0..100)));
    // And from within each other's closures.
    let stream = one.install(|| {
        (0..20).par_map_ordered(4, move |n| {
            let inner = other.install(|| (0..n).par_map_ordered(2, |k| k));
            inner.sum::<u64>()
        })
    });
    assert!(stream.eq((0..20).map(|n| (0..n).sum::<u64>())));
}

#[test]
fn a_stream_may_travel() {
    let pool = pool(2);
    let mut stream = pool.install(|| (0..100).par_map_ordered(4, |n| n));
    assert_eq!(stream.next(), Some(0));
    let stream = std::thread::spawn(move || {
        assert_eq!(stream.next(), Some(1));
        stream
    });
    let stream = stream.join().unwrap();
    pool.install(|| assert!(stream.eq(2..100)));
}
