//! The items of the standard collections are dropped exactly once, however their parallel iterators end.

#![allow(clippy::mutable_key_type, reason = "the order and the hash of an item are those of its number alone")]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{Hash, Hasher};
use std::mem;
use std::ops::Range;

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};
use crate::tally::{Tally, Token};

/// A number whose drops are counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) number: usize,
    _token: Token,
}

impl Counted {
    pub(crate) fn new(number: usize, tally: &Tally) -> Self {
        Self { number, _token: tally.token() }
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Counted {}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

const LEN: usize = 40;

fn counted(numbers: Range<usize>, tally: &Tally) -> impl Iterator<Item = Counted> {
    numbers.map(|number| Counted::new(number, tally))
}

fn pairs(tally: &Tally) -> impl Iterator<Item = (Counted, Counted)> {
    (0..LEN / 2).map(|number| (Counted::new(number, tally), Counted::new(number, tally)))
}

/// How an iterator ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Consumed,
    Collected,
    HalfConsumed,
    Found,
    Unused,
    Panicked { at: usize },
}

const ENDS: [End; 8] = [
    End::Consumed,
    End::Collected,
    End::HalfConsumed,
    End::Found,
    End::Unused,
    End::Panicked { at: 0 },
    End::Panicked { at: 5 },
    End::Panicked { at: 11 },
];

fn bring_to<I: IndexedParallelIterator>(end: End, iter: I) {
    match end {
        End::Consumed => iter.for_each(drop),
        End::Collected => drop(iter.collect::<Vec<_>>()),
        End::HalfConsumed => drop(iter.zip(0..LEN / 4).collect::<Vec<_>>()),
        End::Found => drop(iter.find_any(|_| true)),
        End::Unused => drop(iter),
        End::Panicked { at } => {
            let message = panic_message(|| {
                iter.enumerate().for_each(|(i, _item)| assert!(i != at, "item {at}"));
            });
            assert_eq!(message, format!("item {at}"));
        }
    }
}

/// Brings an iterator over `LEN` counted items to each of its ends, in each pool.
macro_rules! check_drops {
    ($collection:ty, |$tally:ident| $items:expr, |$it:ident| $iter:expr $(, then $after:expr)?) => {
        in_pools(|| {
            for end in ENDS {
                let tally = Tally::default();
                {
                    let $tally = &tally;
                    #[allow(unused_mut, reason = "iterators by value do not need it")]
                    let mut $it = <$collection>::from_iter($items);
                    bring_to(end, $iter);
                    $( $after; )?
                }
                tally.assert_settled(LEN);
            }
        })
    };
}

#[test]
fn by_value() {
    check_drops!(BinaryHeap<_>, |tally| counted(0..LEN, tally), |heap| heap.into_par_iter());
    check_drops!(BTreeSet<_>, |tally| counted(0..LEN, tally), |set| set.into_par_iter());
    check_drops!(HashSet<_>, |tally| counted(0..LEN, tally), |set| set.into_par_iter());
    check_drops!(LinkedList<_>, |tally| counted(0..LEN, tally), |list| list.into_par_iter());
    check_drops!(VecDeque<_>, |tally| counted(0..LEN, tally), |deque| deque.into_par_iter());
    check_drops!(BTreeMap<_, _>, |tally| pairs(tally), |map| map.into_par_iter());
    check_drops!(HashMap<_, _>, |tally| pairs(tally), |map| map.into_par_iter());
}

#[test]
fn drained_whole() {
    check_drops!(
        BinaryHeap<_>,
        |tally| counted(0..LEN, tally),
        |heap| heap.par_drain(),
        then assert!(heap.is_empty() && heap.capacity() >= LEN)
    );
    check_drops!(
        HashSet<_>,
        |tally| counted(0..LEN, tally),
        |set| set.par_drain(),
        then assert!(set.is_empty() && set.capacity() >= LEN)
    );
    check_drops!(
        HashMap<_, _>,
        |tally| pairs(tally),
        |map| map.par_drain(),
        then assert!(map.is_empty() && map.capacity() >= LEN / 2)
    );
    check_drops!(
        VecDeque<_>,
        |tally| counted(0..LEN, tally),
        |deque| deque.par_drain(..),
        then assert!(deque.is_empty() && deque.capacity() >= LEN)
    );
}

#[test]
fn drained_in_part() {
    let numbers = |deque: &VecDeque<Counted>| deque.iter().map(|item| item.number).collect::<Vec<_>>();
    for range in [0..12, 0..40, 10..30, 28..40] {
        let rest: Vec<usize> = (0..LEN).filter(|number| !range.contains(number)).collect();
        check_drops!(
            VecDeque<_>,
            |tally| counted(0..LEN, tally),
            |deque| deque.par_drain(range.clone()),
            then assert_eq!(numbers(&deque), rest)
        );
    }
}

#[test]
fn a_drain_gives_what_it_takes() {
    in_pools(|| {
        let mut deque = crate::collections::wrapped(30);
        let all = Vec::from_iter(deque.clone());
        let taken: Vec<_> = deque.par_drain(5..=14).collect();
        assert_eq!(taken, all[5..=14]);
        assert_eq!(deque, [&all[..5], &all[15..]].concat());
        let mut heap = BinaryHeap::from_iter(0..100);
        let mut taken: Vec<_> = heap.par_drain().collect();
        taken.sort_unstable();
        assert!(taken.into_iter().eq(0..100));
        heap.extend([2, 3, 1]);
        assert_eq!(heap.into_sorted_vec(), [1, 2, 3]);
        let mut map: HashMap<i32, i32> = (0..100).map(|n| (n, n)).collect();
        assert_eq!(map.par_drain().map(|(key, _)| key).sum::<i32>(), 4950);
        let mut set: HashSet<i32> = (0..100).collect();
        assert_eq!(set.par_drain().sum::<i32>(), 4950);
    });
}

#[test]
fn a_range_outside_of_a_deque_is_refused() {
    let mut deque = VecDeque::from_iter(0..5);
    panic_message(|| deque.par_drain(2..6).count());
    assert_eq!(deque, [0, 1, 2, 3, 4]);
}

/// A leaked drain may leak its items, but the collection does not have them as well.
#[test]
fn a_leaked_drain_leaves_no_item_in_two_places() {
    let tally = Tally::default();
    let mut deque = VecDeque::from_iter(counted(0..LEN, &tally));
    mem::forget(deque.par_drain(10..20));
    assert_eq!(deque.len(), LEN);
    let mut set = HashSet::<_>::from_iter(counted(0..LEN, &tally));
    mem::forget(set.par_drain());
    assert!(set.is_empty());
    let mut map = HashMap::<_, _>::from_iter(pairs(&tally));
    mem::forget(map.par_drain());
    assert!(map.is_empty());
    let mut heap = BinaryHeap::from_iter(counted(0..LEN, &tally));
    mem::forget(heap.par_drain());
    assert_eq!(heap.len(), LEN);
    assert_eq!(tally.dropped(), 0);
    drop((deque, set, map, heap));
    assert_eq!(tally.dropped(), 2 * LEN);
}
