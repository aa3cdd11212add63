//! Runs of neighbours that belong together, `par_chunk_by` and `par_chunk_by_mut`, agree with std's for any relation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::ThreadPool;
use paceline::prelude::*;
use proptest::prelude::*;

use crate::pools::pool_of;

fn pools() -> &'static [ThreadPool] {
    static POOLS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    POOLS.get_or_init(|| [1, 2, 7, 64].map(pool_of).into())
}

/// Any relation of numbers below eight, by the bits of a word.
fn related(table: u64) -> impl Fn(&u8, &u8) -> bool + Sync + Send + Copy {
    move |a, b| table >> (a % 8 * 8 + b % 8) & 1 == 1
}

fn check(items: &[u8], belong: impl Fn(&u8, &u8) -> bool + Sync + Send + Copy) {
    let expected: Vec<&[u8]> = items.chunk_by(belong).collect();
    assert_eq!(items.par_chunk_by(belong).collect::<Vec<_>>(), expected);
    assert_eq!(items.par_chunk_by(belong).count(), expected.len());
    let backward: Vec<&[u8]> = items.chunk_by(belong).rev().collect();
    let mut ours: Vec<&[u8]> = items.par_chunk_by(belong).collect();
    ours.reverse();
    assert_eq!(ours, backward);
    let is_long = |run: &&[u8]| run.len() > 2;
    assert_eq!(items.par_chunk_by(belong).find_first(is_long), items.chunk_by(belong).find(is_long));
    assert_eq!(items.par_chunk_by(belong).find_last(is_long), items.chunk_by(belong).rfind(is_long));

    let mut copy = items.to_vec();
    assert_eq!(copy.par_chunk_by_mut(belong).collect::<Vec<_>>(), expected);
    let turn = |run: &mut [u8]| run.reverse();
    copy.par_chunk_by_mut(belong).for_each(turn);
    let mut turned = items.to_vec();
    turned.chunk_by_mut(belong).for_each(turn);
    assert_eq!(copy, turned);
}

proptest! {
    #[test]
    fn any_relation(items in prop::collection::vec(any::<u8>(), 0..400), table: u64, pool in 0_usize..4) {
        pools()[pool].install(|| check(&items, related(table)));
    }

    #[test]
    fn few_and_long_runs(lens in prop::collection::vec((any::<u8>(), 1_usize..500), 0..20), pool in 0_usize..4) {
        let items: Vec<u8> = lens.iter().flat_map(|&(item, len)| std::iter::repeat_n(item, len)).collect();
        pools()[pool].install(|| check(&items, |a, b| a == b));
    }

    #[test]
    fn a_closure_that_panics(items in prop::collection::vec(0_u8..9, 0..400), table: u64, pool in 0_usize..4) {
        let belong = |a: &u8, b: &u8| {
            assert!(*a < 8, "eight");
            related(table)(a, b)
        };
        // The last item is nobody's left neighbour.
        let is_bad = items.len() > 1 && items[..items.len() - 1].contains(&8);
        pools()[pool].install(|| {
            let runs = catch_unwind(|| items.par_chunk_by(belong).count());
            assert_eq!(runs.is_err(), is_bad);
            let mut copy = items.clone();
            let runs = catch_unwind(AssertUnwindSafe(|| copy.par_chunk_by_mut(belong).for_each(|run| run.sort())));
            assert_eq!(runs.is_err(), is_bad);
            copy.sort();
            let mut sorted = items.clone();
            sorted.sort();
            assert_eq!(copy, sorted);
        });
    }
}

/// Each pair of neighbours is looked at once by a whole pass, however it is split.
#[test]
fn no_pair_is_looked_at_twice_where_there_are_no_cuts() {
    for pool in pools() {
        let calls = AtomicUsize::new(0);
        let items = vec![1_u8; 5000];
        let runs = pool.install(|| {
            let belong = |_: &u8, _: &u8| {
                calls.fetch_add(1, Ordering::Relaxed);
                true
            };
            items.par_chunk_by(belong).count()
        });
        assert_eq!((runs, calls.into_inner()), (1, 4999));
    }
}

#[test]
fn items_that_count_their_drops_and_items_without_size() {
    struct Counted<'d>(usize, &'d AtomicUsize);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    for pool in pools() {
        let drops = AtomicUsize::new(0);
        let mut items: Vec<Counted<'_>> = (0..1000).map(|number| Counted(number, &drops)).collect();
        pool.install(|| {
            let runs = items.par_chunk_by_mut(|a, b| a.0 / 7 == b.0 / 7);
            runs.for_each(|run| run.swap(0, run.len() - 1));
            let bad = catch_unwind(AssertUnwindSafe(|| {
                items.par_chunk_by_mut(|a, b| a.0 / 7 == b.0 / 7).for_each(|run| assert!(run.len() == 7));
            }));
            assert!(bad.is_err(), "the last run is shorter");
        });
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        drop(items);
        assert_eq!(drops.into_inner(), 1000);

        let mut units = [(); 1000];
        pool.install(|| {
            assert_eq!(units.par_chunk_by(|_, _| true).map(<[()]>::len).collect::<Vec<_>>(), [1000]);
            assert_eq!(units.par_chunk_by_mut(|_, _| false).count(), 1000);
        });
    }
}
