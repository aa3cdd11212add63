//! Every way to end what is deterministic, and every adaptor that may stand above it: the same bits on any number of
//! threads.

use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use paceline::CancelToken;
use paceline::extra::prelude::*;
use paceline::iter::Either;
use paceline::prelude::*;

use crate::iter_deterministic::{LENGTHS, floats, same};
use crate::pools::pool_of;

fn bits(floats: impl IntoIterator<Item = f64>) -> Vec<u64> {
    floats.into_iter().map(f64::to_bits).collect()
}

#[test]
fn scans() {
    for len in LENGTHS.into_iter().chain([4, 17, 65_537]) {
        let numbers = floats(len, 13);
        let add = |a: &f64, b: &f64| a + b;
        let items = || numbers.par_iter().copied();
        let first = same(|| bits(items().deterministic().inclusive_scan(add)));
        assert_eq!(first, same(|| bits(items().deterministic().map(|n| n).inclusive_scan(add))));
        assert_eq!(first, same(|| bits(items().deterministic().panic_fuse().inspect(|_| ()).inclusive_scan(add))));
        same(|| bits(items().deterministic().filter(|n| n.to_bits() % 3 > 0).inclusive_scan(add)));
        same(|| bits(items().deterministic().flat_map_iter(|n| [n, n / 3.0]).exclusive_scan(1.0, add)));
        same(|| bits(items().deterministic().chain(items().deterministic()).inclusive_scan(add)));
        same(|| bits(items().deterministic().fold(|| 0.0, |a, n| a + n).inclusive_scan(add)));
        same(|| bits(items().deterministic().exclusive_scan(0.5, add)));
        let either = |left: bool| match left {
            true => Either::Left(items().deterministic()),
            false => Either::Right(items().deterministic().map(|n| n)),
        };
        assert_eq!(first, same(|| bits(either(true).inclusive_scan(add))));
        assert_eq!(first, same(|| bits(either(false).inclusive_scan(add))));
    }
}

/// Operations that take long enough for others to take part, so that a scan that looks at the time would differ.
#[test]
fn scans_of_heavy_items() {
    let numbers = floats(3000, 17);
    let slow = |a: &f64, b: &f64| a + b + (0..40).fold(*b, |noise, _| (noise * 1.0001).sin()) / 1e3;
    same(|| bits(numbers.par_iter().copied().deterministic().inclusive_scan(slow)));
    same(|| bits(numbers.par_iter().copied().deterministic().map(|n| n).exclusive_scan(0.0, slow)));
}

#[test]
fn scans_agree_with_std() {
    for len in LENGTHS {
        let numbers = || (0..len).into_par_iter().map(|n| n as u64).deterministic();
        let sums: Vec<u64> = (0..len as u64).scan(0, |sum, n| Some(std::mem::replace(sum, *sum + n))).collect();
        assert_eq!(same(|| numbers().exclusive_scan(0, |a, b| a + b)), sums);
        let ends: Vec<u64> = sums.iter().zip(0..).map(|(sum, n)| sum + n).collect();
        assert_eq!(same(|| numbers().inclusive_scan(|a, b| a + b)), ends);
    }
}

#[test]
fn extremes_of_what_cannot_be_compared() {
    for len in LENGTHS {
        let mut numbers = floats(len, 19);
        numbers.iter_mut().step_by(7).for_each(|n| *n = f64::NAN);
        numbers.iter_mut().step_by(11).for_each(|n| *n = 0.0);
        let order = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal);
        let items = || numbers.par_iter().copied().deterministic();
        same(|| items().min_by(order).map(f64::to_bits));
        same(|| items().max_by(order).map(f64::to_bits));
        same(|| items().reduce_with(f64::min).map(f64::to_bits));
        same(|| items().reduce_with(f64::max).map(f64::to_bits));
        // Ties.
        let tied = || numbers.par_iter().enumerate().deterministic();
        same(|| tied().min_by_key(|(_, n)| **n as i32).map(|(place, _)| place));
        same(|| tied().max_by_key(|(_, n)| **n as i32).map(|(place, _)| place));
        same(|| tied().max_by(|a, b| order(a.1, b.1)).map(|(place, _)| place));
    }
}

#[test]
fn reductions() {
    for len in LENGTHS {
        let numbers = floats(len, 23);
        let items = || numbers.par_iter().copied().deterministic();
        same(|| items().try_fold(|| 0.0, |a, n| Some(a + n)).try_reduce(|| 0.0, |a, b| Some(a + b)).map(f64::to_bits));
        same(|| {
            items()
                .try_fold_with(0.0, |a, n| Ok::<_, ()>(a + n))
                .try_reduce_with(|a, b| Ok(a - b))
                .map(|sum| sum.map(f64::to_bits))
        });
        same(|| items().map(Some).try_reduce_with(|a, b| Some(a + b / 3.0)).flatten().map(f64::to_bits));
        same(|| {
            items().map(ControlFlow::<(), f64>::Continue).try_reduce(|| 0.0, |a, b| ControlFlow::Continue(a + b))
                == ControlFlow::Continue(0.0)
        });
        same(|| items().sum::<f64>().to_bits());
        same(|| items().map(|n| 1.0 + n / 1e9).product::<f64>().to_bits());
        same(|| {
            items()
                .map_with(0.0, |sum, n| {
                    *sum += n;
                    *sum
                })
                .sum::<f64>()
                .to_bits()
        });
        same(|| {
            items()
                .map_init(
                    || 1.0,
                    |sum, n| {
                        *sum += n;
                        *sum
                    },
                )
                .reduce(|| 0.0, |a, b| a / 2.0 + b)
                .to_bits()
        });
        same(|| {
            items().filter_map(|n| (n > 0.0).then_some(n / 3.0)).fold_with(0.0, |a, n| a + n).sum::<f64>().to_bits()
        });
        same(|| items().cloned_twice().sum::<f64>().to_bits());
    }
}

trait ClonedTwice: ParallelIterator<Item = f64> {
    /// Adaptors on adaptors.
    fn cloned_twice(self) -> impl ParallelIterator<Item = f64> {
        let token = CancelToken::new();
        self.flat_map_iter(|n| [n, n / 7.0]).panic_fuse().with_cancel(&token).update(|n| *n *= 1.1).inspect(|_| ())
    }
}

impl<I: ParallelIterator<Item = f64>> ClonedTwice for I {}

#[test]
fn collections() {
    for len in LENGTHS {
        let numbers = floats(len, 29);
        let items = || numbers.par_iter().copied().deterministic();
        let sums = || items().fold(|| 0.0, |a, n| a + n);
        let vec = same(|| bits(sums().collect::<Vec<_>>()));
        assert_eq!(vec, same(|| bits(sums().collect::<LinkedList<_>>())));
        assert_eq!(vec, same(|| bits(sums().collect::<VecDeque<_>>())));
        assert_eq!(vec, same(|| bits(sums().collect::<Box<[_]>>())));
        assert_eq!(vec, same(|| bits(sums().collect_vec_list().into_iter().flatten())));
        assert_eq!(vec, same(|| bits(sums().map(Some).collect::<Option<Vec<_>>>().unwrap())));
        // Of equal keys the last one stays.
        let keyed = || items().map(|n| (n as i64 % 17, n.to_bits()));
        let mut map: Vec<_> = same(|| keyed().collect::<BTreeMap<_, _>>()).into_iter().collect();
        let mut hashed: Vec<_> = same(|| keyed().collect::<HashMap<_, _>>()).into_iter().collect();
        map.sort_unstable();
        hashed.sort_unstable();
        assert_eq!(map, hashed);
        same(|| {
            let (a, b): (Vec<f64>, Vec<f64>) = sums().map(|n| (n, n / 3.0)).unzip();
            (bits(a), bits(b))
        });
        same(|| {
            let (a, b): (Vec<f64>, Vec<f64>) = sums().partition(|n| *n > 0.0);
            (bits(a), bits(b))
        });
        same(|| {
            let part = |n: f64| if n > 0.0 { Either::Left(n) } else { Either::Right(n as i64) };
            let (a, b): (Vec<f64>, Vec<i64>) = sums().partition_map(part);
            (bits(a), b)
        });
        same(|| {
            let mut all = vec![0.5];
            all.par_extend(sums());
            bits(all)
        });
        same(|| bits(sums().intersperse(0.25).collect::<Vec<_>>()));
        same(|| items().intersperse(0.25).sum::<f64>().to_bits());
    }
}

#[test]
fn searches_from_either_end() {
    for len in LENGTHS {
        let numbers = floats(len, 31);
        let items = || numbers.par_iter().copied().deterministic();
        same(|| items().find_first(|n| *n > 0.3).map(f64::to_bits));
        same(|| items().find_last(|n| *n > 0.3).map(f64::to_bits));
        same(|| items().find_map_first(|n| (n > 0.3).then_some(n.to_bits())));
        same(|| items().find_map_last(|n| (n > 0.3).then_some(n.to_bits())));
        same(|| items().any(|n| n > 0.4999));
        same(|| items().all(|n| n < 0.4999));
        same(|| items().filter(|n| *n > 0.0).count());
    }
}

#[test]
fn loops_for_their_effects_have_the_same_states() {
    for len in LENGTHS {
        let numbers = floats(len, 37);
        // A sum over what each call sees of its state, in any order.
        let seen = |run: &(dyn Fn(&AtomicU64) + Sync)| {
            let total = AtomicU64::new(0);
            run(&total);
            total.into_inner()
        };
        let call = |state: &mut f64, n: f64, total: &AtomicU64| {
            *state += n;
            total.fetch_add(state.to_bits(), Ordering::Relaxed);
        };
        let items = || numbers.par_iter().copied().deterministic();
        same(|| seen(&|total| items().for_each_with(0.0, |state, n| call(state, n, total))));
        same(|| seen(&|total| items().for_each_init(|| 0.0, |state, n| call(state, n, total))));
        same(|| {
            seen(&|total| {
                let call = |state: &mut f64, n| {
                    call(state, n, total);
                    Some(())
                };
                assert!(items().try_for_each_with(0.0, call).is_some());
                assert!(items().try_for_each_init(|| 0.0, call).is_some());
            })
        });
    }
}

/// Has `work` read items that threads of their own make, as many as these pools have.
#[track_caller]
fn same_read<R: PartialEq + std::fmt::Debug + Send>(work: impl Fn() -> R + Sync) -> R {
    let mut found = [1, 2, 3, 7].map(|threads| pool_of(threads).install(&work)).into_iter();
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first));
    first
}

#[test]
fn what_comes_out_of_a_sequential_iterator() {
    for len in [0, 1, 3, 257, 1000] {
        let numbers = floats(len, 41);
        let items = || numbers.clone().into_par_iter().deterministic();
        let parts = same_read(|| bits(items().fold(|| 0.0, |a, n| a + n).collect::<Vec<_>>()));
        for window in [1, 8, 1000] {
            let read = same_read(|| bits(items().fold(|| 0.0, |a, n| a + n).into_seq_iter(window)));
            assert_eq!(read, parts, "window {window}");
            let plain = same_read(|| items().into_seq_iter(window).fold(0.0, |a, n| a + n).to_bits());
            assert_eq!(plain, numbers.iter().fold(0.0, |a, n| a + n).to_bits());
            same_read(|| {
                bits(
                    items()
                        .map_init(
                            || 0.0,
                            |sum, n| {
                                *sum += n;
                                *sum
                            },
                        )
                        .into_seq_iter(window),
                )
            });
            same_read(|| bits(items().fold(|| 0.0, |a, n| a + n).intersperse(0.5).into_seq_iter(window)));
            let inner =
                |n: f64| (0..70_u32).into_par_iter().deterministic().fold(move || n, |a, k| a + f64::from(k) / 3.0);
            same_read(|| bits((0..9_u32).into_par_iter().flat_map(move |n| inner(f64::from(n))).into_seq_iter(window)));
        }
    }
}
