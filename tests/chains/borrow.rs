//! How chains begin that borrow from a collection or a text.

use crate::adaptors::Then;
use crate::erased::Chain;
use crate::item::{Item, mix};
use crate::source::Kind::*;
use crate::source::{ARRAY_WINDOW, Source, Store};
use paceline::prelude::*;

/// A chain that borrows from `store`.
pub(crate) fn borrowed<'d>(source: Source, store: &'d mut Store, then: Then) -> Chain<'d> {
    let world = then.world;
    // Takes an item out, and leaves another one.
    let take = move |item: &'d mut Item| {
        world.call();
        std::mem::replace(item, world.item(7))
    };
    match store {
        Store::Items(items) => match source.kind {
            Slice | ClonedSlice | MutableSlice | DrainedRange => of_slice(source, items, then),
            MutableChunks | MutableChunksFromBehind | MutableChunkBy | SplitMutable => {
                of_mutable_parts(source, items, then)
            }
            _ => of_parts(source, items, then),
        },
        Store::Numbers(numbers) => then.indexed(numbers.par_iter().copied().map(move |value| world.item(value))),
        Store::Deque(deque) => match source.kind {
            BorrowedDeque => then.indexed(deque.par_iter().cloned()),
            MutableDeque => then.indexed(deque.par_iter_mut().map(take)),
            _ => then.indexed(deque.par_drain(source.drained())),
        },
        Store::Heap(heap) => match source.kind {
            BorrowedHeap => then.indexed(heap.par_iter().cloned()),
            _ => then.indexed(heap.par_drain()),
        },
        Store::TreeSet(set) => then.indexed(set.par_iter().cloned()),
        Store::TreeMap(map) => match source.kind {
            BorrowedTreeMap => then.indexed(map.par_iter().map(|(_, item)| item.clone())),
            _ => then.indexed(map.par_iter_mut().map(move |(_, item)| take(item))),
        },
        Store::HashedSet(set) => match source.kind {
            BorrowedHashedSet => then.unindexed(set.par_iter().cloned()),
            _ => then.unindexed(set.par_drain()),
        },
        Store::HashedMap(map) => match source.kind {
            MutableHashedMap => then.unindexed(map.par_iter_mut().map(move |(_, item)| take(item))),
            _ => then.unindexed(map.par_drain().map(|(_, item)| item)),
        },
        Store::List(list) => match source.kind {
            BorrowedList => then.indexed(list.par_iter().cloned()),
            _ => then.indexed(list.par_iter_mut().map(take)),
        },
        Store::Maybe(maybe) => then.indexed(maybe.par_iter().cloned()),
        Store::Outcome(outcome) => then.indexed(outcome.par_iter_mut().map(take)),
        Store::Text(text) => match source.kind {
            DrainedText => then.unindexed(text.par_drain(..).map(move |c| world.item(mix(c as u64, source.salt)))),
            _ => of_text(source, text, then),
        },
        Store::Nothing => unreachable!("{source:?} is owned"),
    }
}

fn of_slice<'d>(source: Source, items: &'d mut Vec<Item>, then: Then) -> Chain<'d> {
    let world = then.world;
    match source.kind {
        Slice => then.indexed(items.par_iter().map(Item::clone)),
        ClonedSlice => then.indexed(items.par_iter().cloned()),
        MutableSlice => then.indexed(items.par_iter_mut().map(move |item| {
            world.call();
            std::mem::replace(item, world.item(7))
        })),
        _ => then.indexed(items.par_drain(source.drained())),
    }
}

fn of_parts<'d>(source: Source, items: &'d [Item], then: Then) -> Chain<'d> {
    let (n, world) = (source.chunk(), then.world);
    let sum = move |part: &[Item]| {
        world.call();
        world.item(source.sum(part.iter().map(|item| item.value)))
    };
    let goes_on = move |a: &Item, b: &Item| {
        world.call();
        source.goes_on(a.value, b.value)
    };
    let separates = move |item: &Item| {
        world.call();
        source.separates(item.value)
    };
    match source.kind {
        ChunksOf => then.indexed(items.par_chunks(n).map(sum)),
        ExactChunks => then.indexed(items.par_chunks_exact(n).map(sum)),
        ChunksFromBehind => then.indexed(items.par_rchunks(n).map(sum)),
        ExactChunksFromBehind => then.indexed(items.par_rchunks_exact(n).map(sum)),
        Windows => then.indexed(items.par_windows(n).map(sum)),
        ArrayWindows => then.indexed(items.par_array_windows::<ARRAY_WINDOW>().map(move |window| sum(window))),
        ChunkBy => then.unindexed(items.par_chunk_by(goes_on).map(sum)),
        SplitSlice => then.unindexed(items.par_split(separates).map(sum)),
        SplitInclusive => then.unindexed(items.par_split_inclusive(separates).map(sum)),
        kind => unreachable!("{kind:?} is no slice"),
    }
}

fn of_mutable_parts<'d>(source: Source, items: &'d mut [Item], then: Then) -> Chain<'d> {
    let (n, world) = (source.chunk(), then.world);
    // Writes to every item of the part, in which nobody else may be.
    let sum = move |part: &mut [Item]| {
        world.call();
        let sum = source.sum(part.iter().map(|item| item.value));
        part.iter_mut().for_each(|item| item.value = sum);
        world.item(sum)
    };
    let goes_on = move |a: &Item, b: &Item| {
        world.call();
        source.goes_on(a.value, b.value)
    };
    let separates = move |item: &Item| {
        world.call();
        source.separates(item.value)
    };
    match source.kind {
        MutableChunks => then.indexed(items.par_chunks_mut(n).map(sum)),
        MutableChunksFromBehind => then.indexed(items.par_rchunks_mut(n).map(sum)),
        MutableChunkBy => then.unindexed(items.par_chunk_by_mut(goes_on).map(sum)),
        _ => then.unindexed(items.par_split_mut(separates).map(sum)),
    }
}

fn of_text<'d>(source: Source, text: &'d str, then: Then) -> Chain<'d> {
    let world = then.world;
    let one = move |number: u64| {
        world.call();
        world.item(mix(number, source.salt))
    };
    let part = move |part: &str| {
        world.call();
        world.item(source.sum(part.bytes().map(u64::from)))
    };
    match source.kind {
        TextCharacters => then.unindexed(text.par_chars().map(move |c| one(c as u64))),
        TextIndices => then.unindexed(text.par_char_indices().map(move |(i, c)| world.item(mix(i as u64, c as u64)))),
        TextBytes => then.indexed(text.par_bytes().map(move |b| one(b.into()))),
        TextUtf16 => then.unindexed(text.par_encode_utf16().map(move |unit| one(unit.into()))),
        TextSplit => then.unindexed(text.par_split(',').map(part)),
        TextSplitInclusive => then.unindexed(text.par_split_inclusive(',').map(part)),
        TextSplitTerminator => then.unindexed(text.par_split_terminator(',').map(part)),
        TextLines => then.unindexed(text.par_lines().map(part)),
        TextWords => then.unindexed(text.par_split_whitespace().map(part)),
        TextAsciiWords => then.unindexed(text.par_split_ascii_whitespace().map(part)),
        TextMatches => then.unindexed(text.par_matches(char::is_alphabetic).map(part)),
        TextMatchIndices => {
            then.unindexed(text.par_match_indices(char::is_alphabetic).map(move |(i, _)| one(i as u64)))
        }
        kind => unreachable!("{kind:?} is no text"),
    }
}
