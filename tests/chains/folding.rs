//! What makes one value of all items, or does something with each.

use crate::erased::Unindexed;
use crate::expect::{Share, Verdict, same};
use crate::finish::{Check, End::*};
use crate::item::{IDENTITY, Item, Total, as_map, join, joined};
use crate::step::join_all;
use paceline::prelude::*;
use std::cmp::Ordering;
use std::sync::Mutex;

pub(crate) fn finish(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    match check.finish.end {
        Reduce | ReduceWith | TryReduce | TryReduceWith | FoldReduce | Sum | Product => reduce(iter, check),
        Min | Max | MinBy | MaxBy | MinByKey | MaxByKey => extreme(iter, check),
        Count => {
            let count = iter.count();
            let most = check.expect.values.len();
            match check.expect.len() {
                Some(len) => same("the count", &count, &len),
                None => same("whether the count is too large", &(count > most), &false),
            }
        }
        ForEach | ForEachWith | ForEachInit => each(iter, check),
        _ => try_each(iter, check),
    }
}

/// What depends on the order, but not on where the items are cut.
fn reduce(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let maps = iter.map(|mut item| {
        item.value = as_map(item.value);
        item
    });
    let op = move |a: Item, b: Item| {
        world.call();
        joined(a, &b)
    };
    let identity = move || {
        world.call();
        world.item(IDENTITY)
    };
    let got: Option<u64> = match check.finish.end {
        Reduce => Some(maps.reduce(identity, op).value),
        ReduceWith => maps.reduce_with(op).map(|item| item.value),
        TryReduce => maps.map(Some).try_reduce(identity, |a, b| Some(op(a, b))).map(|item| item.value),
        TryReduceWith => {
            let result = maps.map(Ok::<Item, ()>).try_reduce_with(|a, b| Ok(op(a, b)));
            result.map(|result| result.unwrap().value)
        }
        FoldReduce => {
            let parts = maps.fold(
                || IDENTITY,
                |sum, item| {
                    world.call();
                    join(sum, item.value)
                },
            );
            Some(parts.reduce(|| IDENTITY, join))
        }
        Sum => Some(maps.sum::<Total>().0),
        _ => Some(maps.product::<Total>().0),
    };
    if !check.expect.is_exact() {
        return Ok(());
    }
    let maps = check.expect.values.iter().map(|value| as_map(*value));
    let empty = maps.len() == 0 && matches!(check.finish.end, ReduceWith | TryReduceWith);
    same("the reduction", &got, &(!empty).then(|| join_all(maps, IDENTITY)))
}

/// The least and the greatest; by keys that several items share, the first or the last of them.
fn extreme(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let key = |value: u64| value % 16;
    let compare = move |a: &Item, b: &Item| {
        world.call();
        key(a.value).cmp(&key(b.value))
    };
    let keyed = move |item: &Item| {
        world.call();
        key(item.value)
    };
    let end = check.finish.end;
    let got = match end {
        Min => iter.min(),
        Max => iter.max(),
        MinBy => iter.min_by(compare),
        MaxBy => iter.max_by(compare),
        MinByKey => iter.min_by_key(keyed),
        _ => iter.max_by_key(keyed),
    };
    let got = got.map(|item| item.value);
    let values = check.expect.values.iter().copied();
    let by_key = |a: &u64, b: &u64| -> Ordering { key(*a).cmp(&key(*b)) };
    let expected = match end {
        Min => values.min(),
        Max => values.max(),
        MinBy | MinByKey => values.min_by(by_key),
        _ => values.max_by(by_key),
    };
    match (got, expected) {
        _ if check.expect.is_exact() => same("the extreme", &got, &expected),
        (Some(got), Some(_)) if check.expect.values.contains(&got) => match check.expect.share {
            Share::All => same("the key of the extreme", &key(got), &expected.map(key).unwrap_or_default()),
            _ => Ok(()),
        },
        (None, _) if check.expect.len().unwrap_or(0) == 0 => Ok(()),
        _ => Err(format!("the extreme is {got:?} in place of {expected:?}")),
    }
}

fn each(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let seen = Mutex::new(Vec::new());
    let see = |item: Item| {
        world.call();
        seen.lock().unwrap().push(item.value);
    };
    match check.finish.end {
        ForEach => iter.for_each(see),
        ForEachWith => iter.for_each_with(world.item(0), |state, item| {
            state.value += 1;
            see(item);
        }),
        _ => iter.for_each_init(
            || {
                world.call();
                world.item(0)
            },
            |state, item| {
                state.value += 1;
                see(item);
            },
        ),
    }
    check.expect.check_unordered(&seen.into_inner().unwrap())
}

fn try_each(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let (world, expect) = (check.world, check.expect);
    let seen = Mutex::new(Vec::new());
    let see = |item: Item| {
        if !check.call(&item) {
            return Err(item.value);
        }
        seen.lock().unwrap().push(item.value);
        Ok(())
    };
    let got = match check.finish.end {
        TryForEach => iter.try_for_each(see),
        TryForEachWith => iter.try_for_each_with(world.item(0), |state, item| {
            state.value += 1;
            see(item)
        }),
        _ => iter.try_for_each_init(
            || world.item(0),
            |state, item| {
                state.value += 1;
                see(item)
            },
        ),
    };
    let seen = seen.into_inner().unwrap();
    let none_fails = expect.values.iter().all(|value| check.holds(*value));
    match got {
        Ok(()) if none_fails => expect.check_unordered(&seen),
        Ok(()) if expect.share != Share::All => {
            expect.clone().any_while(|value| check.holds(value)).check_unordered(&seen)
        }
        Err(value) if !check.holds(value) && expect.values.contains(&value) => Ok(()),
        got => Err(format!("{got:?} in place of what fails in {:?}", expect.values)),
    }
}
