//! The smaller sources: options, repetitions, trees, bridges from sequential iterators, tuples.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::iter::{Either, empty, once, repeat, repeat_n, split, walk_tree, walk_tree_postfix, walk_tree_prefix};
use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};
use crate::iter_laws::{check, check_lengths};

#[test]
fn options_and_results() {
    let word = "word".to_string();
    check(|| Some(word.clone()).into_par_iter(), [word.clone()]);
    check(|| None::<u8>.into_par_iter(), [0_u8; 0]);
    let some = Some(5);
    check(|| some.par_iter(), [&5]);
    let mut some = Some(5);
    some.par_iter_mut().for_each(|n| *n += 1);
    assert_eq!(some, Some(6));
    let mut result: Result<u8, String> = Ok(1);
    result.par_iter_mut().for_each(|n| *n += 1);
    check(|| result.par_iter(), [&2]);
    check(|| result.clone().into_par_iter(), [2_u8]);
    check(|| Err::<u8, u8>(3).into_par_iter(), [0_u8; 0]);
}

#[test]
fn nothing_and_one() {
    check(empty::<String>, [""; 0]);
    check(|| once("one"), ["one"]);
}

#[test]
fn arrays_by_value() {
    let words = ["a", "b", "c"].map(str::to_string);
    check(|| words.clone().into_par_iter(), words.clone());
    check(|| [0_u8; 0].into_par_iter(), [0_u8; 0]);
}

#[test]
fn repetitions() {
    check_lengths(|len| repeat_n("x".to_string(), len), |len| vec!["x".to_string(); len].into_iter());
    check_lengths(|len| repeat(7).take(len), |len| vec![7; len].into_iter());
    check_lengths(|len| repeat(7).zip(0..len), |len| (0..len).map(|n| (7, n)));
    in_pools(|| {
        assert_eq!(repeat(1).take_any(100).sum::<i32>(), 100);
        assert!(repeat(1).any(|n| n == 1));
        assert_eq!(repeat(3).map(|_| None::<u8>).while_some().count(), 0);
    });
}

#[test]
fn inclusive_ranges_agree_with_std() {
    macro_rules! check_all {
        ($($int:ty),*) => { $(
            for (start, end) in [(3, 3), (5, 2), (0, 100), (<$int>::MAX - 9, <$int>::MAX), (<$int>::MIN, <$int>::MIN)] {
                let range: std::ops::RangeInclusive<$int> = start..=end;
                let parallel: Vec<$int> = range.clone().into_par_iter().collect();
                assert_eq!(parallel, range.clone().collect::<Vec<_>>());
                let odd: Vec<$int> = range.clone().into_par_iter().filter(|n| n % 2 == 1).collect();
                assert_eq!(odd, range.filter(|n| n % 2 == 1).collect::<Vec<_>>());
            }
        )* };
    }
    in_pools(|| {
        check_all!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
    });
    check(|| (250..=255_u8).into_par_iter(), 250..=255_u8);
    check(|| (-128..=-120_i8).into_par_iter(), -128..=-120);
    assert_eq!((0..=u16::MAX).into_par_iter().len(), 65_536);
    let mut exhausted = 3..=3;
    exhausted.next();
    assert_eq!(exhausted.into_par_iter().count(), 0);
}

#[test]
fn ranges_of_characters() {
    check(|| ('a'..'f').into_par_iter(), 'a'..'f');
    check(|| ('a'..='f').into_par_iter(), 'a'..='f');
    check(|| ('\u{D7FE}'..='\u{E001}').into_par_iter(), '\u{D7FE}'..='\u{E001}');
    let (start, end) = ('z', 'a');
    check(|| (start..=end).into_par_iter(), start..=end);
    assert_eq!(('\0'..=char::MAX).into_par_iter().count(), 0x11_0000 - 0x800);
}

#[test]
fn splitting_a_value() {
    in_pools(|| {
        let halve = |list: Vec<u32>| match list.len() {
            0 | 1 => (list, None),
            len => {
                let mut left = list;
                let right = left.split_off(len / 2);
                (left, Some(right))
            }
        };
        for len in [0, 1, 100] {
            let parts = split((0..len).collect(), halve);
            let lists: Vec<Vec<u32>> = parts.collect();
            assert_eq!(lists.concat(), (0..len).collect::<Vec<_>>());
        }
    });
}

/// The children of a node of an uneven tree: `n` has the children `n - 1`, `n - 3`, `n - 5` …
fn children(n: &u32) -> Vec<u32> {
    (0..*n).rev().step_by(2).collect()
}

fn walk(n: u32, prefix: bool, nodes: &mut Vec<u32>) {
    if prefix {
        nodes.push(n);
    }
    for child in children(&n) {
        walk(child, prefix, nodes);
    }
    if !prefix {
        nodes.push(n);
    }
}

#[test]
fn trees() {
    in_pools(|| {
        for root in [0, 1, 2, 10] {
            let (mut prefix, mut postfix) = (Vec::new(), Vec::new());
            walk(root, true, &mut prefix);
            walk(root, false, &mut postfix);
            assert_eq!(walk_tree_prefix(root, children).collect::<Vec<_>>(), prefix);
            assert_eq!(walk_tree_postfix(root, children).collect::<Vec<_>>(), postfix);
            let mut nodes: Vec<u32> = walk_tree(root, children).collect();
            nodes.sort();
            prefix.sort();
            assert_eq!(nodes, prefix);
        }
    });
}

#[test]
fn a_tree_that_is_a_long_chain() {
    in_pools(|| {
        let chain = |n: &u32| n.checked_sub(1);
        let nodes: Vec<u32> = walk_tree_prefix(100_000, chain).collect();
        assert!(nodes.into_iter().eq((0..=100_000).rev()));
        let nodes: Vec<u32> = walk_tree_postfix(100_000, chain).collect();
        assert!(nodes.into_iter().eq(0..=100_000));
    });
}

#[test]
fn bridged_iterators_give_every_item_once() {
    in_pools(|| {
        for len in [0, 1, 1000_usize] {
            let items: Vec<usize> = (0..len).par_bridge().collect();
            assert_eq!(items.len(), len);
            let items: BTreeSet<usize> = items.into_iter().collect();
            assert!(items.into_iter().eq(0..len));
        }
        assert!((0..).par_bridge().any(|n| n == 1000));
    });
}

#[test]
fn a_bridged_iterator_is_not_asked_again_after_its_end() {
    in_pools(|| {
        let mut asked = 0;
        let countdown = std::iter::from_fn(|| {
            asked += 1;
            assert!(asked <= 6, "asked after the end");
            (asked < 6).then_some(asked)
        });
        assert_eq!(countdown.par_bridge().sum::<i32>(), 15);
    });
}

#[test]
fn a_bridged_iterator_that_panics_is_not_asked_again() {
    in_pools(|| {
        let asked = AtomicUsize::new(0);
        let message = panic_message(|| {
            let bad = (0..100).inspect(|n| {
                asked.fetch_add(1, Ordering::Relaxed);
                assert!(*n != 50, "not fifty");
            });
            bad.par_bridge().for_each(drop);
        });
        assert_eq!(message, "not fifty");
        assert_eq!(asked.into_inner(), 51);
    });
}

/// A thread that helps the iterator may, while it waits in its turn, begin to take items; the iterator must not wait for it
/// then. (Before takers gave up after a while, it hung now and then.)
#[test]
fn a_bridged_iterator_may_itself_work_in_parallel() {
    for _ in 0..20 {
        in_pools(|| {
            let sums = (0..100).map(|n| (0..n).into_par_iter().with_max_len(1).sum::<usize>());
            let total: usize = sums.par_bridge().sum();
            assert_eq!(total, (0..100).map(|n| (0..n).sum::<usize>()).sum());
        });
    }
}

#[test]
fn tuples() {
    check_lengths(
        |len| (0..len, 10..10 + len, vec!['x'; len]).into_par_iter(),
        |len| (0..len).map(|n| (n, n + 10, 'x')),
    );
    check(|| (0..5, 0..3).into_par_iter(), (0..3).map(|n| (n, n)));
    check(|| (0..3_usize,).into_par_iter(), (0..3_usize).map(|n| (n,)));
    let lists = (vec![1, 2], vec!['a', 'b']);
    check(|| lists.par_iter(), [(&1, &'a'), (&2, &'b')]);
    let mut lists = lists;
    lists.par_iter_mut().for_each(|(n, c)| {
        *n += 1;
        *c = 'z';
    });
    assert_eq!(lists, (vec![2, 3], vec!['z', 'z']));
}

#[test]
fn either_of_two() {
    let either = |left: bool| {
        if left {
            Either::Left((0..9_usize).into_par_iter())
        } else {
            Either::Right((0..9_usize).into_par_iter().rev())
        }
    };
    check(|| either(true), 0..9);
    check(|| either(false), (0..9).rev());
    let mut list: Either<Vec<i32>, Vec<i32>> = Either::Right(vec![0]);
    list.par_extend(1..4);
    assert_eq!(list, Either::Right(vec![0, 1, 2, 3]));
}

#[test]
fn collecting_options_and_results() {
    in_pools(|| {
        for bad in [0, 50, 99, 1000] {
            let numbers = || (0..100).into_par_iter();
            let options: Option<Vec<i32>> = numbers().map(|n| (n != bad).then_some(n)).collect();
            let results: Result<Vec<i32>, i32> = numbers().map(|n| if n == bad { Err(n) } else { Ok(n) }).collect();
            let expected = (bad >= 100).then(|| (0..100).collect::<Vec<_>>());
            assert_eq!(options, expected);
            assert_eq!(results, expected.ok_or(bad));
        }
    });
}

#[test]
fn collecting_into_owned_slices_and_nothing() {
    in_pools(|| {
        let numbers = || (0..100).into_par_iter();
        let expected: Vec<i32> = (0..100).collect();
        assert_eq!(*numbers().collect::<Box<[i32]>>(), expected);
        assert_eq!(*numbers().collect::<Rc<[i32]>>(), expected);
        assert_eq!(*numbers().collect::<std::sync::Arc<[i32]>>(), expected);
        let count = AtomicUsize::new(0);
        let counted = numbers().map(|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        counted.collect::<()>();
        assert_eq!(count.into_inner(), 100);
    });
}
