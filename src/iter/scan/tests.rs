//! The second pass makes a scan of every division of a slice into stretches.

use super::{Cut, bodies, combine_ends, scan_here, share, shift};

/// A start and an end: joining two spans that do not touch is an error.
type Span = (usize, usize);

fn chain(a: &Span, b: &Span) -> Span {
    assert_eq!(a.1, b.0, "{a:?} and {b:?} are no neighbours");
    (a.0, b.1)
}

fn spans(len: usize) -> Vec<Span> {
    (0..len).map(|place| (place, place + 1)).collect()
}

#[track_caller]
fn assert_scanned(items: &[Span]) {
    assert!(items.iter().enumerate().all(|(place, span)| *span == (0, place + 1)), "{items:?}");
}

#[test]
fn every_way_to_cut_a_short_slice() {
    for len in 1..9 {
        for cuts in 0..1_u32 << (len - 1) {
            let starts: Vec<usize> = (1..len).filter(|&place| cuts >> (place - 1) & 1 == 1).collect();
            let mut items = spans(len);
            let mut from = 0;
            for to in starts.iter().copied().chain([len]) {
                scan_here(&mut items[from..to], chain);
                from = to;
            }
            combine_ends(&mut items, &starts, chain);
            let bodies = bodies(&mut items, &starts);
            assert_eq!(bodies.len(), starts.len());
            for (before, body) in bodies {
                body.iter_mut().for_each(|item| *item = chain(before, item));
            }
            assert_scanned(&items);
        }
    }
}

#[test]
fn shared_from_the_start() {
    for len in [1, 2, 3, 10, 1000, 50_000] {
        for piece in [1, 100] {
            let mut items = spans(len);
            share(&mut items, piece, &chain);
            assert_scanned(&items);
        }
        for cut in [Cut::AsItComes, Cut::ByLength] {
            let mut items = spans(len);
            cut.inclusive(&mut items, &chain);
            assert_scanned(&items);
        }
    }
}

#[test]
fn exclusive_of_either() {
    for len in [0, 1, 2, 3, 10, 1000, 50_000] {
        for cut in [Cut::AsItComes, Cut::ByLength] {
            let mut items: Vec<Span> = (0..len).map(|place| (place + 1, place + 2)).collect();
            assert_eq!(cut.exclusive(&mut items, (0, 1), &chain), (0, len + 1));
            assert!(items.iter().enumerate().all(|(place, span)| *span == (0, place + 1)), "{items:?}");
        }
    }
}

#[test]
fn shifting() {
    for len in [0, 1, 2, 100, 32_768, 40_001, 100_000] {
        let mut items: Vec<usize> = (1..=len).collect();
        assert_eq!(shift::push_front(&mut items, 0), len);
        assert!(items.into_iter().eq(0..len));
    }
}
