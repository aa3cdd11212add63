//! Collections of all kinds.

use crate::erased::Unindexed;
use crate::expect::{Expect, Share, Verdict, same};
use crate::finish::{Check, End::*, Held, values};
use crate::item::{Item, mix};
use paceline::extra::prelude::*;
use paceline::iter::Either;
use paceline::prelude::*;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::Arc;

pub(crate) fn finish(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let expect = check.expect;
    match check.finish.end {
        CollectVec => expect.check(&values(&iter.collect::<Vec<_>>())),
        CollectDeque => expect.check(&values(&iter.collect::<VecDeque<_>>())),
        CollectList => expect.check(&values(&iter.collect::<LinkedList<_>>())),
        CollectBox => expect.check(&values(&*iter.collect::<Box<[_]>>())),
        CollectArc => expect.check(&values(&*iter.collect::<Arc<[_]>>())),
        CollectHeap => expect.check_unordered(&values(&iter.collect::<BinaryHeap<_>>())),
        CollectTreeSet => {
            check_set(expect, iter.map(Calm).collect::<BTreeSet<_>>().iter().map(|calm| calm.0.value).collect())
        }
        CollectHashedSet => check_set(expect, values(&iter.collect::<HashSet<_>>())),
        CollectTreeMap | CollectHashedMap => map(iter, check),
        CollectOption | CollectResult => fallible(iter, check),
        CollectUnits => {
            iter.map(drop).collect::<()>();
            Ok(())
        }
        CollectText => {
            let text: String = iter.map(|item| char_of(item.value)).collect();
            let expected = expect.clone().map(|value| char_of(value).into());
            expected.check(&text.chars().map(u64::from).collect::<Vec<_>>())
        }
        CollectVecList => expect.check(&values(iter.collect_vec_list().iter().flatten())),
        CollectUnordered => expect.check_unordered(&values(&iter.collect_unordered())),
        ExtendVec | ExtendDeque | ExtendHashedSet => extend(iter, check),
        _ => pairs(iter, check),
    }
}

/// An item whose comparisons do not panic: std's tree loses items where they do.
struct Calm(Item);

impl PartialEq for Calm {
    fn eq(&self, other: &Self) -> bool {
        self.0.value == other.0.value
    }
}

impl Eq for Calm {}

impl PartialOrd for Calm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Calm {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.value.cmp(&other.0.value)
    }
}

fn char_of(value: u64) -> char {
    char::from_u32(value as u32 % 0x800).expect("all small numbers are characters")
}

/// Checks a set of the values.
fn check_set(expect: &Expect, got: Vec<u64>) -> Verdict {
    let expected = BTreeSet::from_iter(expect.values.iter().copied());
    let len = got.len();
    let got = BTreeSet::from_iter(got);
    same("the number of different items", &len, &got.len())?;
    match expect.share {
        Share::All => same("the set", &got, &expected),
        _ if got.is_subset(&expected) => Ok(()),
        _ => Err(format!("{got:?} is no part of {expected:?}")),
    }
}

/// A map by few keys: the last value of each counts.
fn map(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let pairs = iter.map(|item| (item.value % 50, item));
    let got: BTreeMap<u64, u64> = match check.finish.end {
        CollectTreeMap => pairs.collect::<BTreeMap<_, _>>().iter().map(|(key, item)| (*key, item.value)).collect(),
        _ => pairs.collect::<HashMap<_, _>>().iter().map(|(key, item)| (*key, item.value)).collect(),
    };
    let expected: BTreeMap<u64, u64> = check.expect.values.iter().map(|value| (value % 50, *value)).collect();
    if check.expect.is_exact() {
        return same("the map", &got, &expected);
    }
    let keys = got.keys().copied().collect();
    check_set(&check.expect.clone().map(|value| value % 50), keys)
}

/// Options and results of vectors.
fn fallible(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let expect = check.expect;
    let none_fails = expect.values.iter().all(|value| check.holds(*value));
    let got: Result<Vec<Item>, Option<u64>> = match check.finish.end {
        CollectOption => iter.map(|item| check.call(&item).then_some(item)).collect::<Option<_>>().ok_or(None),
        _ => {
            let results = iter.map(|item| if check.call(&item) { Ok(item) } else { Err(Some(item.value)) });
            results.collect()
        }
    };
    match got {
        Ok(items) if none_fails => expect.check(&values(&items)),
        Ok(items) if expect.share != Share::All => {
            expect.clone().any_while(|value| check.holds(value)).check(&values(&items))
        }
        Ok(items) => Err(format!("{items:?} was collected, though one fails")),
        Err(None) => same("whether an item fails", &true, &!none_fails),
        Err(Some(value)) if !check.holds(value) && expect.values.contains(&value) => Ok(()),
        Err(Some(value)) => Err(format!("{value} does not fail")),
    }
}

fn extend(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let expect = check.expect;
    let before = || (0..check.finish.n as u64).map(|value| check.world.item(value));
    let after = |got: Vec<u64>| {
        let (first, rest) = got.split_at(check.finish.n);
        same("what was there", first, &(0..check.finish.n as u64).collect::<Vec<_>>()[..])?;
        expect.check(rest)
    };
    match check.finish.end {
        ExtendVec => {
            let mut vector: Vec<Item> = before().collect();
            vector.par_extend(iter);
            after(values(&vector))
        }
        ExtendDeque => {
            let mut deque: VecDeque<Item> = before().collect();
            deque.par_extend(iter);
            after(values(&deque))
        }
        _ => {
            #[expect(
                clippy::mutable_key_type,
                reason = "what changes is the count of drops, which is no part of the key"
            )]
            let mut set: HashSet<Item> = HashSet::new();
            set.par_extend(iter);
            check_set(expect, values(&set))
        }
    }
}

/// What makes two collections of one iterator.
fn pairs(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let (expect, world) = (check.expect, check.world);
    let twin = move |item: Item| {
        world.call();
        let twin = world.item(mix(item.value, 1));
        (item, twin)
    };
    let twins = |first: Vec<u64>, second: Vec<u64>| {
        let expected: Vec<u64> = first.iter().map(|value| mix(*value, 1)).collect();
        same("the second of each pair", &second, &expected)?;
        expect.check(&first)
    };
    let (held, others) = (check.only(Held::True), check.only(Held::False));
    match check.finish.end {
        CollectPair => {
            let (first, second): (Vec<Item>, VecDeque<Item>) = iter.map(twin).collect();
            twins(values(&first), values(&second))
        }
        Unzip => {
            let (first, second): (Vec<Item>, LinkedList<Item>) = iter.map(twin).unzip();
            twins(values(&first), values(&second))
        }
        Partition => {
            let (first, second): (Vec<Item>, Vec<Item>) = iter.partition(|item| check.call(item));
            held.check(&values(&first))?;
            others.check(&values(&second))
        }
        PartitionMap => {
            let side = |item: Item| if check.call(&item) { Either::Left(item) } else { Either::Right(item.value) };
            let (first, second): (Vec<Item>, Vec<u64>) = iter.partition_map(side);
            held.check(&values(&first))?;
            others.check(&second)
        }
        end => unreachable!("{end:?} makes no collection"),
    }
}
