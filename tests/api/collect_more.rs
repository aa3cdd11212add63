//! Collecting what has no known length, against std: any numbers, cut any way; and `par_map` and `collect_unordered`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use paceline::ThreadPool;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::collections_drops::Counted;
use crate::iter::{in_pools, panic_message};
use crate::pools::pool_of;
use crate::tally::Tally;

static POOLS: LazyLock<[ThreadPool; 3]> = LazyLock::new(|| [1, 2, 7].map(pool_of));

/// All ways of collecting these numbers, or those of them below `most`, behind `old` ones where there is a collection already.
fn check_numbers(numbers: &[u32], most: u32, old: &[u32]) -> TestCaseResult {
    let kept = |n: &u32| *n < most;
    let expected: Vec<u32> = numbers.iter().copied().filter(kept).collect();
    let par = || numbers.par_iter().copied();
    prop_assert_eq!(&par().filter(kept).collect::<Vec<_>>(), &expected);
    // Of a type that is dropped, and one too large to be written before it is known to stay.
    let words: Vec<String> = par().filter(kept).map(|n| n.to_string()).collect();
    prop_assert_eq!(&words, &expected.iter().map(u32::to_string).collect::<Vec<_>>());
    let boxes: Vec<Box<u32>> = par().map(Box::new).filter(|n| kept(n)).collect();
    prop_assert!(boxes.iter().map(|n| **n).eq(expected.iter().copied()));
    let wide: Vec<[u64; 9]> = par().map(|n| [u64::from(n); 9]).filter(|n| n[8] < u64::from(most)).collect();
    prop_assert!(wide.iter().map(|n| n[4] as u32).eq(expected.iter().copied()));
    prop_assert_eq!(par().filter(kept).map(|_| ()).collect::<Vec<()>>().len(), expected.len());

    let mut extended = old.to_vec();
    extended.par_extend(par().filter(kept));
    prop_assert_eq!(&extended, &[old, &expected].concat());

    let mut unordered = par().filter(kept).collect_unordered();
    let mut sorted = expected.clone();
    unordered.sort_unstable();
    sorted.sort_unstable();
    prop_assert_eq!(&unordered, &sorted);

    let (few, many): (Vec<u32>, Vec<u32>) = par().partition(kept);
    prop_assert_eq!(few, expected);
    prop_assert_eq!(many, numbers.iter().copied().filter(|n| !kept(n)).collect::<Vec<_>>());

    let flat = |n: u32| n..n + n % 5;
    let expected: Vec<u32> = numbers.iter().copied().flat_map(flat).collect();
    prop_assert_eq!(&par().flat_map_iter(flat).collect::<Vec<_>>(), &expected);
    prop_assert_eq!(&par().flat_map(|n| flat(n).into_par_iter()).collect::<Vec<_>>(), &expected);
    let list = par().flat_map_iter(flat).collect_vec_list();
    prop_assert!(list.iter().all(|segment| !segment.is_empty()));
    prop_assert_eq!(list.into_iter().flatten().collect::<Vec<_>>(), expected);
    let bytes: Vec<u8> = par().flat_map_iter(u32::to_le_bytes).collect();
    prop_assert_eq!(bytes, numbers.iter().copied().flat_map(u32::to_le_bytes).collect::<Vec<_>>());

    let mut bridged: Vec<u32> = numbers.iter().copied().par_bridge().filter(kept).collect();
    bridged.sort_unstable();
    prop_assert_eq!(bridged, sorted);
    prop_assert_eq!(numbers.par_map(|&n| n / 3), numbers.iter().map(|&n| n / 3).collect::<Vec<_>>());
    prop_assert_eq!(
        par().filter(kept).map(|n| (n, ())).collect::<HashMap<_, _>>().len(),
        numbers.iter().copied().filter(kept).collect::<HashSet<_>>().len()
    );
    Ok(())
}

/// Numbers in numbers that need one segment, or some, or many.
fn numbers() -> impl Strategy<Value = Vec<u32>> {
    let lens = prop_oneof![3 => 0..40_usize, 2 => 0..3000_usize, 1 => 40_000..50_000_usize];
    (lens, any::<u32>()).prop_map(|(len, seed)| {
        (0..len as u32).map(|n| n.wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_numbers(numbers in numbers(), most in 0..1100_u32, old in prop::collection::vec(any::<u32>(), 0..5)) {
        for pool in &*POOLS {
            pool.install(|| check_numbers(&numbers, most, &old))?;
        }
    }

    #[test]
    fn any_characters(text in "[a-zäß€\u{10348}]{0,300}", times in 1..40_usize, old in "[aä]{0,3}") {
        let text = text.repeat(times);
        let chars: Vec<char> = text.chars().collect();
        for pool in &*POOLS {
            let (all, some, extended) = pool.install(|| {
                let mut extended = old.clone();
                extended.par_extend(chars.par_iter().filter(|c| **c != 'ß'));
                (text.par_chars().collect::<String>(), chars.par_iter().filter(|c| c.is_ascii()).collect::<String>(), extended)
            });
            prop_assert_eq!(&all, &text);
            prop_assert_eq!(some, text.chars().filter(char::is_ascii).collect::<String>());
            prop_assert_eq!(extended, old.clone() + &text.replace('ß', ""));
        }
    }
}

#[test]
fn what_par_map_hands_out_follows_from_the_receiver() {
    let words = vec!["to".to_string(), "be".to_string()];
    let by_slice: Vec<&str> = words[..].par_map(|word: &String| &word[1..]);
    let by_reference: Vec<usize> = (&words).par_map(|word: &String| word.len());
    assert_eq!((by_slice, by_reference), (vec!["o", "e"], vec![2, 2]));
    let slice: &[String] = &words;
    assert_eq!(slice.par_map(String::len), [2, 2]);
    let shared = std::sync::Arc::<[String]>::from(words.clone());
    assert_eq!(shared.par_map(|word: &String| word.len()), [2, 2]);
    assert_eq!(words.par_map(|word: String| word + "!"), ["to!", "be!"]);
    assert_eq!([1, 2, 3].par_map(|n: i32| -n), [-1, -2, -3]);
    let mut numbers = vec![1, 2];
    assert_eq!((&mut numbers).par_map(|n: &mut i32| std::mem::replace(n, 0)), [1, 2]);
    assert_eq!(numbers, [0, 0]);
    assert_eq!(Vec::<u8>::new().par_map(|n| n), []);
}

/// Wherever a closure panics, what was made is dropped once: in the first segment, in later ones, in other parts.
#[test]
fn a_panic_drops_what_was_gathered() {
    const LEN: usize = 3000;
    in_pools(|| {
        for bad in [0, 1, 15, 16, 17, 700, 1500, LEN - 1] {
            let tally = Tally::default();
            let items = || {
                (0..LEN).into_par_iter().map(|n| {
                    assert!(n != bad, "number {bad}");
                    Counted::new(n, &tally)
                })
            };
            let expected = format!("number {bad}");
            let is_kept = |item: &Counted| item.number % 3 != 0;
            assert_eq!(panic_message(|| items().filter(is_kept).collect::<Vec<_>>()), expected);
            assert_eq!(panic_message(|| items().filter(is_kept).collect_unordered()), expected);
            assert_eq!(panic_message(|| items().flat_map_iter(|item| [item]).collect::<Vec<_>>()), expected);
            let pair = |item: Counted| vec![Counted::new(LEN, &tally), item].into_iter();
            assert_eq!(panic_message(|| items().flat_map_iter(pair).collect::<Vec<_>>()), expected);
            assert_eq!(panic_message(|| items().partition::<Vec<_>, Vec<_>, _>(is_kept)), expected);
            assert_eq!(
                panic_message(|| (0..LEN).into_par_iter().par_map(|n| assert!(n != bad, "number {bad}"))),
                expected
            );
            tally.assert_settled(tally.made());
        }
    });
}

/// The same where it is the predicate, and where an iterator with a length panics as it is taken in at once.
#[test]
fn a_panic_of_the_predicate_drops_what_was_gathered() {
    in_pools(|| {
        let tally = Tally::default();
        let items = || (0..3000_usize).into_par_iter().map(|n| Counted::new(n, &tally));
        let predicate = |item: &Counted| {
            assert!(item.number != 1234, "bad");
            item.number % 2 == 0
        };
        assert_eq!(panic_message(|| items().filter(predicate).collect::<Vec<_>>()), "bad");
        let exact = |n: usize| {
            let tally = &tally;
            [0, 1, 2].map(|i| n + i).into_iter().map(move |n| {
                assert!(n != 1234, "bad");
                Counted::new(n, tally)
            })
        };
        let flat = || (0..3000_usize).into_par_iter().flat_map_iter(exact).collect::<Vec<_>>();
        assert_eq!(panic_message(flat), "bad");
        tally.assert_settled(tally.made());
    });
}

#[test]
fn what_is_filtered_out_of_much_takes_little_memory_in_the_end() {
    in_pools(|| {
        let few: Vec<u32> = (0..1_000_000_u32).into_par_iter().filter(|n| n % 10_000 == 0).collect();
        assert_eq!(few, (0..100).map(|n| n * 10_000).collect::<Vec<_>>());
        assert!(few.capacity() < 10_000, "{}", few.capacity());
        // Nor is more set aside than there may be memory for.
        let first: Option<Vec<usize>> = Some((0..usize::MAX).into_par_iter().take_any(3).collect());
        assert_eq!(first.map(|items| items.len()), Some(3));
    });
}

#[test]
fn rising_keys_and_repeated_ones() {
    in_pools(|| {
        let map: BTreeMap<u32, u32> =
            (0..10_000).into_par_iter().map(|n| (n / 2, n)).filter(|pair| pair.1 % 3 > 0).collect();
        let expected: BTreeMap<u32, u32> = (0..10_000).map(|n| (n / 2, n)).filter(|pair| pair.1 % 3 > 0).collect();
        assert_eq!(map, expected);
    });
}
