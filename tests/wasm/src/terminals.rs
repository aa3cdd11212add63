//! What ends a parallel iterator.

use crate::exported;
use paceline::extra::prelude::*;
use paceline::iter::Either;
use paceline::prelude::*;
use std::cmp::Ordering::{Equal, Less};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};

/// So many that a loop is cut into blocks, and looks at the clock.
const MANY: u32 = 20_000;

/// An iterator with a length.
fn many() -> impl IndexedParallelIterator<Item = u32> {
    (0..MANY).into_par_iter()
}

/// An iterator without one.
fn odd() -> impl ParallelIterator<Item = u32> {
    many().filter(|n| n % 2 == 1)
}

/// The sum of what `count` was called with.
fn summed(call: impl FnOnce(&(dyn Fn(u32) + Sync))) -> u32 {
    let sum = AtomicU32::new(0);
    call(&|n| _ = sum.fetch_add(n, Ordering::Relaxed));
    sum.into_inner()
}

const SUM: u32 = MANY * (MANY - 1) / 2;

exported! {
    fn for_each() {
        assert_eq!(summed(|add| many().for_each(add)), SUM);
        assert_eq!(summed(|add| many().for_each_with(0, |_, n| add(n))), SUM);
        assert_eq!(summed(|add| many().for_each_init(|| 0, |_, n| add(n))), SUM);
        assert_eq!(summed(|add| odd().for_each(add)), MANY / 2 * (MANY / 2));
    }

    fn try_for_each() {
        let even = |n: u32| if n % 2 == 0 { Ok(()) } else { Err(n) };
        assert!(many().try_for_each(even).is_err());
        assert_eq!(many().map(|n| n * 2).try_for_each_with(0, |_, n| even(n)), Ok(()));
        assert_eq!(many().try_for_each_init(|| 0, |_, _| Some(())), Some(()));
    }

    fn folds() {
        assert_eq!(many().sum::<u32>(), SUM);
        assert_eq!((1..11_u32).into_par_iter().product::<u32>(), 3_628_800);
        assert_eq!(many().count(), MANY as usize);
        assert_eq!(odd().count(), MANY as usize / 2);
        assert_eq!(many().reduce(|| 0, |a, b| a + b), SUM);
        assert_eq!(many().reduce_with(|a, b| a + b), Some(SUM));
        assert_eq!(many().map(Some).try_reduce(|| 0, |a, b| a.checked_add(b)), Some(SUM));
        assert_eq!(many().map(Some).try_reduce_with(|a, b| a.checked_add(b)), Some(Some(SUM)));
        assert_eq!(many().fold(|| 0, |a, b| a + b).sum::<u32>(), SUM);
        assert_eq!(many().fold_with(0, |a, b| a + b).sum::<u32>(), SUM);
        assert_eq!(many().try_fold(|| 0, u32::checked_add).sum::<Option<u32>>(), Some(SUM));
        assert_eq!(many().try_fold_with(0, u32::checked_add).sum::<Option<u32>>(), Some(SUM));
        assert_eq!(many().deterministic().map(f64::from).sum::<f64>(), f64::from(SUM));
    }

    fn extremes() {
        assert_eq!((many().min(), many().max()), (Some(0), Some(MANY - 1)));
        assert_eq!(many().min_by(|a, b| b.cmp(a)), Some(MANY - 1));
        assert_eq!(many().max_by(|a, b| b.cmp(a)), Some(0));
        assert_eq!(many().min_by_key(|n| MANY - n), Some(MANY - 1));
        assert_eq!(many().max_by_key(|n| MANY - n), Some(0));
    }

    fn searches() {
        assert_eq!(many().find_any(|&n| n == 777), Some(777));
        assert_eq!(odd().find_first(|&n| n > 10_000), Some(10_001));
        assert_eq!(odd().find_last(|&n| n < 10_000), Some(9999));
        assert_eq!(many().find_map_any(|n| (n == 5).then_some("five")), Some("five"));
        assert_eq!(many().find_map_first(|n| n.checked_sub(9)), Some(0));
        assert_eq!(many().find_map_last(|n| n.checked_sub(9)), Some(MANY - 10));
        assert!(many().any(|n| n == 9999) && !many().any(|n| n == MANY));
        assert!(many().all(|n| n < MANY) && !many().all(|n| n == 0));
        assert_eq!(many().position_any(|n| n == 12), Some(12));
        assert_eq!(many().position_first(|n| n > 12), Some(13));
        assert_eq!(many().position_last(|n| n < 12), Some(11));
    }

    fn comparisons() {
        assert_eq!(many().cmp(many()), Equal);
        assert_eq!(many().partial_cmp(1..MANY), Some(Less));
        assert!(many().eq(many()) && many().ne(1..MANY));
        assert!(many().lt(1..MANY) && many().le(many()) && (1..MANY).into_par_iter().gt(many()) && many().ge(many()));
    }

    fn collect() {
        assert!(many().collect::<Vec<_>>().into_iter().eq(0..MANY));
        assert!(odd().collect::<Vec<_>>().into_iter().eq((0..MANY).filter(|n| n % 2 == 1)));
        assert_eq!(odd().collect_unordered().len(), MANY as usize / 2);
        assert!(odd().collect_vec_list().into_iter().flatten().eq((0..MANY).filter(|n| n % 2 == 1)));
        let mut vec = vec![0; 3];
        many().collect_into_vec(&mut vec);
        assert!(vec.iter().copied().eq(0..MANY));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        many().map(|n| (n, n + 1)).unzip_into_vecs(&mut left, &mut right);
        assert!(left.into_iter().eq(0..MANY) && right.into_iter().eq(1..MANY + 1));
        vec.par_extend(odd());
        assert_eq!(vec.len(), MANY as usize * 3 / 2);
        assert_eq!((0..4).into_par_iter().par_map(|n| n * 2), [0, 2, 4, 6]);
    }

    fn collect_into_each() {
        let len = MANY as usize / 2;
        assert_eq!(odd().collect::<VecDeque<_>>().len(), len);
        assert_eq!(odd().collect::<LinkedList<_>>().len(), len);
        assert_eq!(odd().collect::<BinaryHeap<_>>().len(), len);
        assert_eq!(odd().collect::<BTreeSet<_>>().len(), len);
        assert_eq!(odd().collect::<HashSet<_>>().len(), len);
        assert_eq!(odd().map(|n| (n, n)).collect::<BTreeMap<_, _>>().len(), len);
        assert_eq!(odd().map(|n| (n, n)).collect::<HashMap<_, _>>().len(), len);
        assert_eq!(odd().collect::<Box<[_]>>().len(), len);
        assert_eq!(odd().map(|_| 'a').collect::<String>().len(), len);
        assert_eq!(odd().map(Some).collect::<Option<Vec<_>>>().map(|vec| vec.len()), Some(len));
        assert_eq!(odd().map(Err::<u32, u32>).collect::<Result<Vec<_>, _>>().map(|vec| vec.len()).is_err(), true);
        odd().map(|_| ()).collect::<()>();
    }

    fn partitions() {
        let (odd, even): (Vec<u32>, Vec<u32>) = many().partition(|n| n % 2 == 1);
        assert_eq!((odd.len(), even.len()), (MANY as usize / 2, MANY as usize / 2));
        let side = |n: u32| if n < 10 { Either::Left(n) } else { Either::Right(()) };
        let (small, rest): (Vec<u32>, Vec<()>) = many().partition_map(side);
        assert_eq!((small.len(), rest.len()), (10, MANY as usize - 10));
        let (left, right): (Vec<u32>, HashSet<u32>) = many().map(|n| (n, n % 3)).unzip();
        assert_eq!((left.len(), right.len()), (MANY as usize, 3));
    }

    fn scans() {
        let sums = many().inclusive_scan(|a, b| a + b);
        assert_eq!((sums[2], sums.last().copied()), (3, Some(SUM)));
        let sums = odd().exclusive_scan(5, |a, b| a + b);
        assert_eq!(sums[..3], [5, 6, 9]);
    }
}
