//! How chains begin: a parallel iterator over items of every source.

use crate::adaptors::Then;
use crate::erased::Chain;
use crate::item::{Item, World, mix};
use crate::source::Kind::*;
use crate::source::{ARRAY, Source, Store};
use paceline::iter;
use paceline::prelude::*;

/// A chain that borrows nothing.
pub(crate) fn owned(source: Source, store: Store, then: Then) -> Chain<'static> {
    match store {
        Store::Items(items) => of_items(source, items, then),
        Store::Deque(deque) => then.indexed(deque.into_par_iter()),
        Store::Heap(heap) => then.indexed(heap.into_par_iter()),
        Store::TreeSet(set) => then.indexed(set.into_par_iter()),
        Store::TreeMap(map) => then.indexed(map.into_par_iter().map(|(_, item)| item)),
        Store::HashedSet(set) => then.unindexed(set.into_par_iter()),
        Store::HashedMap(map) => then.unindexed(map.into_par_iter().map(|(_, item)| item)),
        Store::List(list) => then.indexed(list.into_par_iter()),
        Store::Maybe(maybe) => then.indexed(maybe.into_par_iter()),
        Store::Outcome(outcome) => then.indexed(outcome.into_par_iter()),
        Store::Numbers(_) | Store::Text(_) => unreachable!("{source:?} is borrowed from"),
        Store::Nothing => match source.kind {
            RepeatN | RepeatTake | Once | Empty | TreePrefix | TreePostfix | AnyTree | Split => made(source, then),
            _ => of_range(source, then),
        },
    }
}

fn of_items(source: Source, items: Vec<Item>, then: Then) -> Chain<'static> {
    let world = then.world;
    match source.kind {
        Vector => then.indexed(items.into_par_iter()),
        BoxedSlice => then.indexed(items.into_boxed_slice().into_par_iter()),
        Array => match <[Item; ARRAY]>::try_from(items) {
            Ok(array) => then.indexed(array.into_par_iter()),
            Err(mut items) => {
                items.truncate(ARRAY);
                then.indexed(items.into_par_iter())
            }
        },
        Bridge => then.unindexed(items.into_iter().par_bridge()),
        BridgeOfUnknownLength => {
            let mut items = items.into_iter();
            let next = move || {
                world.call();
                items.next()
            };
            then.unindexed(std::iter::from_fn(next).fuse().par_bridge())
        }
        Pairs => {
            let others = crate::adaptors::items(source.values().into_iter(), world);
            then.indexed((items, others).into_par_iter().map(|(a, b)| a.mixed(b.value)))
        }
        Triples => {
            let others = crate::adaptors::items(source.values().into_iter(), world);
            let numbers = 0..source.len + 1;
            then.indexed((items, others, numbers).into_par_iter().map(|(a, b, i)| a.mixed(b.value).mixed(i as u64)))
        }
        kind => unreachable!("{kind:?} is not made of items"),
    }
}

/// The items that numbers stand for.
fn item<T>(source: Source, world: &'static World, number: impl Fn(T) -> u64 + Copy) -> impl Fn(T) -> Item + Copy {
    move |n| {
        world.call();
        world.item(mix(number(n), source.salt))
    }
}

fn of_range(source: Source, then: Then) -> Chain<'static> {
    let world = then.world;
    let (start, len) = (source.n, source.len);
    let narrow = (start % 200) as u8;
    let middle = i64::MIN + 5;
    let signed = start as i64 - 1_000;
    let wide = u128::from(u64::MAX) - 3;
    match source.kind {
        Narrow => {
            let range = narrow..narrow + len.min(55) as u8;
            then.indexed(range.into_par_iter().map(item(source, world, u64::from)))
        }
        NarrowInclusive => {
            let range = narrow..=narrow + len.min(55) as u8;
            then.indexed(range.into_par_iter().map(item(source, world, u64::from)))
        }
        Signed => {
            let range = signed as i32..(signed + len as i64) as i32;
            then.indexed(range.into_par_iter().map(item(source, world, |n| (n + 1_000) as u64)))
        }
        SignedInclusive => {
            let range = signed as i16..=(signed + len as i64) as i16;
            then.indexed(range.into_par_iter().map(item(source, world, |n| (i32::from(n) + 1_000) as u64)))
        }
        Wide => {
            let range = wide..wide + len as u128;
            then.unindexed(range.into_par_iter().map(item(source, world, move |n| (n - wide) as u64 + start as u64)))
        }
        WideInclusive => {
            let range = middle..=middle + len as i64;
            then.unindexed(range.into_par_iter().map(item(source, world, move |n| (n - middle) as u64 + start as u64)))
        }
        Size => then.indexed((start..start + len).into_par_iter().map(item(source, world, |n| n as u64))),
        Word => {
            let range = start as u64..(start + len) as u64;
            then.unindexed(range.into_par_iter().map(item(source, world, |n| n)))
        }
        WordInclusive => {
            let range = start as u16..=(start + len) as u16;
            then.indexed(range.into_par_iter().map(item(source, world, u64::from)))
        }
        Characters | CharactersInclusive => {
            let first = char::from_u32(0xD7FF - start as u32).unwrap();
            let last = char::from_u32(0xE000 + len as u32).unwrap();
            match source.kind {
                Characters => then.indexed((first..last).into_par_iter().map(item(source, world, |c| c as u64))),
                _ => then.indexed((first..=last).into_par_iter().map(item(source, world, |c| c as u64))),
            }
        }
        kind => unreachable!("{kind:?} is no range"),
    }
}

fn made(source: Source, then: Then) -> Chain<'static> {
    let world = then.world;
    let one = || world.item(mix(0, source.salt));
    let children = move |i: &u64| {
        world.call();
        source.children(*i)
    };
    match source.kind {
        RepeatN => then.indexed(iter::repeat_n(one(), source.len)),
        RepeatTake => then.indexed(iter::repeat(one()).take(source.len)),
        Once => then.indexed(iter::once(one())),
        Empty => then.indexed(iter::empty()),
        TreePrefix => then.unindexed(iter::walk_tree_prefix(0, children).map(item(source, world, |i| i))),
        TreePostfix => then.unindexed(iter::walk_tree_postfix(0, children).map(item(source, world, |i| i))),
        AnyTree => then.unindexed(iter::walk_tree(0, children).map(item(source, world, |i| i))),
        Split => {
            let halve = move |part: std::ops::Range<u64>| {
                world.call();
                let middle = part.start + (part.end - part.start) / 2;
                if middle == part.start { (part, None) } else { (part.start..middle, Some(middle..part.end)) }
            };
            let parts = iter::split(0..source.len as u64, halve);
            then.unindexed(parts.flat_map_iter(move |part| part.map(item(source, world, |i| i))))
        }
        kind => unreachable!("{kind:?} is not made by a function"),
    }
}
