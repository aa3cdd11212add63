//! The constants `__KNOWS_LEN` agree with the results of `opt_len`.

use super::KnowsLen;
use crate::iter::{Either, IndexedParallelIterator, IntoParallelIterator, ParallelIterator, once, repeat, repeat_n};
use crate::iter::{IntoParallelRefIterator, ParallelBridge};

/// Checks one iterator; `knows` is the expected constant of its type.
fn check<I: ParallelIterator>(iter: I, knows: KnowsLen) {
    assert_eq!(I::__KNOWS_LEN, knows);
    match knows {
        KnowsLen::Never => assert_eq!(iter.opt_len(), None),
        KnowsLen::Perhaps => {}
        KnowsLen::Always => assert!(iter.opt_len().is_some()),
    }
}

#[test]
fn sources() {
    let vec = vec![1_u8, 2, 3];
    check(vec.par_iter(), KnowsLen::Always);
    check(vec.clone().into_par_iter(), KnowsLen::Always);
    check([1, 2].into_par_iter(), KnowsLen::Always);
    check(repeat_n(1, 7), KnowsLen::Always);
    check(('a'..'c').into_par_iter(), KnowsLen::Always);
    check((0_u8..9).into_par_iter(), KnowsLen::Always);
    check((0_u64..u64::MAX).into_par_iter(), KnowsLen::of_integers(8));
    check((0_u128..u128::MAX).into_par_iter(), KnowsLen::Perhaps);
    check((0_u16..=9).into_par_iter(), KnowsLen::Always);
    check((0_usize..=usize::MAX).into_par_iter(), KnowsLen::Perhaps);
    // These types do not override the constant.
    check(repeat(1), KnowsLen::Perhaps);
    check((0..3).par_bridge(), KnowsLen::Perhaps);
}

#[test]
fn adaptors() {
    let range = || (0_u32..9).into_par_iter();
    check(range().map(|n| n), KnowsLen::Always);
    check(range().enumerate().rev().zip(range()), KnowsLen::Always);
    check(range().chunks(2), KnowsLen::Always);
    check(range().with_min_len(2), KnowsLen::Always);
    check(range().filter(|n| n % 2 == 0), KnowsLen::Never);
    check(range().flat_map_iter(|n| 0..n), KnowsLen::Never);
    check(range().filter(|n| n % 2 == 0).map(|n| n), KnowsLen::Never);
    check(range().chain(once(1)), KnowsLen::Perhaps);
    check(range().filter(|n| n % 2 == 0).chain(once(1)), KnowsLen::Never);
    check(range().intersperse(1), KnowsLen::Perhaps);
    check((0_u128..9).into_par_iter().map(|n| n), KnowsLen::Perhaps);
    let either: Either<_, crate::iter::Once<u32>> = Either::Left(range());
    check(either, KnowsLen::Always);
    let either: Either<_, crate::iter::Once<u32>> = Either::Left(range().filter(|n| n % 2 == 0));
    check(either, KnowsLen::Perhaps);
}

#[test]
fn what_is_too_long_for_its_type_is_not_known() {
    assert_eq!((0_u128..u128::MAX).into_par_iter().opt_len(), None);
    assert_eq!((0_usize..=usize::MAX).into_par_iter().opt_len(), None);
    let most = (0..usize::MAX).into_par_iter();
    assert_eq!(most.clone().chain(most).opt_len(), None);
}
