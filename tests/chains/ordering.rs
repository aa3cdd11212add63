//! What is done with a collected vector: scans, sorts, and taking out what is there twice.

use crate::erased::Unindexed;
use crate::expect::{Order, Share, Verdict, same};
use crate::finish::{Check, End::*, values};
use crate::item::{Item, as_map, join};
use paceline::extra::prelude::*;
use paceline::prelude::*;

pub(crate) fn finish(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    match check.finish.end {
        InclusiveScan | ExclusiveScan | ScanInPlace | ExclusiveScanInPlace => scan(iter, check),
        Dedup | DedupByKey | IsSorted => neighbours(iter.collect(), check),
        SelectNth => select(iter.collect(), check),
        _ => sort(iter.collect(), check),
    }
}

/// Scans of what depends on the order.
fn scan(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let maps = iter.map(|mut item| {
        item.value = as_map(item.value);
        item
    });
    let op = move |a: &Item, b: &Item| {
        world.call();
        world.item(join(a.value, b.value))
    };
    let first = as_map(check.finish.salt % 100);
    let got = match check.finish.end {
        InclusiveScan => values(&maps.inclusive_scan(op)),
        ExclusiveScan => values(&maps.exclusive_scan(world.item(first), op)),
        ScanInPlace => {
            let mut items: Vec<Item> = maps.collect();
            items.par_inclusive_scan(op);
            values(&items)
        }
        _ => {
            let mut items: Vec<Item> = maps.collect();
            let all = items.par_exclusive_scan(world.item(first), op);
            let mut got = values(&items);
            got.push(all.value);
            got
        }
    };
    if !check.expect.is_exact() {
        return Ok(());
    }
    let maps = check.expect.values.iter().map(|value| as_map(*value));
    let mut sums: Vec<u64> = match check.finish.end {
        InclusiveScan | ScanInPlace => {
            let mut maps = maps;
            let first = maps.next();
            std::iter::successors(first, |sum| maps.next().map(|map| join(*sum, map))).collect()
        }
        _ => {
            let mut maps = maps;
            std::iter::successors(Some(first), |sum| maps.next().map(|map| join(*sum, map))).collect()
        }
    };
    if check.finish.end == ExclusiveScan {
        sums.pop();
    }
    same("the scan", &got, &sums)
}

/// By what items are sorted: several have the same key, which shows whether a sort is stable.
fn key(value: u64) -> u64 {
    value % 64
}

fn sort(mut items: Vec<Item>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let keyed = move |item: &Item| {
        world.call();
        key(item.value)
    };
    let mut expected = values(&items);
    match check.finish.end {
        Sort => {
            items.par_sort();
            expected.sort();
        }
        SortByKey => {
            items.par_sort_by_key(keyed);
            expected.sort_by_key(|value| key(*value));
        }
        SortByCachedKey => {
            items.par_sort_by_cached_key(keyed);
            expected.sort_by_key(|value| key(*value));
        }
        SortUnstable => {
            items.par_sort_unstable();
            expected.sort();
        }
        SortUnstableByKey => {
            items.par_sort_unstable_by_key(keyed);
            let mut got = values(&items);
            same("whether the keys are sorted", &got.is_sorted_by_key(|value| key(*value)), &true)?;
            got.sort();
            expected.sort();
            return same("the items", &got, &expected);
        }
        end => unreachable!("{end:?} does not sort"),
    }
    same("the sorted items", &values(&items), &expected)?;
    check.expect.check_unordered(&expected)
}

fn select(mut items: Vec<Item>, check: Check<'_>) -> Verdict {
    let mut sorted = values(&items);
    sorted.sort();
    if items.is_empty() {
        return Ok(());
    }
    let index = check.finish.n % items.len();
    let (less, item, greater) = items.par_select_nth_unstable(index);
    same("the selected item", &item.value, &sorted[index])?;
    let divided =
        less.iter().all(|other| other.value <= item.value) && greater.iter().all(|other| other.value >= item.value);
    same("whether it divides the others", &divided, &true)?;
    let mut got = values(&items);
    got.sort();
    same("the items", &got, &sorted)
}

fn neighbours(mut items: Vec<Item>, check: Check<'_>) -> Verdict {
    let world = check.world;
    let mut expected = values(&items);
    if check.expect.order == Order::Known && check.expect.share == Share::All {
        check.expect.check(&expected)?;
    }
    match check.finish.end {
        IsSorted => {
            same("whether the items are sorted", &items.par_is_sorted(), &expected.is_sorted())?;
            items.par_sort();
            return same("whether sorted items are sorted", &items.par_is_sorted(), &true);
        }
        Dedup => {
            items.par_sort();
            items.par_dedup();
            expected.sort();
            expected.dedup();
        }
        _ => {
            items.par_dedup_by_key(|item| {
                world.call();
                item.value % 3
            });
            expected.dedup_by_key(|value| *value % 3);
        }
    }
    same("what is left", &values(&items), &expected)
}
