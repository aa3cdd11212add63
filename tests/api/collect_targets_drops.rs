//! When a closure panics in the middle of collecting, everything made is dropped exactly once, and a collection that
//! was to be extended is as it was before.

#![allow(clippy::mutable_key_type, reason = "the order and the hash of an item are those of its number alone")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use paceline::prelude::*;

use crate::collections_drops::Counted;
use crate::iter::{in_pools, panic_message};
use crate::tally::Tally;

const LEN: usize = 100;

/// Collects and extends by what `make` makes of the numbers up to `LEN`, of which one is bad.
fn check<C, T>(make: impl Fn(usize, &Tally) -> T + Sync + Send)
where
    C: FromParallelIterator<T> + ParallelExtend<T> + Send,
    T: Send,
    for<'c> &'c C: IntoIterator,
{
    in_pools(|| {
        for bad in [0, 1, 49, 50, 99] {
            let tally = Tally::default();
            let item = |number| {
                assert!(number != bad, "number {bad}");
                make(number, &tally)
            };
            let numbers = || (0..LEN).into_par_iter();
            let expected = format!("number {bad}");
            assert_eq!(panic_message(|| numbers().map(item).collect::<C>()), expected);
            assert_eq!(panic_message(|| numbers().filter(|_| true).map(item).collect::<C>()), expected);
            tally.assert_settled(tally.made());

            let mut collection: C = (LEN..LEN + 5).into_par_iter().map(item).collect();
            assert_eq!(panic_message(|| collection.par_extend(numbers().map(item))), expected);
            assert_eq!(collection.into_iter().count(), 5);
            collection.par_extend((LEN + 5..LEN + 9).into_par_iter().map(item));
            assert_eq!((&collection).into_iter().count(), 9);
            drop(collection);
            tally.assert_settled(tally.made());
        }
    });
}

#[test]
fn collections() {
    check::<Vec<_>, _>(Counted::new);
    check::<VecDeque<_>, _>(Counted::new);
    check::<LinkedList<_>, _>(Counted::new);
    check::<BinaryHeap<_>, _>(Counted::new);
    check::<BTreeSet<_>, _>(Counted::new);
    check::<HashSet<_>, _>(Counted::new);
    let pair = |number, tally: &Tally| (Counted::new(number, tally), Counted::new(number, tally));
    check::<BTreeMap<_, _>, _>(pair);
    check::<HashMap<_, _>, _>(pair);
}

/// Also what a map or a set has no use for is dropped: keys that it has already, and values that are replaced.
#[test]
fn repeated_keys() {
    in_pools(|| {
        let tally = Tally::default();
        let items = || (0..LEN).into_par_iter().map(|n| Counted::new(n % 10, &tally));
        assert_eq!(items().collect::<BTreeSet<_>>().len(), 10);
        assert_eq!(items().collect::<HashSet<_>>().len(), 10);
        assert_eq!(items().zip(items()).collect::<BTreeMap<_, _>>().len(), 10);
        assert_eq!(items().zip(items()).collect::<HashMap<_, _>>().len(), 10);
        tally.assert_settled(6 * LEN);
    });
}

/// Collects what `make` makes of the numbers up to `LEN`, of which one may be bad, and drops the outcome.
fn check_settled<C: FromParallelIterator<T>, T: Send>(make: impl Fn(usize, &Tally) -> T + Sync + Send) {
    in_pools(|| {
        for bad in [0, 50, 99, LEN] {
            let tally = Tally::default();
            let item = |number| {
                assert!(number != bad);
                make(number, &tally)
            };
            // Where an item that fails ends the collecting early, the bad one may never be made.
            let _ = catch_unwind(AssertUnwindSafe(|| drop((0..LEN).into_par_iter().map(item).collect::<C>())));
            tally.assert_settled(tally.made());
        }
    });
}

#[test]
fn owners_of_slices_pairs_and_what_fails() {
    check_settled::<Box<[_]>, _>(Counted::new);
    check_settled::<Rc<[_]>, _>(Counted::new);
    check_settled::<Arc<[_]>, _>(Counted::new);
    check_settled::<(Vec<_>, LinkedList<_>), _>(|n, tally| (Counted::new(n, tally), Counted::new(n, tally)));
    check_settled::<(BTreeSet<_>, HashSet<_>), _>(|n, tally| (Counted::new(n, tally), Counted::new(n, tally)));
    check_settled::<Option<Vec<_>>, _>(|n, tally| (n != 70).then(|| Counted::new(n, tally)));
    check_settled::<Result<HashSet<_>, Counted>, _>(|n, tally| match Counted::new(n, tally) {
        item if n % 40 == 7 => Err(item),
        item => Ok(item),
    });
}
