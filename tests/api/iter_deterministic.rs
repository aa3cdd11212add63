//! What is deterministic comes out equal to the last bit on any number of threads, and agrees with std.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock};

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{Scope, ThreadPool};
use proptest::prelude::*;

use crate::gate::WATCHDOG;
use crate::pools::pool_of;

/// How many threads they have: from one thread to many more than there are processors.
const SIZES: [usize; 4] = [1, 2, 7, 64];

/// The pools that are compared.
fn pools() -> &'static [ThreadPool] {
    static POOLS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    POOLS.get_or_init(|| SIZES.map(pool_of).into())
}

/// Runs `work` in every pool, twice, and returns what came of it if that was the same each time.
#[track_caller]
pub(crate) fn same<R: PartialEq + std::fmt::Debug + Send>(work: impl Fn() -> R + Sync) -> R {
    let first = pools()[0].install(&work);
    for pool in pools() {
        for _ in 0..2 {
            assert_eq!(pool.install(&work), first, "on {} threads", pool.current_num_threads());
        }
    }
    first
}

/// Floats of some different magnitudes, whose sums depend on the order.
pub(crate) fn floats(len: usize, seed: u64) -> Vec<f64> {
    let float = |n: u64| {
        let bits = (n ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let magnitude = 10_f64.powi((bits >> 20 & 3) as i32);
        (bits as f64 / u64::MAX as f64 - 0.5) * magnitude
    };
    (0..len as u64).map(float).collect()
}

pub(crate) const LENGTHS: [usize; 11] = [0, 1, 2, 3, 100, 255, 256, 257, 1000, 16_385, 70_000];

#[test]
fn float_totals_are_equal_to_the_last_bit() {
    for len in LENGTHS {
        let wide = floats(len, 7);
        let narrow: Vec<f32> = wide.iter().map(|&float| float as f32).collect();
        same(|| wide.par_iter().deterministic().sum::<f64>().to_bits());
        same(|| narrow.par_iter().deterministic().sum::<f32>().to_bits());
        same(|| wide.par_iter().map(|float| 1.0 + float / 1e9).deterministic().product::<f64>().to_bits());
        same(|| narrow.par_iter().deterministic().map(|float| 1.0 + float / 1e6).product::<f32>().to_bits());
    }
}

/// The whole tree, written down.
#[test]
fn any_reduction_is_the_same() {
    for len in [0, 1, 2, 5, 257, 3000, 20_000] {
        let join = |a: String, b: String| format!("({a} {b})");
        let numbers = || (0..len).into_par_iter().map(|n: i32| n.to_string()).deterministic();
        let tree = same(|| numbers().reduce_with(join));
        let items: String = tree.unwrap_or_default().chars().filter(|char| !"()".contains(*char)).collect();
        assert_eq!(items, (0..len).map(|n| n.to_string()).collect::<Vec<_>>().join(" "));
        same(|| numbers().reduce(|| "-".into(), join));
        same(|| numbers().map(Some).try_reduce(String::new, |a, b| Some(join(a, b))));
        same(|| numbers().fold(|| "<".into(), |a, b| format!("{a} {b}")).reduce_with(join));
        same(|| numbers().fold_with("<".into(), |a, b| format!("{a} {b}")).collect::<Vec<String>>());
    }
}

#[test]
fn stages_above_and_below() {
    for len in LENGTHS {
        let numbers = floats(len, 3);
        let below = numbers.par_iter().zip(&numbers).enumerate().rev().map(|(n, (a, b))| a * b * n as f64);
        same(|| below.clone().deterministic().sum::<f64>().to_bits());
        let above = || numbers.par_iter().deterministic().copied();
        same(|| above().filter(|float| float.to_bits() % 3 != 0).sum::<f64>().to_bits());
        same(|| above().flat_map_iter(|float| [float, float / 3.0]).sum::<f64>().to_bits());
        same(|| above().min_by(f64::total_cmp).map(f64::to_bits));
        same(|| above().max_by(|a, b| a.partial_cmp(b).unwrap()).map(f64::to_bits));
        // Two float sums at once, and a state for each part.
        same(|| {
            let (a, b) = above().map(|float| (float, float / 7.0)).reduce(|| (0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
            (a.to_bits(), b.to_bits())
        });
        let number = |state: &mut u32, float: f64| {
            *state += 1;
            float / f64::from(*state)
        };
        same(|| above().map_init(|| 0, number).sum::<f64>().to_bits());
        same(|| numbers.par_iter().copied().map_init(|| 0, number).deterministic().sum::<f64>().to_bits());
        same(|| above().chain(above()).sum::<f64>().to_bits());
    }
}

/// The lengths of the parts in which an iterator is folded.
fn parts<I: ParallelIterator>(items: I) -> Vec<usize> {
    items.fold(|| 0, |len, _| len + 1).collect()
}

#[test]
fn the_parts_depend_on_the_length_and_on_the_bounds() {
    for len in LENGTHS {
        let numbers = || (0..len).into_par_iter();
        let usual = same(|| parts(numbers().deterministic()));
        assert_eq!(usual.iter().sum::<usize>(), len);
        let most = if len > 16_384 { 1024 } else { 256 };
        assert!(usual.len() <= most, "{} parts of {len} items", usual.len());
        assert!(usual.len() >= len.min(129), "{} parts of {len} items", usual.len());
        let long = same(|| parts(numbers().with_min_len(100).deterministic()));
        assert!(long.len() == 1 || long.iter().all(|&part| part >= 100));
        let short = same(|| parts(numbers().with_max_len(3).deterministic()));
        assert!(short.iter().all(|&part| part <= 3));
        let both = same(|| parts(numbers().with_max_len(3).with_min_len(2).deterministic()));
        assert!(len < 2 || both.iter().all(|&part| part == 2 || part == 3));
    }
}

/// Up to half of the workers are busy with other jobs, which come and go, so that nobody knows who runs which part.
#[test]
fn under_load() {
    let numbers = floats(50_000, 11);
    let work = || {
        let heavy = |&float: &f64| (0..20).fold(float, |float, _| (float * 1.000_1).sin() + float);
        numbers.par_iter().map(heavy).deterministic().sum::<f64>().to_bits()
    };
    let at_rest = pools()[0].install(work);
    for pool in SIZES.map(pool_of) {
        let is_over = AtomicBool::new(false);
        let (jobs, is_over) = (AtomicUsize::new(0), &is_over);
        pool.in_place_scope(|scope| {
            fn job<'s>(scope: &Scope<'s>, jobs: &'s AtomicUsize, is_over: &'s AtomicBool) {
                jobs.fetch_add(1, Ordering::Relaxed);
                let noise = (0..3000).fold(0.5_f64, |noise, _| noise.cos());
                assert!(noise > 0.0);
                if !is_over.load(Ordering::Relaxed) {
                    scope.spawn(move |scope| job(scope, jobs, is_over));
                }
            }
            // One that always has a job of its own would never come to what is installed, so one worker is left alone.
            let busy = pool.current_num_threads() / 2;
            for _ in 0..busy {
                let jobs = &jobs;
                scope.spawn(move |scope| job(scope, jobs, is_over));
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                for _ in 0..8 {
                    let (sum, others) = pool.install(|| paceline::join(work, work));
                    assert_eq!((sum, others), (at_rest, at_rest), "on {} threads", pool.current_num_threads());
                }
            }));
            // The jobs must end in any case, or the scope would not.
            is_over.store(true, Ordering::Relaxed);
            outcome.unwrap();
        });
        assert!(jobs.into_inner() >= pool.current_num_threads() / 2);
    }
}

#[test]
fn outside_all_pools_too() {
    let numbers = floats(100_000, 5);
    let sum = || numbers.par_iter().deterministic().sum::<f64>().to_bits();
    assert_eq!(sum(), same(sum));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_floats(len in 0_usize..20_000, seed in any::<u64>(), min in 1_usize..50, max in 1_usize..500) {
        let numbers = floats(len, seed);
        same(|| numbers.par_iter().deterministic().sum::<f64>().to_bits());
        let bounded = || numbers.par_iter().with_min_len(min).with_max_len(max).deterministic();
        same(|| bounded().sum::<f64>().to_bits());
        same(|| bounded().copied().reduce(|| 0.0, |a, b| (a - b) / 2.0).to_bits());
    }

    #[test]
    fn agrees_with_std(numbers in prop::collection::vec(any::<u32>(), 0..3000), threads in 0_usize..4) {
        pools()[threads].install(|| {
            let ours = || numbers.par_iter().deterministic();
            assert_eq!(ours().opt_len(), Some(numbers.len()));
            assert_eq!(ours().map(|&n| u64::from(n)).sum::<u64>(), numbers.iter().map(|&n| u64::from(n)).sum());
            assert_eq!(ours().collect::<Vec<_>>(), numbers.iter().collect::<Vec<_>>());
            let odd = |n: &&u32| **n % 2 == 1;
            assert_eq!(ours().filter(odd).collect::<Vec<_>>(), numbers.iter().filter(odd).collect::<Vec<_>>());
            assert_eq!(ours().filter(odd).count(), numbers.iter().filter(odd).count());
            assert_eq!(ours().min(), numbers.iter().min());
            assert_eq!(ours().max_by_key(|n| *n % 10), numbers.iter().max_by_key(|n| *n % 10));
            assert_eq!(ours().find_first(odd), numbers.iter().find(odd));
            assert_eq!(ours().find_last(odd), numbers.iter().rfind(odd));
            assert_eq!(ours().any(|n| n % 100 == 0), numbers.iter().any(|n| n % 100 == 0));
        });
    }
}

#[test]
fn a_closure_that_panics_and_items_that_count_their_drops() {
    struct Counted<'d>(usize, &'d [AtomicUsize]);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.1[self.0].fetch_add(1, Ordering::Relaxed);
        }
    }

    const LEN: usize = 700;
    for pool in pools() {
        for bad in [0, 1, 350, LEN - 1, LEN] {
            let drops: Vec<AtomicUsize> = (0..LEN).map(|_| AtomicUsize::new(0)).collect();
            let items: Vec<Counted<'_>> = (0..LEN).map(|number| Counted(number, &drops)).collect();
            let work = || {
                let kept = items.into_par_iter().deterministic().filter(|item| {
                    assert!(item.0 != bad, "item {bad}");
                    item.0 % 2 == 0
                });
                kept.map(|item| vec![item]).reduce(Vec::new, |mut a, b| {
                    a.extend(b);
                    a
                })
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(work)));
            assert_eq!(outcome.is_ok(), bad == LEN);
            drop(outcome);
            assert!(drops.iter().all(|drops| drops.load(Ordering::Relaxed) == 1));
        }
    }
}

#[test]
fn items_without_size() {
    for len in LENGTHS {
        assert_eq!(same(|| vec![(); len].into_par_iter().deterministic().count()), len);
        assert_eq!(same(|| vec![(); len].into_par_iter().deterministic().collect::<Vec<()>>().len()), len);
    }
}

#[test]
fn several_threads_take_part() {
    // Two items that wait for each other end only if two threads run them at the same time.
    let meeting = (Mutex::new(0), Condvar::new());
    pool_of(2).install(|| {
        (0..2).into_par_iter().deterministic().for_each(|_| {
            let mut here = meeting.0.lock().unwrap();
            *here += 1;
            meeting.1.notify_all();
            let waited = meeting.1.wait_timeout_while(here, WATCHDOG, |here| *here < 2);
            assert_eq!(*waited.unwrap().0, 2, "an item was left alone");
        });
    });
}
