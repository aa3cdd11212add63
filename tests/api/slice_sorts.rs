//! The sorts agree with std's, on inputs of many shapes and in pools of several sizes.

use std::cmp::{Ordering, Reverse};
use std::sync::atomic::{self, AtomicUsize};

use paceline::prelude::*;
use proptest::prelude::*;

use crate::iter::in_pools;
use crate::pools::pool_of;

/// Lengths around those at which a sort begins to share its work, and one far beyond.
const LENGTHS: [usize; 9] = [0, 1, 2, 3, 20, 8191, 8192, 16_384, 50_001];

/// Those of them that are worth a try in this pool: one thread leaves long slices to std.
fn lengths() -> impl Iterator<Item = usize> {
    LENGTHS.into_iter().filter(|&len| len <= 8192 || paceline::current_num_threads() > 1)
}

/// Numbers that look random and are always the same.
pub(crate) fn scrambled(len: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..len).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

/// Inputs of `len` keys, each with the name of its shape.
pub(crate) fn shapes(len: usize) -> Vec<(&'static str, Vec<u64>)> {
    let up = || 0..len as u64;
    let mut nearly: Vec<u64> = up().collect();
    for (index, other) in scrambled(len / 50).enumerate() {
        nearly.swap(index * 50, other as usize % len);
    }
    let mut late: Vec<u64> = up().collect();
    late.extend(scrambled(len / 100));
    let mut shifted: Vec<u64> = up().collect();
    shifted.rotate_left(len / 3);
    vec![
        ("random", scrambled(len).collect()),
        ("sorted", up().collect()),
        ("reversed", up().rev().collect()),
        ("equal", vec![7; len]),
        ("two values", scrambled(len).map(|n| n % 2).collect()),
        ("few values", scrambled(len).map(|n| n % 10).collect()),
        ("one smaller", up().map(|n| u64::from(n != len as u64 / 2)).collect()),
        ("one greater", up().map(|n| u64::from(n == len as u64 / 2)).collect()),
        ("organ pipe", up().map(|n| n.min(len as u64 - n)).collect()),
        ("pit", up().map(|n| n.max(len as u64 - n)).collect()),
        ("saw", up().map(|n| n % 100).collect()),
        ("descending saw", up().rev().map(|n| n % 777).collect()),
        ("stairs down", up().rev().map(|n| n / 64).collect()),
        ("nearly sorted", nearly),
        ("random at the end", late),
        ("shifted", shifted),
        ("two heaps", up().map(|n| n % 2 * 1_000_000 + n).collect()),
    ]
}

/// Inputs of which most is sorted already, in long runs.
pub(crate) fn shapes_of_runs(len: usize) -> Vec<(&'static str, Vec<u64>)> {
    let up = || 0..len as u64;
    let percent = len / 100;
    let random = |count: usize| scrambled(count).map(|n| n % len.max(1) as u64);
    let late_random: Vec<u64> = up().skip(percent).chain(random(percent)).collect();
    let early_random: Vec<u64> = random(percent).chain(up().skip(percent)).collect();
    let mut hole: Vec<u64> = up().collect();
    hole.splice(len / 2..len / 2 + percent, random(percent));
    let runs = |count: u64| up().map(move |n| n * count % (len as u64 + 1)).collect::<Vec<_>>();
    vec![
        ("late", late_random.clone()),
        ("late, reversed", reversed(late_random)),
        ("early", early_random),
        ("hole", hole),
        ("two runs", runs(2)),
        ("ten runs", runs(10)),
        ("ten runs, reversed", reversed(runs(10))),
    ]
}

fn reversed(mut keys: Vec<u64>) -> Vec<u64> {
    keys.reverse();
    keys
}

/// Pairs of a key and the place where the pair began, by which a change of order among equal keys shows.
fn tagged(keys: &[u64]) -> Vec<(u64, usize)> {
    keys.iter().copied().zip(0..).collect()
}

fn check_stable(name: &str, keys: &[u64]) {
    let mut expected = tagged(keys);
    expected.sort_by_key(|pair| pair.0);
    let mut items = tagged(keys);
    items.par_sort_by_key(|pair| pair.0);
    assert!(items == expected, "par_sort_by_key, {name}, {} items", keys.len());
    let mut items = tagged(keys);
    items.par_sort_by(|a, b| a.0.cmp(&b.0));
    assert!(items == expected, "par_sort_by, {name}, {} items", keys.len());
    let mut items = tagged(keys);
    items.par_sort_by_cached_key(|pair| pair.0 % 1000);
    let mut expected = tagged(keys);
    expected.sort_by_key(|pair| pair.0 % 1000);
    assert!(items == expected, "par_sort_by_cached_key, {name}, {} items", keys.len());
    let mut items = keys.to_vec();
    items.par_sort();
    assert!(items.is_sorted(), "par_sort, {name}, {} items", keys.len());
    // Wide items are sorted by their indices.
    let mut wide: Vec<[u64; 6]> =
        tagged(keys).into_iter().map(|(key, number)| [key, 1, 2, 3, 4, number as u64]).collect();
    wide.par_sort_by_key(|item| item[0]);
    let mut expected = tagged(keys);
    expected.sort_by_key(|pair| pair.0);
    let expected = expected.into_iter().map(|(key, number)| [key, 1, 2, 3, 4, number as u64]);
    assert!(wide.into_iter().eq(expected), "par_sort_by_key, {name}, {} wide items", keys.len());
}

fn check_unstable(name: &str, keys: &[u64]) {
    let mut expected = keys.to_vec();
    expected.sort_unstable();
    let mut items = keys.to_vec();
    items.par_sort_unstable();
    assert!(items == expected, "par_sort_unstable, {name}, {} items", keys.len());
    let mut items = keys.to_vec();
    items.par_sort_unstable_by_key(|&key| Reverse(key));
    assert!(items.iter().rev().eq(&expected), "par_sort_unstable_by_key, {name}, {} items", keys.len());
    // Wider items are partitioned otherwise, and those that are wider still are sorted by their indices.
    check_unstable_wide::<4>(name, &expected, keys);
    if keys.len() <= 20_000 {
        check_unstable_wide::<12>(name, &expected, keys);
    }
    // Bytes are sorted in other memory.
    let mut bytes: Vec<u8> = keys.iter().map(|&key| key as u8).collect();
    let mut expected = bytes.clone();
    expected.sort_unstable();
    bytes.par_sort_unstable();
    assert!(bytes == expected, "par_sort_unstable, {name}, {} bytes", keys.len());
}

fn check_unstable_wide<const WORDS: usize>(name: &str, expected: &[u64], keys: &[u64]) {
    let mut wide: Vec<[u64; WORDS]> = keys.iter().map(|&key| [key; WORDS]).collect();
    wide.par_sort_unstable_by(|a, b| a[0].cmp(&b[0]));
    let first_words = wide.iter().map(|item| &item[0]);
    assert!(first_words.eq(expected), "par_sort_unstable_by, {name}, {} items of {WORDS} words", keys.len());
    assert!(wide.iter().all(|item| *item == [item[0]; WORDS]));
}

#[test]
fn stable_sorts_of_every_shape() {
    in_pools(|| {
        for len in lengths() {
            for (name, keys) in shapes(len).into_iter().chain(shapes_of_runs(len)) {
                check_stable(name, &keys);
            }
        }
    });
}

#[test]
fn unstable_sorts_of_every_shape() {
    in_pools(|| {
        for len in lengths() {
            for (name, keys) in shapes(len).into_iter().chain(shapes_of_runs(len)) {
                check_unstable(name, &keys);
            }
        }
    });
}

/// Wide items that are more than are sorted by their indices at a time.
#[test]
fn many_wide_items() {
    in_pools(|| {
        for (name, keys) in
            [("random", scrambled(20_000).collect::<Vec<_>>()), ("few values", (0..20_000).map(|n| n % 10).collect())]
        {
            let mut expected = keys.clone();
            expected.sort_unstable();
            check_unstable_wide::<64>(name, &expected, &keys);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn random_slices(
        keys in prop::collection::vec(any::<u64>(), 0..50_000),
        spread in prop_oneof![1_u64..50, Just(u64::MAX)],
        threads in 1_usize..8,
    ) {
        let keys: Vec<u64> = keys.into_iter().map(|key| key % spread).collect();
        pool_of(threads).install(|| {
            check_stable("random", &keys);
            check_unstable("random", &keys);
        });
    }

    #[test]
    fn slices_made_of_runs(runs in prop::collection::vec((any::<u16>(), 1_usize..10_000, -2_i64..3), 0..12)) {
        let run = |&(start, len, step): &(u16, usize, i64)| (0..len as i64).map(move |n| i64::from(start) + n * step);
        let keys: Vec<u64> = runs.iter().flat_map(run).map(|key| (key + 1_000_000) as u64).collect();
        pool_of(3).install(|| {
            check_stable("runs", &keys);
            check_unstable("runs", &keys);
        });
    }
}

#[test]
fn sorting_outside_a_pool() {
    for (name, keys) in shapes(30_000) {
        check_stable(name, &keys);
        check_unstable(name, &keys);
    }
}

#[test]
fn strings_by_every_sort() {
    in_pools(|| {
        let words: Vec<String> = scrambled(10_000).map(|n| (n % 5000).to_string()).collect();
        let mut expected = words.clone();
        expected.sort();
        let sorts: [fn(&mut [String]); 4] = [
            |words| words.par_sort(),
            |words| words.par_sort_unstable(),
            |words| words.par_sort_by_cached_key(Clone::clone),
            |words| words.par_sort_by_key(Clone::clone),
        ];
        for sort in sorts {
            let mut words = words.clone();
            sort(&mut words);
            assert!(words == expected);
        }
    });
}

#[test]
fn items_without_size_are_left_alone() {
    in_pools(|| {
        let mut items = [(); 100_000];
        items.par_sort();
        items.par_sort_unstable();
        items.par_sort_by_cached_key(|()| 3);
        items.par_sort_by(|(), ()| Ordering::Greater);
        assert_eq!(items.len(), 100_000);
    });
}

type Compare<'a> = &'a (dyn Fn(&u64, &u64) -> Ordering + Sync);

/// How often a sort of `items` compares.
fn comparisons(items: &mut [u64], sort: fn(&mut [u64], Compare<'_>)) -> usize {
    let count = AtomicUsize::new(0);
    sort(items, &|a, b| {
        count.fetch_add(1, atomic::Ordering::Relaxed);
        a.cmp(b)
    });
    count.into_inner()
}

#[test]
fn comparisons_are_few() {
    in_pools(|| {
        let len = 50_000;
        let most = len * 17 * 3;
        for (name, keys) in shapes(len).into_iter().chain(shapes_of_runs(len)) {
            let stable = comparisons(&mut keys.clone(), |items, compare| items.par_sort_by(compare));
            let unstable = comparisons(&mut keys.clone(), |items, compare| items.par_sort_unstable_by(compare));
            let (stable_most, unstable_most) = match name {
                "sorted" | "reversed" | "equal" => (3 * len, 3 * len),
                "two values" => (7 * len, 7 * len),
                // All are compared to find the runs, and most again to merge them.
                "two runs" | "organ pipe" | "pit" | "shifted" => (3 * len, 3 * len),
                "late" | "late, reversed" | "early" | "hole" | "random at the end" => (3 * len, 3 * len),
                "ten runs" | "ten runs, reversed" => (6 * len, 6 * len),
                _ => (most, most),
            };
            assert!(stable <= stable_most, "{name}: par_sort_by compared {stable} times");
            assert!(unstable <= unstable_most, "{name}: par_sort_unstable_by compared {unstable} times");
        }
    });
}

#[test]
fn cached_keys_are_made_once() {
    in_pools(|| {
        for len in [2, 100, 30_000] {
            let made: Vec<AtomicUsize> = (0..len).map(|_| AtomicUsize::new(0)).collect();
            let mut items: Vec<usize> = (0..len).collect();
            items.par_sort_by_cached_key(|&item| {
                made[item].fetch_add(1, atomic::Ordering::Relaxed);
                Reverse(item % 1000)
            });
            assert!(items.is_sorted_by_key(|&item| (Reverse(item % 1000), item)));
            assert!(made.into_iter().all(|made| made.into_inner() == 1));
        }
    });
}
