//! The sources that chains begin with: which values each gives, and what it borrows from.

use crate::dice::Dice;
use crate::expect::{Expect, Order};
use crate::item::{Item, World, mix};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

listed! {
    /// Where the items of a chain come from.
    Kind:
    /// Sources that a chain owns.
    OWNED =
        Vector, BoxedSlice, Array, Narrow, NarrowInclusive, Signed, SignedInclusive, Wide, WideInclusive, Size, Word,
        WordInclusive, Characters, CharactersInclusive, Maybe, Outcome, Deque, Heap, TreeSet, TreeMap, HashedSet,
        HashedMap, List, RepeatN, RepeatTake, Once, Empty, Bridge, BridgeOfUnknownLength, TreePrefix, TreePostfix,
        AnyTree, Split, Pairs, Triples;
    /// Collections that it borrows from.
    BORROWED =
        Slice, ClonedSlice, CopiedSlice, MutableSlice, DrainedRange, ChunksOf, ExactChunks, ChunksFromBehind,
        ExactChunksFromBehind, MutableChunks, MutableChunksFromBehind, Windows, ArrayWindows, ChunkBy, MutableChunkBy,
        SplitSlice, SplitInclusive, SplitMutable, BorrowedDeque, MutableDeque, DrainedDeque, BorrowedHeap, DrainedHeap,
        BorrowedTreeSet, BorrowedTreeMap, MutableTreeMap, BorrowedHashedSet, DrainedHashedSet, MutableHashedMap,
        DrainedHashedMap, BorrowedList, MutableList, BorrowedMaybe, MutableOutcome;
    /// Texts that it borrows from.
    TEXTS =
        TextCharacters, TextIndices, TextBytes, TextUtf16, TextSplit, TextSplitInclusive, TextSplitTerminator,
        TextLines, TextWords, TextAsciiWords, TextMatches, TextMatchIndices, DrainedText;
}

use Kind::*;

/// A source with its numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) kind: Kind,
    /// How many values it is made of.
    pub(crate) len: usize,
    /// A length of chunks or windows, or where a range begins.
    pub(crate) n: usize,
    pub(crate) salt: u64,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({} values, {}, {})", self.kind, self.len, self.n, self.salt)
    }
}

/// What a source is made of.
pub(crate) enum Store {
    Items(Vec<Item>),
    Numbers(Vec<u64>),
    Deque(VecDeque<Item>),
    Heap(BinaryHeap<Item>),
    TreeSet(BTreeSet<Item>),
    TreeMap(BTreeMap<u64, Item>),
    HashedSet(HashSet<Item>),
    HashedMap(HashMap<u64, Item>),
    List(LinkedList<Item>),
    Maybe(Option<Item>),
    Outcome(Result<Item, Item>),
    Text(String),
    Nothing,
}

/// What the text of a source is made of: letters of one to four bytes, and what splits it.
const LETTERS: [char; 10] = ['a', 'b', 'ß', '€', '😀', ' ', ' ', '\n', ',', '\t'];

impl Source {
    pub(crate) fn is_owned(self) -> bool {
        OWNED.contains(&self.kind)
    }

    /// The values that it is made of.
    pub(crate) fn values(self) -> Vec<u64> {
        (0..self.len as u64).map(|i| mix(i, self.salt)).collect()
    }

    /// A length of chunks or windows.
    pub(crate) fn chunk(self) -> usize {
        self.n.max(1)
    }

    /// The part of the values that is drained.
    pub(crate) fn drained(self) -> std::ops::Range<usize> {
        let start = self.n.min(self.len);
        start..start + (self.len - start).saturating_sub(self.n / 2)
    }

    /// Where chunks by a predicate go on.
    pub(crate) fn goes_on(self, a: u64, b: u64) -> bool {
        (a ^ b ^ self.salt) % 3 != 0
    }

    pub(crate) fn separates(self, value: u64) -> bool {
        (value ^ self.salt) % 5 == 0
    }

    /// The children of the node `i` of a tree of `len` nodes.
    pub(crate) fn children(self, i: u64) -> Vec<u64> {
        let width = 1 + self.n as u64 % 3;
        (0..width).map(|child| i * width + 1 + child).filter(|child| *child < self.len as u64).collect()
    }

    pub(crate) fn text(self) -> String {
        let mut dice = Dice::of(self.salt);
        (0..self.len).map(|_| dice.pick(&LETTERS)).collect()
    }

    pub(crate) fn store(self, world: &'static World) -> Store {
        let items = || self.values().into_iter().map(|value| world.item(value));
        let keyed = || (0..).zip(items());
        match self.kind {
            Deque | BorrowedDeque | MutableDeque | DrainedDeque => {
                // One that goes around the end of its memory.
                let mut deque: VecDeque<Item> = items().skip(self.n).collect();
                items().take(self.n).collect::<Vec<_>>().into_iter().rev().for_each(|item| deque.push_front(item));
                Store::Deque(deque)
            }
            Heap | BorrowedHeap | DrainedHeap => Store::Heap(items().collect()),
            TreeSet | BorrowedTreeSet => Store::TreeSet(items().collect()),
            TreeMap | BorrowedTreeMap | MutableTreeMap => Store::TreeMap(keyed().collect()),
            HashedSet | BorrowedHashedSet | DrainedHashedSet => Store::HashedSet(items().collect()),
            HashedMap | MutableHashedMap | DrainedHashedMap => Store::HashedMap(keyed().collect()),
            List | BorrowedList | MutableList => Store::List(items().collect()),
            Maybe | BorrowedMaybe => Store::Maybe(items().next()),
            Outcome | MutableOutcome => Store::Outcome(items().next().ok_or_else(|| world.item(0))),
            CopiedSlice => Store::Numbers(self.values()),
            Vector | BoxedSlice | Array | Pairs | Triples | Bridge | BridgeOfUnknownLength => {
                Store::Items(items().collect())
            }
            kind if OWNED.contains(&kind) => Store::Nothing,
            kind if TEXTS.contains(&kind) => Store::Text(self.text()),
            _ => Store::Items(items().collect()),
        }
    }

    /// What is expected of a chain that is only this source.
    pub(crate) fn expect(self) -> Expect {
        let mut expect = Expect::all(match self.kind {
            kind if TEXTS.contains(&kind) => self.text_values(),
            kind if OWNED.contains(&kind) => self.owned_values(),
            _ => self.borrowed_values(),
        });
        if matches!(
            self.kind,
            HashedSet
                | HashedMap
                | Bridge
                | BridgeOfUnknownLength
                | AnyTree
                | BorrowedHashedSet
                | DrainedHashedSet
                | MutableHashedMap
                | DrainedHashedMap
                | Heap
                | BorrowedHeap
                | DrainedHeap
        ) {
            expect.order = Order::Lost;
        }
        expect
    }

    fn owned_values(self) -> Vec<u64> {
        let (start, len) = (self.n as u64, self.len as u64);
        let mixed = |numbers: std::ops::Range<u64>| numbers.map(|number| mix(number, self.salt)).collect();
        match self.kind {
            Array => self.values().into_iter().take(ARRAY).collect(),
            Narrow => mixed(start % 200..start % 200 + len.min(55)),
            NarrowInclusive => mixed(start % 200..start % 200 + len.min(55) + 1),
            Signed | Wide | Size | Word => mixed(start..start + len),
            SignedInclusive | WideInclusive | WordInclusive => mixed(start..start + len + 1),
            Characters | CharactersInclusive => {
                // Across the gap in the middle of all characters.
                let last = char::from_u32(0xE000 + self.len as u32).unwrap();
                let first = char::from_u32(0xD7FF - self.n as u32).unwrap();
                let end = u64::from(self.kind == CharactersInclusive);
                (first..=last).map(|c| mix(c as u64, self.salt)).take(self.n + self.len + 1 + end as usize).collect()
            }
            Maybe | Outcome => self.values().into_iter().take(1).collect(),
            TreeSet | HashedSet => BTreeSet::from_iter(self.values()).into_iter().collect(),
            RepeatN | RepeatTake => vec![mix(0, self.salt); self.len],
            Once => vec![mix(0, self.salt)],
            Empty => vec![],
            TreePrefix | AnyTree => self.walk(Visit::Before),
            TreePostfix => self.walk(Visit::After),
            Pairs => self.values().into_iter().map(|value| mix(value, value)).collect(),
            Triples => {
                self.values().into_iter().enumerate().map(|(i, value)| mix(mix(value, value), i as u64)).collect()
            }
            _ => self.values(),
        }
    }

    fn walk(self, visit: Visit) -> Vec<u64> {
        fn node(source: Source, i: u64, visit: Visit, values: &mut Vec<u64>) {
            if visit == Visit::Before {
                values.push(mix(i, source.salt));
            }
            source.children(i).into_iter().for_each(|child| node(source, child, visit, values));
            if visit == Visit::After {
                values.push(mix(i, source.salt));
            }
        }
        let mut values = Vec::new();
        node(self, 0, visit, &mut values);
        values
    }

    /// What a chunk of values comes to.
    pub(crate) fn sum(self, chunk: impl IntoIterator<Item = u64>) -> u64 {
        chunk.into_iter().fold(self.salt, mix)
    }

    fn borrowed_values(self) -> Vec<u64> {
        let values = self.values();
        let sums = |chunks: &mut dyn Iterator<Item = &[u64]>| {
            chunks.map(|chunk| self.sum(chunk.iter().copied())).collect::<Vec<u64>>()
        };
        let (n, separates) = (self.chunk(), |value: &u64| self.separates(*value));
        match self.kind {
            DrainedRange | DrainedDeque => values[self.drained()].to_vec(),
            ChunksOf | MutableChunks => sums(&mut values.chunks(n)),
            ExactChunks => sums(&mut values.chunks_exact(n)),
            ChunksFromBehind | MutableChunksFromBehind => sums(&mut values.rchunks(n)),
            ExactChunksFromBehind => sums(&mut values.rchunks_exact(n)),
            Windows => sums(&mut values.windows(n)),
            ArrayWindows => sums(&mut values.windows(ARRAY_WINDOW)),
            ChunkBy | MutableChunkBy => sums(&mut values.chunk_by(|a, b| self.goes_on(*a, *b))),
            SplitSlice | SplitMutable => sums(&mut values.split(separates)),
            SplitInclusive => sums(&mut values.split_inclusive(separates)),
            BorrowedTreeSet | BorrowedHashedSet | DrainedHashedSet => BTreeSet::from_iter(values).into_iter().collect(),
            BorrowedMaybe | MutableOutcome => values.into_iter().take(1).collect(),
            _ => values,
        }
    }

    fn text_values(self) -> Vec<u64> {
        let text = self.text();
        let text = text.as_str();
        let hashed = |parts: &mut dyn Iterator<Item = &str>| {
            parts.map(|part| self.sum(part.bytes().map(u64::from))).collect::<Vec<u64>>()
        };
        match self.kind {
            TextCharacters | DrainedText => text.chars().map(|c| mix(c as u64, self.salt)).collect(),
            TextIndices => text.char_indices().map(|(i, c)| mix(i as u64, c as u64)).collect(),
            TextBytes => text.bytes().map(|b| mix(b.into(), self.salt)).collect(),
            TextUtf16 => text.encode_utf16().map(|unit| mix(unit.into(), self.salt)).collect(),
            TextSplit => hashed(&mut text.split(',')),
            TextSplitInclusive => hashed(&mut text.split_inclusive(',')),
            TextSplitTerminator => hashed(&mut text.split_terminator(',')),
            TextLines => hashed(&mut text.lines()),
            TextWords => hashed(&mut text.split_whitespace()),
            TextAsciiWords => hashed(&mut text.split_ascii_whitespace()),
            TextMatches => hashed(&mut text.matches(char::is_alphabetic)),
            TextMatchIndices => {
                text.match_indices(char::is_alphabetic).map(|(i, _)| mix(i as u64, self.salt)).collect()
            }
            kind => unreachable!("{kind:?} is no text"),
        }
    }
}

/// When a walk gives a node: before its children or after them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Before,
    After,
}

/// The length of arrays.
pub(crate) const ARRAY: usize = 6;

/// The length of windows that are arrays.
pub(crate) const ARRAY_WINDOW: usize = 3;

impl Source {
    /// Whether the iterator over this source has positions.
    pub(crate) fn has_positions(self) -> bool {
        !matches!(
            self.kind,
            HashedSet
                | HashedMap
                | Bridge
                | BridgeOfUnknownLength
                | TreePrefix
                | TreePostfix
                | AnyTree
                | Split
                | Word
                | Wide
                | WideInclusive
                | ChunkBy
                | MutableChunkBy
                | SplitSlice
                | SplitInclusive
                | SplitMutable
                | BorrowedHashedSet
                | DrainedHashedSet
                | MutableHashedMap
                | DrainedHashedMap
                | TextCharacters
                | TextIndices
                | TextUtf16
                | TextSplit
                | TextSplitInclusive
                | TextSplitTerminator
                | TextLines
                | TextWords
                | TextAsciiWords
                | TextMatches
                | TextMatchIndices
                | DrainedText
        )
    }
}
