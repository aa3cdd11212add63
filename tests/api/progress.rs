//! What loops, jobs of scopes and streams report of their progress is exact at the end, and comes in few reports.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{Progress, ProgressCounter};

use crate::gate::{Gate, receive};
use crate::pools::{SIZES, at_each_size, pool_of};

fn caught<R>(f: impl FnOnce() -> R) -> thread::Result<R> {
    catch_unwind(AssertUnwindSafe(f))
}

/// A loop that reports to a counter, and calls a closure for each item behind the report.
type Run<'r> = dyn Fn(&ProgressCounter, &(dyn Fn() + Sync)) + Sync + 'r;

/// Runs a loop on pools of several sizes, and returns how many items its counter has in the end: as many as were seen.
#[track_caller]
fn count_of(run: impl Fn(&ProgressCounter, &(dyn Fn() + Sync)) + Sync) -> u64 {
    let counts = SIZES.map(|threads| {
        let (counter, seen) = (ProgressCounter::new(), AtomicU64::new(0));
        let count = || _ = seen.fetch_add(1, Ordering::Relaxed);
        pool_of(threads).install(|| run(&counter, &count));
        assert_eq!(counter.done(), seen.into_inner(), "{threads} threads");
        counter.done()
    });
    counts[SIZES.len() - 1]
}

#[test]
fn all_items_are_counted() {
    let numbers = || (0..3_000_u64).into_par_iter();
    let plain = count_of(|counter, count| numbers().with_progress(counter).for_each(|_| count()));
    assert_eq!(plain, 3_000);
    let mapped = count_of(|counter, count| {
        let doubled = numbers().map(|n| 2 * n).with_progress(counter).inspect(|_| count());
        assert_eq!(doubled.sum::<u64>(), 2_999 * 3_000);
    });
    assert_eq!(mapped, 3_000);
    let filtered_before = count_of(|counter, count| {
        let odd = numbers().filter(|n| n % 2 == 1).with_progress(counter).inspect(|_| count());
        assert_eq!(odd.collect::<Vec<_>>().len(), 1_500);
    });
    assert_eq!(filtered_before, 1_500);
    let filtered_after = count_of(|counter, count| {
        let odd = numbers().with_progress(counter).inspect(|_| count()).filter(|n| n % 2 == 1);
        assert_eq!(odd.count(), 1_500);
    });
    assert_eq!(filtered_after, 3_000);
    let flat = count_of(|counter, count| {
        let all = numbers().flat_map_iter(|n| [n, n]).with_progress(counter).inspect(|_| count());
        assert_eq!(all.max(), Some(2_999));
    });
    assert_eq!(flat, 6_000);
    let bridged = count_of(|counter, count| {
        (0..3_000).map(|n| n + 1).par_bridge().with_progress(counter).for_each(|_| count());
    });
    assert_eq!(bridged, 3_000);
}

#[test]
fn positions_and_lengths_are_kept() {
    let numbers = || (0..3_000_usize).into_par_iter();
    let expected: Vec<usize> = (0..3_000).collect();
    let checks: [(&str, &Run<'_>); 7] = [
        ("collect_into_vec", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert_eq!((items.len(), items.opt_len()), (3_000, Some(3_000)));
            let mut collected = Vec::new();
            items.collect_into_vec(&mut collected);
            assert_eq!(collected, expected);
        }),
        ("zip", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert!(items.zip(expected.par_iter()).all(|(a, b)| a == *b));
        }),
        ("rev", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert!(items.rev().collect::<Vec<_>>().iter().rev().eq(&expected));
        }),
        ("chunks", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert_eq!(items.chunks(7).collect::<Vec<_>>().concat(), expected);
        }),
        ("with_min_len", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert_eq!(items.with_min_len(1_000).enumerate().filter(|(i, n)| i == n).count(), 3_000);
        }),
        ("with_max_len", &|counter, count| {
            let items = numbers().with_max_len(3).with_progress(counter).inspect(|_| count());
            assert_eq!(items.collect::<Vec<_>>(), expected);
        }),
        ("deterministic", &|counter, count| {
            let items = numbers().with_progress(counter).inspect(|_| count());
            assert_eq!(items.deterministic().map(|n| n as f64).sum::<f64>(), 4_498_500.0);
        }),
    ];
    for (name, check) in checks {
        assert_eq!(count_of(check), 3_000, "{name}");
    }
}

#[test]
fn a_loop_that_ends_early_reports_the_items_that_came_out() {
    let numbers = || (0..100_000_u64).into_par_iter();
    let found = count_of(|counter, count| {
        let items = numbers().with_progress(counter).inspect(|_| count());
        assert!(items.find_any(|n| n % 1_000 == 999).is_some());
    });
    assert!((1..100_000).contains(&found), "{found}");
    let tried = count_of(|counter, count| {
        let items = numbers().with_progress(counter).inspect(|_| count());
        assert_eq!(items.try_for_each(|n| if n % 1_000 == 999 { Err(()) } else { Ok(()) }), Err(()));
    });
    assert!((1..100_000).contains(&tried), "{tried}");
    let none = count_of(|counter, count| {
        let items = numbers().with_progress(counter).inspect(|_| count());
        assert_eq!(items.take_any(0).count(), 0);
    });
    assert_eq!(none, 0);
}

#[test]
fn an_item_that_panics_counts_if_it_came_out() {
    // Behind the adaptor the item that panics counts; before it, it does not.
    let behind = count_of(|counter, count| {
        let items = (0..100_000_u64).into_par_iter().with_progress(counter).inspect(|_| count());
        let panics = || items.for_each(|n| assert_ne!(n, 500, "on purpose"));
        assert!(caught(panics).is_err());
    });
    assert!((1..100_000).contains(&behind), "{behind}");
    let before = count_of(|counter, count| {
        let items = (0..100_000_u64).into_par_iter().inspect(|n| assert_ne!(*n, 500, "on purpose"));
        assert!(caught(|| items.with_progress(counter).for_each(|_| count())).is_err());
    });
    assert!(before < 100_000, "{before}");
    let counter = ProgressCounter::new();
    pool_of(1).install(|| {
        let items = (0..10).into_par_iter().with_progress(&counter);
        let panics = || items.zip(0..10).for_each(|(n, _)| assert_ne!(n, 0, "on purpose"));
        assert!(caught(panics).is_err());
    });
    assert_eq!((counter.done(), counter.total()), (1, Some(10)));
}

/// Counts its calls.
#[derive(Default)]
struct Calls {
    begins: AtomicUsize,
    adds: AtomicUsize,
    done: AtomicU64,
}

impl Progress for Calls {
    fn begin(&self, _length: Option<u64>) {
        self.begins.fetch_add(1, Ordering::Relaxed);
    }

    fn add(&self, count: u64) {
        assert!(count > 0);
        self.adds.fetch_add(1, Ordering::Relaxed);
        self.done.fetch_add(count, Ordering::Relaxed);
    }
}

#[test]
fn light_items_are_reported_together() {
    let pool = pool_of(1);
    let check = |name: &str, run: &(dyn Fn(&Calls) -> u64 + Sync)| {
        let calls = Calls::default();
        assert_eq!(pool.install(|| run(&calls)), 499_999_500_000, "{name}");
        let (adds, begins) = (calls.adds.into_inner(), calls.begins.into_inner());
        assert_eq!((calls.done.into_inner(), begins), (1_000_000, 1), "{name}");
        // A thread that loses its processor in the middle of an item takes it for a long one.
        assert!(adds <= 1_000, "{name}: {adds} reports of a million items");
    };
    let numbers = || (0..1_000_000_u64).into_par_iter();
    let indices = || (0..1_000_000_usize).into_par_iter();
    check("sum", &|calls| numbers().with_progress(calls).sum());
    check("filter", &|calls| numbers().with_progress(calls).filter(|n| *n > 0).sum());
    check("one part", &|calls| indices().with_min_len(1_000_000).map(|n| n as u64).with_progress(calls).sum());
    check("zip", &|calls| indices().with_progress(calls).zip(indices()).map(|(n, _)| n as u64).sum());
    check("stream", &|calls| (0..1_000_000_u64).with_progress(calls).sum());
}

/// Sends the counts that it is told of.
struct Reports(Mutex<Sender<u64>>);

impl Progress for Reports {
    fn add(&self, count: u64) {
        self.0.lock().unwrap().send(count).unwrap();
    }
}

/// An item for which so much time has passed is long.
const LONG: Duration = Duration::from_millis(2);

/// Calls `run` with a progress, and with a closure for each of four items. Each item ends when it has become long, and is
/// reported before the end of the next.
fn expect_a_report_of_each(run: impl FnOnce(&Reports, &(dyn Fn(usize) + Sync)) + Send) {
    let gates: [Gate; 4] = Default::default();
    let ((begin, begun), (report, reported)) = (channel(), channel());
    let begin = Mutex::new(begin);
    let item = |i: usize| {
        begin.lock().unwrap().send(i).unwrap();
        gates[i].pass("the end of the item");
    };
    let reports = Reports(Mutex::new(report));
    thread::scope(|threads| {
        threads.spawn(|| run(&reports, &item));
        for (i, gate) in gates.iter().enumerate() {
            assert_eq!(receive(&begun, "the next item"), i);
            assert!(reported.try_recv().is_err(), "item {i} was reported before its end");
            let since = Instant::now();
            while since.elapsed() < LONG {
                thread::yield_now();
            }
            gate.open();
            assert_eq!(receive(&reported, "the report of the item"), 1);
        }
    });
    assert!(reported.try_recv().is_err());
}

#[test]
fn a_heavy_item_is_reported_when_it_ends() {
    let pool = pool_of(1);
    let items = || (0..4_usize).into_par_iter();
    expect_a_report_of_each(|reports, item| pool.install(|| items().with_progress(reports).for_each(item)));
    expect_a_report_of_each(|reports, item| pool.install(|| items().map(item).with_progress(reports).for_each(drop)));
    expect_a_report_of_each(|reports, item| {
        pool.install(|| items().with_progress(reports).zip(0..4_usize).for_each(|(i, _)| item(i)));
    });
    expect_a_report_of_each(|reports, item| {
        let one_part = items().with_min_len(4).with_progress(reports);
        pool.install(|| one_part.for_each(item));
    });
    expect_a_report_of_each(|reports, item| (0..4).with_progress(reports).for_each(item));
    expect_a_report_of_each(|reports, item| {
        pool.in_place_scope_fifo(|s| (0..4).for_each(|i| s.spawn_fifo_with_progress(reports, move |_| item(i))));
    });
}

#[test]
fn jobs_of_scopes_are_counted_by_the_end_of_the_scope() {
    at_each_size(|pool, threads| {
        let counter = ProgressCounter::with_total(200);
        let outcome = caught(|| {
            pool.scope(|s| {
                for i in 0..100 {
                    let counter = &counter;
                    s.spawn_with_progress(counter, move |s| {
                        s.spawn_with_progress(counter, move |_| assert_ne!(i, 50, "on purpose"));
                    });
                }
            });
        });
        assert!(outcome.is_err());
        assert_eq!((counter.done(), counter.total()), (200, Some(200)), "{threads} threads");
    });
}

#[test]
fn items_of_streams_are_counted_as_they_come() {
    let pool = pool_of(2);
    pool.install(|| {
        let counter = std::sync::Arc::new(ProgressCounter::new());
        let mut lengths = (0..100_u64).par_map_ordered(8, |n| n).with_progress(counter.clone());
        assert_eq!(counter.total(), None);
        assert_eq!(lengths.next(), Some(0));
        assert_eq!(counter.total(), Some(100));
        assert!(lengths.by_ref().eq(1..100));
        assert_eq!(counter.done(), 100);

        // Of an iterator that is dropped, what came out.
        let counter = ProgressCounter::new();
        let numbers = (0..1000_u64).into_par_iter().filter(|n| n % 2 == 0).into_seq_iter(8);
        assert_eq!(numbers.with_progress(&counter).take(10).count(), 10);
        assert_eq!((counter.done(), counter.total()), (10, None));

        // The parallel iterator beneath may be ahead.
        let counter = std::sync::Arc::new(ProgressCounter::new());
        let numbers = (0..1000_u64).into_par_iter().with_progress(counter.clone()).into_seq_iter(8);
        assert_eq!(numbers.count(), 1000);
        assert_eq!(counter.done(), 1000);
    });
}

/// Panics at each report.
struct Broken;

impl Progress for Broken {
    fn add(&self, _count: u64) {
        panic!("the bar is broken");
    }
}

#[test]
fn a_panic_of_a_report_reaches_the_caller() {
    at_each_size(|pool, threads| {
        let broken = caught(|| pool.install(|| (0..100).into_par_iter().with_progress(Broken).for_each(drop)));
        assert_eq!(broken.unwrap_err().downcast_ref(), Some(&"the bar is broken"), "{threads} threads");
        // While another panic unwinds, that one is the caller's.
        let items = || (0..100).into_par_iter().with_progress(Broken).for_each(|_| panic!("the item"));
        let broken = caught(|| pool.install(items));
        assert!(broken.is_err());
        let jobs = || pool.scope(|s| s.spawn_with_progress(Broken, |_| panic!("the job")));
        assert_eq!(caught(jobs).unwrap_err().downcast_ref(), Some(&"the job"));
        assert_eq!(pool.install(|| (0..100).into_par_iter().sum::<u32>()), 4950, "the pool lives on");
    });
}

#[test]
fn totals_are_sums_of_lengths() {
    let counter = ProgressCounter::new();
    assert_eq!(counter.total(), None);
    counter.begin(Some(5));
    counter.begin(Some(7));
    assert_eq!(counter.total(), Some(12));
    counter.begin(None);
    assert_eq!(counter.total(), None);
    let fixed = ProgressCounter::with_total(3);
    fixed.begin(Some(5));
    fixed.begin(None);
    assert_eq!(fixed.total(), Some(3));
}

/// Traits with the methods that indicatif's have for rayon's iterators and for std's, in scope beside this crate's.
mod beside_other_traits {
    use paceline::ProgressCounter;
    use paceline::extra::prelude::*;
    use paceline::prelude::*;

    trait ParallelProgressIterator: ParallelIterator {
        fn progress(self) -> Self {
            self
        }
        fn progress_with(self, _bar: u8) -> Self {
            self
        }
    }

    impl<I: ParallelIterator> ParallelProgressIterator for I {}

    trait ProgressIterator: Iterator + Sized {
        fn progress(self) -> Self {
            self
        }
        fn progress_with(self, _bar: u8) -> Self {
            self
        }
    }

    impl<I: Iterator> ProgressIterator for I {}

    #[test]
    fn no_name_is_ambiguous() {
        let counter = ProgressCounter::new();
        let parallel = (0..10).into_par_iter().progress().with_progress(&counter).progress_with(0);
        assert_eq!(parallel.count(), 10);
        assert_eq!((0..10).progress().with_progress(&counter).progress_with(0).count(), 10);
        assert_eq!(counter.done(), 20);
    }
}

#[cfg(feature = "indicatif")]
mod bars {
    use indicatif::{ProgressBar, ProgressDrawTarget};
    use paceline::extra::prelude::*;
    use paceline::prelude::*;

    #[test]
    fn a_bar_of_indicatif_is_a_progress() {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        assert_eq!((0..1000_u32).into_par_iter().with_progress(&bar).filter(|n| n % 2 == 0).count(), 500);
        assert_eq!((bar.position(), bar.length()), (1000, Some(1000)));
        // A length that it has stays.
        assert_eq!((0..10).into_par_iter().with_progress(bar.clone()).count(), 10);
        assert_eq!((bar.position(), bar.length()), (1010, Some(1000)));
        paceline::scope(|s| s.spawn_with_progress(bar.clone(), |_| ()));
        assert_eq!(bar.position(), 1011);
    }
}
