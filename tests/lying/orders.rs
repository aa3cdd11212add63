//! Comparisons that change what they compare, and clones and destructors that panic.

use crate::in_pools;
use crate::tally::{Tally, Token};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use std::cell::Cell;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// An item with memory that a comparison replaces. If a sort were to go on with a copy that was made before, memory would
/// be freed twice.
struct Restless<const WIDER: usize = 0> {
    key: Cell<Option<Box<u64>>>,
    _token: Token,
    _padding: [u8; WIDER],
}

impl<const WIDER: usize> Restless<WIDER> {
    fn key(&self) -> u64 {
        let key = *self.key.take().expect("nobody else looks at it meanwhile");
        self.key.set(Some(Box::new(key)));
        key
    }
}

/// Sorts a slice whose items change with each look.
type Sort<const WIDER: usize> = fn(&mut Vec<Restless<WIDER>>);

fn sorts<const WIDER: usize>() -> [Sort<WIDER>; 7] {
    [
        |items| items.par_sort_by(|a, b| a.key().cmp(&b.key())),
        |items| items.par_sort_unstable_by(|a, b| a.key().cmp(&b.key())),
        |items| items.par_sort_by_key(Restless::key),
        |items| items.par_sort_unstable_by_key(Restless::key),
        |items| items.par_sort_by_cached_key(Restless::key),
        |items| _ = items.par_select_nth_unstable_by(30, |a, b| a.key().cmp(&b.key())),
        |items| items.par_dedup_by(|a, b| a.key() == b.key() && a.key() % 2 == 0),
    ]
}

fn random(place: usize) -> u64 {
    (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 50
}

/// Most of it is sorted: the last items are not, nor are some in the middle, and the halves may have to be merged.
fn partly_sorted(place: usize) -> u64 {
    match place % 10_000 {
        4000..4100 | 9900.. => random(place),
        place => place as u64 * 3,
    }
}

fn check_sorts<const WIDER: usize>(len: usize, key: fn(usize) -> u64) {
    for sort in sorts::<WIDER>() {
        let tally = Tally::default();
        let item = |place: usize| Restless {
            key: Cell::new(Some(Box::new(key(place)))),
            _token: tally.token(),
            _padding: [0; WIDER],
        };
        let mut items: Vec<_> = (0..len).map(item).collect();
        sort(&mut items);
        drop(items);
        assert_eq!(tally.assert_all_dropped(), len);
    }
}

#[test]
fn comparisons_that_change_their_items() {
    let len = if cfg!(asan) { 20_000 } else { 40_000 };
    in_pools(|| {
        check_sorts::<0>(100, random);
        for key in [random, partly_sorted] {
            check_sorts::<0>(len, key);
            check_sorts::<100>(len / 2, key);
        }
    });
}

/// Answers that follow no order at all.
#[test]
fn keys_that_are_compared_at_random() {
    struct Dice(#[expect(dead_code, reason = "it is held for its drop")] Token);

    impl PartialEq for Dice {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl Eq for Dice {}

    thread_local!(static SEED: Cell<u64> = const { Cell::new(7) });

    impl PartialOrd for Dice {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Dice {
        fn cmp(&self, _: &Self) -> Ordering {
            let seed = SEED.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            SEED.set(seed);
            (seed >> 60).cmp(&8)
        }
    }

    in_pools(|| {
        let tally = Tally::default();
        let mut items: Vec<_> = (0..20_000).collect();
        items.par_sort_by_cached_key(|_| Dice(tally.token()));
        items.sort_unstable();
        assert!(items.into_iter().eq(0..20_000));
        assert_eq!(tally.assert_all_dropped(), 20_000);
    });
}

/// A value whose clones panic from one on.
struct FewClones<'c>(#[expect(dead_code, reason = "it is held for its drop")] Token, &'c Tally, &'c AtomicUsize);

impl Clone for FewClones<'_> {
    fn clone(&self) -> Self {
        let left = self.2.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            resume_unwind(Box::new("too many clones"));
        }
        FewClones(self.1.token(), self.1, self.2)
    }
}

#[test]
fn clones_that_panic_when_a_loop_is_split() {
    const LEN: usize = 2000;
    in_pools(|| {
        for clones in 0..10 {
            let (tally, left) = (Tally::default(), AtomicUsize::new(clones));
            let value = FewClones(tally.token(), &tally, &left);
            let make = |_: &mut _, _| {
                thread::yield_now();
                tally.token()
            };
            let tokens = (0..LEN).into_par_iter().map_with(value, make);
            let outcome = catch_unwind(AssertUnwindSafe(|| tokens.collect::<Vec<_>>().len()));
            assert!(outcome.is_err() || outcome.is_ok_and(|len| len == LEN));
            tally.assert_all_dropped();
        }
    });
}

#[test]
fn items_whose_clones_panic() {
    in_pools(|| {
        for clones in [0, 1, 50, 299, 300] {
            let (tally, left) = (Tally::default(), AtomicUsize::new(clones));
            let items: Vec<_> = (0..300).map(|_| FewClones(tally.token(), &tally, &left)).collect();
            let outcome = catch_unwind(AssertUnwindSafe(|| items.par_iter().cloned().collect::<Vec<_>>().len()));
            assert_eq!(outcome.is_ok(), clones == 300);
            let _ = catch_unwind(AssertUnwindSafe(|| items.par_iter().cloned().filter(|_| true).collect::<Vec<_>>()));
            drop(items);
            tally.assert_all_dropped();
        }
    });
}

/// A token whose destructor panics once the token is counted.
struct Bomb(#[expect(dead_code, reason = "it is held for its drop")] Token, bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.1 {
            resume_unwind(Box::new("dropped"));
        }
    }
}

/// Of what is given up, one item panics when it is dropped; all others are dropped all the same.
#[test]
fn an_item_whose_destructor_panics() {
    in_pools(|| {
        for at in [0, 1, 57, 99] {
            let tally = Tally::default();
            let bomb = |number| Bomb(tally.token(), number == at);
            let bombs = || (0..100).map(bomb).collect::<Vec<_>>();
            let explode = |f: &dyn Fn()| {
                let outcome = catch_unwind(AssertUnwindSafe(f));
                assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"dropped"));
                tally.assert_all_dropped();
            };
            explode(&|| drop(bombs().into_par_iter()));
            explode(&|| bombs().into_par_iter().for_each(drop));
            explode(&|| drop(bombs().into_par_iter().find_any(|_| false)));
            explode(&|| {
                let mut vec = bombs();
                let panicked = catch_unwind(AssertUnwindSafe(|| vec.par_drain(..).for_each(drop)));
                assert!(vec.is_empty());
                resume_unwind(panicked.unwrap_err());
            });
            explode(&|| bombs().into_par_iter().chunks(7).for_each(drop));
            explode(&|| (0..100).map(bomb).par_bridge().for_each(drop));
            explode(&|| drop((0..100).into_par_iter().map(bomb).collect::<Vec<_>>()));
            explode(&|| drop((0..100).into_par_iter().map(bomb).filter(|_| true).collect::<Vec<_>>()));
        }
    });
}
