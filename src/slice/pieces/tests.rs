//! The parts do not depend on how far their producer is split.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Rule, SlicePieces};
use crate::iter::plumbing::UnindexedProducer;
use crate::slice::chunk_by::Between;
use crate::slice::reference::SliceRef;
use crate::slice::split::{After, At};

/// The parts that come out after `levels` levels of splitting.
fn parts<S: SliceRef, R: Rule<S::Item>>(pieces: SlicePieces<S, R>, levels: u32) -> Vec<S> {
    let Some(levels) = levels.checked_sub(1) else {
        return pieces.collect();
    };
    let (left, right) = pieces.split();
    let mut all = parts(left, levels);
    if let Some(right) = right {
        all.extend(parts(right, levels));
    }
    all
}

/// All slices of up to seven bits.
fn all_slices() -> impl Iterator<Item = Vec<bool>> {
    (0..=7).flat_map(|len| (0..1_u32 << len).map(move |bits| (0..len).map(|bit| bits >> bit & 1 == 1).collect()))
}

fn check<'a, R: Rule<bool>>(slice: &'a [bool], rule: R, expected: impl Iterator<Item = &'a [bool]>) {
    let expected: Vec<&[bool]> = expected.collect();
    for levels in 0..10 {
        assert_eq!(parts(SlicePieces::new(slice, rule), levels), expected, "{slice:?} after {levels} levels");
        let mut copy = slice.to_vec();
        assert_eq!(parts(SlicePieces::new(&mut copy[..], rule), levels), expected);
    }
}

#[test]
fn every_short_slice() {
    let separator = |&item: &bool| item;
    let alike = |a: &bool, b: &bool| a == b;
    for slice in all_slices() {
        check(&slice, At(&separator), slice.split(separator));
        check(&slice, After(&separator), slice.split_inclusive(separator));
        check(&slice, Between(&alike), slice.chunk_by(alike));
        check(&slice, Between(&|a: &bool, b: &bool| *a && !*b), slice.chunk_by(|a, b| *a && !*b));
    }
}

#[test]
fn no_item_is_searched_twice_if_there_are_no_cuts() {
    let asked = AtomicUsize::new(0);
    let never = |_: &u8| {
        asked.fetch_add(1, Ordering::Relaxed);
        false
    };
    let slice = [0; 1000];
    assert_eq!(parts(SlicePieces::new(&slice[..], At(&never)), 10), [&slice]);
    assert_eq!(asked.into_inner(), 1000);
}
