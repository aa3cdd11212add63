//! Parallel iterators whose items come out one by one: their order, the window, and where they may be used.

use crate::gauge::{Gauge, WATCHDOG, pool};
use paceline::extra::prelude::*;
use paceline::iter::{split, walk_tree_postfix, walk_tree_prefix};
use paceline::prelude::*;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

const WINDOWS: [usize; 4] = [1, 2, 7, 1000];

/// Checks that a parallel iterator gives what it should, through all windows and on several numbers of threads.
#[track_caller]
fn assert_order<T, I>(make: impl Fn() -> I + Sync, expected: impl IntoIterator<Item = T>)
where
    T: PartialEq + std::fmt::Debug + Send + 'static,
    I: ParallelIterator<Item = T> + 'static,
{
    let expected: Vec<T> = expected.into_iter().collect();
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        for window in WINDOWS {
            let found: Vec<T> = pool.install(|| make().into_seq_iter(window)).collect();
            assert_eq!(found, expected, "{threads} threads, window {window}");
        }
    }
}

#[test]
fn items_come_in_order_from_indexed_iterators() {
    assert_order(|| (0..0).into_par_iter(), 0..0);
    assert_order(|| (0..1).into_par_iter(), 0..1);
    assert_order(|| (0..777).into_par_iter().map(|n| n * 3), (0..777).map(|n| n * 3));
    assert_order(|| vec!["a", "b", "c"].into_par_iter().rev().enumerate(), [(0, "c"), (1, "b"), (2, "a")]);
    assert_order(|| (0..100).into_par_iter().chunks(7).zip(0..20), {
        (0..20).map(|i| ((7 * i..(7 * i + 7).min(100)).collect::<Vec<_>>(), i)).take(15)
    });
    assert_order(|| (0..300).into_par_iter().with_min_len(40).with_max_len(50), 0..300);
    assert_order(|| (0..50).into_par_iter().chain(100..120).chain(7..8), (0..50).chain(100..120).chain(7..8));
    assert_order(|| (0..100).into_par_iter().by_uniform_blocks(9), 0..100);
    assert_order(|| paceline::iter::once(5), [5]);
    assert_order(paceline::iter::empty::<i32>, []);
}

#[test]
fn items_come_in_order_from_iterators_of_unknown_length() {
    assert_order(|| (0..999).into_par_iter().filter(|n| n % 7 == 3), (0..999).filter(|n| n % 7 == 3));
    assert_order(|| (0..999).into_par_iter().filter(|_| false), []);
    assert_order(
        || (0..40).into_par_iter().flat_map(|n| (0..n).into_par_iter().filter(move |k| k % 2 == n % 2)),
        (0..40).flat_map(|n| (0..n).filter(move |k| k % 2 == n % 2)),
    );
    assert_order(|| (0..60).into_par_iter().flat_map_iter(|n| 0..n), (0..60).flat_map(|n| 0..n));
    assert_order(|| (0..60).into_par_iter().filter(|n| n % 2 == 0).intersperse(1), {
        (0..59).map(|i| if i % 2 == 0 { i } else { 1 })
    });
    let halves = |range: std::ops::Range<usize>| {
        let middle = range.start.midpoint(range.end);
        if range.len() > 3 { (range.start..middle, Some(middle..range.end)) } else { (range, None) }
    };
    assert_order(move || split(0..500_usize, halves).flat_map_iter(|range| range), 0..500);
    let children = |&n: &u32| if n < 200 { vec![2 * n, 2 * n + 1] } else { vec![] };
    let prefix: Vec<u32> = walk_tree_prefix(1, children).collect();
    assert_order(move || walk_tree_prefix(1, children), prefix);
    let postfix: Vec<u32> = walk_tree_postfix(1, children).collect();
    assert_order(move || walk_tree_postfix(1, children), postfix);
    assert_order(
        || {
            (0..200)
                .into_par_iter()
                .chain((200..250).into_par_iter().filter(|n| n % 2 == 0))
                .map_init(|| 1, |one, n| n + *one)
        },
        (0..200).chain((200..250).filter(|n| n % 2 == 0)).map(|n| n + 1),
    );
}

#[test]
fn what_has_no_order_comes_whole() {
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        for window in WINDOWS {
            let mut found: Vec<_> =
                pool.install(|| (0..500).par_bridge().map(|n| n * 2).into_seq_iter(window)).collect();
            found.sort_unstable();
            assert!(found.into_iter().eq((0..500).map(|n| n * 2)));
        }
    }
}

#[test]
fn folds_and_their_like_come_whole() {
    for window in WINDOWS {
        let sums = pool(3).install(|| (0..1000_u64).into_par_iter().fold(|| 0, |a, n| a + n).into_seq_iter(window));
        assert_eq!(sums.sum::<u64>(), 499_500);
    }
}

/// Items that say how many there are between their making and their handing out.
fn gauged(gauge: &Arc<Gauge>, len: usize) -> impl IndexedParallelIterator<Item = usize> + use<> {
    let gauge = Arc::clone(gauge);
    (0..len).into_par_iter().map(move |number| {
        let made = gauge.pulled.add();
        // Later ones may have been made and handed out since: then nothing is between.
        gauge.peak.fetch_max(made.saturating_sub(gauge.handed.load(SeqCst)), SeqCst);
        number
    })
}

#[test]
fn no_more_than_the_window_are_made_and_not_handed_out() {
    for threads in [1, 2, 4] {
        for window in [1, 2, 7, 50] {
            let gauge = Gauge::new();
            let pool = pool(threads);
            let mut items = pool.install(|| gauged(&gauge, 400).into_seq_iter(window));
            for number in 0..400 {
                gauge.ask();
                assert_eq!(items.next(), Some(number));
            }
            gauge.ask();
            assert_eq!(items.next(), None);
            assert!(gauge.peak.load(SeqCst) <= window, "{} of {window}", gauge.peak.load(SeqCst));
            // And what comes by way of closures in closures.
            let gauge = Gauge::new();
            let inner = Arc::clone(&gauge);
            let made = move |n| gauged(&inner, 10).filter(move |k| (k + n) % 3 > 0).flat_map(|n| [n].into_par_iter());
            let mut items = pool.install(|| (0..40).into_par_iter().flat_map(made).into_seq_iter(window));
            loop {
                gauge.ask();
                let Some(_) = items.next() else { break };
            }
            // Of what is filtered away nobody knows.
            assert_eq!(gauge.pulled.get(), 400);
        }
    }
}

#[test]
fn the_window_is_filled_whether_anybody_asks_or_not() {
    for threads in [1, 2, 4] {
        for window in [1, 2, 7, 50] {
            let gauge = Gauge::new();
            let pool = pool(threads);
            let mut items = pool.install(|| gauged(&gauge, 400).into_seq_iter(window));
            assert_eq!(gauge.pulled.get(), 0, "nothing begins before it is asked for");
            for asked in 1..=50 {
                assert_eq!(items.next(), Some(asked - 1));
                gauge.pulled.wait_for(asked + window);
            }
        }
    }
}

#[test]
fn several_items_are_made_at_the_same_time_wherever_the_reader_is() {
    // Each item waits for a partner, so that this ends only if there are always two at work.
    for window in [4, 100] {
        let partners = Arc::new(Barrier::new(2));
        let items = pool(2).install(|| {
            (0..300)
                .into_par_iter()
                .with_max_len(1)
                .map(move |n| {
                    partners.wait();
                    n
                })
                .into_seq_iter(window)
        });
        assert!(items.eq(0..300));
    }
}

/// A sum by forks at each level, some of which are taken by others.
fn nested(n: u64) -> u64 {
    let (a, b) =
        paceline::join(|| (0..=n).into_par_iter().map(|k| k % 7).sum::<u64>(), || (0..50_u64).into_par_iter().max());
    let mut c = 0;
    paceline::scope(|s| s.spawn(|_| c = n));
    a + b.unwrap() + c
}

#[test]
fn parallel_work_in_the_closures() {
    let expected = || (0..300_u64).map(nested);
    for threads in [1, 2, 4, 9] {
        for window in [1, 2, 5, 40] {
            let pool = pool(threads);
            let items = pool.install(|| (0..300_u64).into_par_iter().map(nested).into_seq_iter(window));
            assert!(items.eq(expected()));
            let items = pool.install(|| {
                let nested = |n| (10 * n..10 * n + 10).into_par_iter().map(nested);
                (0..30_u64).into_par_iter().flat_map(nested).filter(|n| nested_is_big(*n)).into_seq_iter(window)
            });
            assert!(items.eq(expected().filter(|&n| nested_is_big(n))));
        }
    }
}

fn nested_is_big(n: u64) -> bool {
    (0..n).into_par_iter().any(|k| k > 20)
}

/// The item that is due waits in its closure until another thread has taken a half of its work, and that one waits until
/// the window is full. If the threads that wait took up pieces, they would hang above what the reader waits for.
#[test]
fn the_item_that_is_due_is_not_held_up_by_those_behind_it() {
    for _ in 0..20 {
        let items = pool(3).install(|| {
            (0..200_u64)
                .into_par_iter()
                .map(|n| {
                    let leaf = |k: u32| (0..u64::from(k % 5) * 200).fold(n, |a, b| a ^ b.wrapping_mul(3));
                    (0..64_u32).into_par_iter().with_max_len(1).map(leaf).max().map(|_| n)
                })
                .into_seq_iter(3)
        });
        assert!(items.flatten().eq(0..200));
    }
}

#[test]
fn tasks_with_results_in_the_closures() {
    for threads in [1, 2, 4] {
        let items = pool(threads).install(|| {
            let task = |n: u64| paceline::spawn_task(move || n + 1).join().unwrap();
            (0..100_u64).into_par_iter().map(task).into_seq_iter(4)
        });
        assert!(items.eq(1..=100));
    }
}

#[test]
fn inside_of_other_streams_and_of_itself() {
    fn inner(n: u64) -> u64 {
        (0..=n).into_par_iter().map(|k| k * 2).into_seq_iter(3).sum()
    }
    let expected = || (0..40_u64).map(|n| n * (n + 1));
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let check = || {
            assert!((0..40).par_map_ordered(4, inner).eq(expected()));
            assert!(
                (0..40_u64).into_par_iter().map(|n| n + 1).into_seq_iter(4).par_map_ordered(3, |n| n - 1).eq(0..40)
            );
            assert!((0..40).into_par_iter().map(inner).into_seq_iter(4).eq(expected()));
            let bridged = (0..40_u64).into_par_iter().into_seq_iter(5).par_bridge().map(inner).sum::<u64>();
            assert_eq!(bridged, expected().sum::<u64>());
        };
        check();
        pool.install(check);
        pool.scope(|s| (0..4).for_each(|_| s.spawn(|_| check())));
    }
}

/// As many external callers as the global pool has slots, read at the same time.
#[test]
fn by_external_callers_that_hold_all_slots() {
    let slots = paceline::current_num_threads();
    let all_in = Barrier::new(slots);
    let (done, all_done) = channel();
    std::thread::scope(|threads| {
        for _ in 0..slots {
            let (all_in, done) = (&all_in, done.clone());
            threads.spawn(move || {
                paceline::join(
                    || {
                        all_in.wait();
                        assert!((0..500).into_par_iter().map(|n| n + 1).into_seq_iter(3).eq(1..501));
                    },
                    || (),
                );
                done.send(()).unwrap();
            });
        }
        for _ in 0..slots {
            all_done.recv_timeout(WATCHDOG).expect("all of them end");
        }
    });
}

#[test]
fn the_number_of_threads_is_the_pools() {
    let threads = pool(3).install(|| (0..20).into_par_iter().map(|_| paceline::current_num_threads()).into_seq_iter(5));
    assert!(threads.eq([3; 20]));
}

#[test]
fn lengths_are_told_where_they_are_known() {
    let mut items = pool(2).install(|| (0..10).into_par_iter().into_seq_iter(3));
    assert_eq!(items.size_hint(), (10, Some(10)));
    items.next();
    assert_eq!(items.size_hint(), (9, Some(9)));
    assert_eq!(items.by_ref().count(), 9);
    assert_eq!((items.size_hint(), items.next()), ((0, Some(0)), None));
    let items = pool(2).install(|| (0..10).into_par_iter().filter(|_| true).into_seq_iter(3));
    assert_eq!(items.size_hint(), (0, None));
}

#[test]
#[should_panic(expected = "`window` is 0")]
fn a_window_of_nothing_is_refused() {
    drop((0..10).into_par_iter().into_seq_iter(0));
}

/// A consumer and a drive of another crate, which knows nothing of turns.
#[test]
fn an_iterator_that_forks_by_itself() {
    use paceline::iter::plumbing::{Folder, Reducer, UnindexedConsumer};
    struct Forks(u32, u32);
    impl ParallelIterator for Forks {
        type Item = u32;
        fn drive_unindexed<C: UnindexedConsumer<u32>>(self, consumer: C) -> C::Result {
            let Forks(begin, end) = self;
            if end - begin < 4 {
                return consumer.into_folder().consume_iter(begin..end).complete();
            }
            let (left, reducer) = (consumer.split_off_left(), consumer.to_reducer());
            let middle = begin.midpoint(end);
            let (a, b) = paceline::join(
                || Forks(begin, middle).drive_unindexed(left),
                || Forks(middle, end).drive_unindexed(consumer),
            );
            reducer.reduce(a, b)
        }
    }
    assert_order(|| Forks(0, 1000), 0..1000);
    assert_order(|| Forks(0, 100).map(|n| nested(n.into())), (0..100).map(nested));
    assert_order(|| (0..10_u32).into_par_iter().flat_map(|n| Forks(0, 10 * n)), (0..10).flat_map(|n| 0..10 * n));
}
