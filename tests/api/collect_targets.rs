//! Collecting into every target: the outcome is that of std's `collect` and `extend`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;
use std::sync::Arc;

use paceline::iter::Either;
use paceline::prelude::*;

use crate::iter::in_pools;

const LENGTHS: [u32; 5] = [0, 1, 2, 60, 2000];

/// A number for each position, with repetitions.
fn mixed(n: u32) -> u32 {
    n * 37 % 501
}

/// Checks what is collected, from an iterator with and from one without a known length.
fn check_collect<C, T>(make: impl Fn(u32) -> T + Sync + Send + Copy)
where
    C: FromParallelIterator<T> + FromIterator<T> + PartialEq + Debug,
    T: Send,
{
    for len in LENGTHS {
        let expected: C = (0..len).map(make).collect();
        assert_eq!((0..len).into_par_iter().map(make).collect::<C>(), expected);
        let kept = |n: &u32| n % 3 != 1;
        let expected: C = (0..len).filter(kept).map(make).collect();
        assert_eq!((0..len).into_par_iter().filter(kept).map(make).collect::<C>(), expected);
    }
}

/// Checks what a collection is extended to, from empty and from not empty.
fn check_extend<C, T>(make: impl Fn(u32) -> T + Sync + Send + Copy)
where
    C: ParallelExtend<T> + Extend<T> + Default + PartialEq + Debug,
    T: Send,
{
    for len in LENGTHS {
        let (mut parallel, mut expected) = (C::default(), C::default());
        for _ in 0..2 {
            parallel.par_extend((0..len).into_par_iter().map(make));
            expected.extend((0..len).map(make));
            assert_eq!(parallel, expected);
            parallel.par_extend((0..len).into_par_iter().filter(|n| n % 3 != 1).map(make));
            expected.extend((0..len).filter(|n| n % 3 != 1).map(make));
            assert_eq!(parallel, expected);
        }
    }
}

/// Checks a collection of numbers, by value and by reference.
fn check_numbers<C>()
where
    C: FromParallelIterator<u32> + FromIterator<u32> + Extend<u32> + Default + PartialEq + Debug,
    C: ParallelExtend<u32> + for<'n> ParallelExtend<&'n u32> + for<'n> Extend<&'n u32>,
{
    const NUMBERS: [u32; 5] = [4, 1, 4, 0, 2];
    in_pools(|| {
        check_collect::<C, u32>(mixed);
        check_extend::<C, u32>(mixed);
        check_extend::<C, &u32>(|n| &NUMBERS[n as usize % 5]);
    });
}

/// Checks a map of numbers, by value and by reference; the last of several values of a key stays.
fn check_maps<C>()
where
    C: FromParallelIterator<(u32, u32)> + FromIterator<(u32, u32)> + Extend<(u32, u32)> + Default + PartialEq + Debug,
    C: ParallelExtend<(u32, u32)>,
    C: for<'n> ParallelExtend<(&'n u32, &'n u32)> + for<'n> Extend<(&'n u32, &'n u32)>,
{
    const NUMBERS: [u32; 5] = [4, 1, 4, 0, 2];
    in_pools(|| {
        check_collect::<C, _>(|n| (mixed(n), n));
        check_extend::<C, _>(|n| (mixed(n), n));
        check_extend::<C, _>(|n| (&NUMBERS[n as usize % 5], &NUMBERS[n as usize % 3]));
    });
}

type FixedHasher = BuildHasherDefault<DefaultHasher>;

#[test]
fn collections_agree_with_std() {
    check_numbers::<Vec<u32>>();
    check_numbers::<VecDeque<u32>>();
    check_numbers::<LinkedList<u32>>();
    check_numbers::<BTreeSet<u32>>();
    check_numbers::<HashSet<u32>>();
    check_numbers::<HashSet<u32, FixedHasher>>();
    check_maps::<BTreeMap<u32, u32>>();
    check_maps::<HashMap<u32, u32>>();
    check_maps::<HashMap<u32, u32, FixedHasher>>();
}

/// A heap, compared by its items in order.
#[derive(Default, Debug)]
struct Heap(BinaryHeap<u32>);

impl PartialEq for Heap {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().into_sorted_vec() == other.0.clone().into_sorted_vec()
    }
}

impl FromIterator<u32> for Heap {
    fn from_iter<I: IntoIterator<Item = u32>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl FromParallelIterator<u32> for Heap {
    fn from_par_iter<I: IntoParallelIterator<Item = u32>>(iter: I) -> Self {
        Self(BinaryHeap::from_par_iter(iter))
    }
}

impl<T> Extend<T> for Heap
where
    BinaryHeap<u32>: Extend<T>,
{
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl<T: Send> ParallelExtend<T> for Heap
where
    BinaryHeap<u32>: ParallelExtend<T>,
{
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, iter: I) {
        self.0.par_extend(iter);
    }
}

#[test]
fn heaps_agree_with_std() {
    check_numbers::<Heap>();
}

#[test]
fn owners_of_slices_agree_with_std() {
    in_pools(|| {
        check_collect::<Box<[u32]>, _>(mixed);
        check_collect::<Rc<[u32]>, _>(mixed);
        check_collect::<Arc<[u32]>, _>(mixed);
        check_collect::<Cow<'_, [u32]>, _>(mixed);
        check_collect::<(), ()>(|_| ());
        ().par_extend(vec![(); 9]);
    });
}

#[test]
fn what_fails_is_collected_as_by_std() {
    in_pools(|| {
        check_collect::<Option<BTreeSet<u32>>, _>(|n| Some(mixed(n)));
        check_collect::<Option<Vec<u32>>, _>(|n| (mixed(n) != 100).then_some(n));
        check_collect::<Result<VecDeque<u32>, String>, _>(|n| Ok(mixed(n)));
        check_collect::<Result<HashMap<u32, u32>, &str>, _>(|n| if n == 50 { Err("50") } else { Ok((mixed(n), n)) });
    });
}

#[test]
fn pairs_of_collections_agree_with_std() {
    in_pools(|| {
        check_collect::<(Vec<u32>, BTreeSet<u32>), _>(|n| (n, mixed(n)));
        check_extend::<(LinkedList<u32>, HashSet<u32>), _>(|n| (n, mixed(n)));
        check_extend::<(Vec<u32>, (Vec<u32>, BTreeMap<u32, u32>)), _>(|n| (n, (n, (mixed(n), n))));
    });
}

#[test]
fn pairs_of_collections_take_eithers_apart() {
    let sort = |n: u32| if n % 7 < 3 { Either::Left(n) } else { Either::Right(n.to_string()) };
    in_pools(|| {
        for len in LENGTHS {
            let left: Vec<u32> = (0..len).filter_map(|n| sort(n).left()).collect();
            let right: Vec<String> = (0..len).filter_map(|n| sort(n).right()).collect();
            let both: (Vec<u32>, Box<[String]>) = (0..len).into_par_iter().map(sort).collect();
            assert_eq!(both, (left.clone(), right.clone().into()));
            let mut lists = (both.0, both.1.into_vec());
            lists.par_extend((0..len).into_par_iter().map(sort));
            assert_eq!(lists, ([&left[..], &left].concat(), [&right[..], &right].concat()));
        }
    });
}

/// Collections that can be made but not extended come in pairs, too.
#[test]
fn pairs_of_results_are_collected() {
    in_pools(|| {
        let halves = |n: u32| (Ok::<_, String>(n), if n == 7 { Err(n) } else { Ok(n) });
        let both: (Result<Vec<u32>, _>, Result<Vec<u32>, u32>) = (0..100).into_par_iter().map(halves).collect();
        assert_eq!(both, (Ok((0..100).collect()), Err(7)));
    });
}

#[test]
fn either_of_two_collections_is_extended() {
    let mut either = Either::Left(vec![0]);
    either.par_extend(1..3_u32);
    assert_eq!(either.clone().left(), Some(vec![0, 1, 2]));
    either = Either::Right(BTreeSet::from([9]));
    either.par_extend(1..3_u32);
    assert_eq!(either.right(), Some(BTreeSet::from([1, 2, 9])));
}

#[test]
fn either_of_two_iterators_is_one() {
    let numbers = |up: bool| {
        let range = (0..10).into_par_iter();
        if up { Either::Left(range) } else { Either::Right(range.rev()) }
    };
    crate::iter_laws::check(|| numbers(true), 0..10);
    crate::iter_laws::check(|| numbers(false), (0..10).rev());
    let filtered: Either<_, paceline::iter::Empty<i32>> = Either::Left((0..10).into_par_iter().filter(|n| n % 2 == 0));
    assert_eq!(filtered.opt_len(), None);
    assert_eq!(filtered.sum::<i32>(), 20);
}
