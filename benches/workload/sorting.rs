//! What is sorted: items of several types, in several patterns.

use std::cmp::Ordering;

/// An item that can be sorted by a total order and made of a number, with which it grows.
pub(crate) trait Item: Clone + Send + Sync + 'static {
    const NAME: &'static str;

    fn make(number: u64) -> Self;

    fn order(&self, other: &Self) -> Ordering;
}

macro_rules! item {
    ($type:ty, $name:literal, $make:expr, $order:expr) => {
        impl Item for $type {
            const NAME: &'static str = $name;

            fn make(number: u64) -> Self {
                $make(number)
            }

            #[inline]
            fn order(&self, other: &Self) -> Ordering {
                $order(self, other)
            }
        }
    };
}

/// 128 bytes, of which the first eight are compared.
pub(crate) type Record = [u64; 16];

item!(u8, "u8", |n: u64| (n >> 56) as u8, Ord::cmp);
item!(u64, "u64", |n: u64| n, Ord::cmp);
item!(f64, "f64 by total order", |n: u64| n as f64, f64::total_cmp);
item!((u64, u64), "(u64, u64)", |n: u64| (n >> 52, n), Ord::cmp);
item!(Record, "128-byte record", |n: u64| [n; 16], |a: &Record, b: &Record| a[0].cmp(&b[0]));
item!(String, "String", |n: u64| format!("{n:020}"), Ord::cmp);

/// How the items lie at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Random,
    FewValues,
    Sorted,
    OrganPipe,
    AllEqual,
    /// Sorted, but for the last items: so many of a hundred, random.
    Tail(usize),
    /// The same, and the random items are greater than nearly all others.
    GreaterTail(usize),
    /// Sorted, but for the first items.
    Head(usize),
    /// Sorted, but for items in the middle.
    Hole(usize),
    /// So many sorted runs of equal lengths, all of the same range.
    Runs(usize),
}

/// Whether the items of a pattern lie from last to first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forwards,
    Backwards,
}

/// The patterns that are not sorted in part.
pub(crate) const USUAL: [(&str, Pattern, Direction); 6] = [
    ("random", Pattern::Random, Direction::Forwards),
    ("256 values", Pattern::FewValues, Direction::Forwards),
    ("sorted", Pattern::Sorted, Direction::Forwards),
    ("reversed", Pattern::Sorted, Direction::Backwards),
    ("organ pipe", Pattern::OrganPipe, Direction::Forwards),
    ("all equal", Pattern::AllEqual, Direction::Forwards),
];

/// The patterns that are sorted in part or in parts.
pub(crate) const PARTLY_SORTED: [(&str, Pattern, Direction); 16] = [
    ("last 1 % random", Pattern::Tail(1), Direction::Forwards),
    ("last 1 % random, reversed", Pattern::Tail(1), Direction::Backwards),
    ("last 1 % greater", Pattern::GreaterTail(1), Direction::Forwards),
    ("last 1 % greater, reversed", Pattern::GreaterTail(1), Direction::Backwards),
    ("last 10 % random", Pattern::Tail(10), Direction::Forwards),
    ("last 10 % random, reversed", Pattern::Tail(10), Direction::Backwards),
    ("last 10 % greater", Pattern::GreaterTail(10), Direction::Forwards),
    ("last 10 % greater, reversed", Pattern::GreaterTail(10), Direction::Backwards),
    ("first 1 % random", Pattern::Head(1), Direction::Forwards),
    ("first 1 % random, reversed", Pattern::Head(1), Direction::Backwards),
    ("middle 1 % random", Pattern::Hole(1), Direction::Forwards),
    ("middle 1 % random, reversed", Pattern::Hole(1), Direction::Backwards),
    ("two runs", Pattern::Runs(2), Direction::Forwards),
    ("two runs, reversed", Pattern::Runs(2), Direction::Backwards),
    ("ten runs", Pattern::Runs(10), Direction::Forwards),
    ("ten runs, reversed", Pattern::Runs(10), Direction::Backwards),
];

impl Pattern {
    /// `len` items that lie so.
    pub(crate) fn items<T: Item>(self, len: usize, direction: Direction) -> Vec<T> {
        let step = u64::MAX / (len as u64).max(1);
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let percent = len.div_ceil(100);
        let number = |place: usize| match self {
            Self::Random => random.next(),
            Self::FewValues => random.next() >> 56 << 56,
            Self::Tail(part) | Self::GreaterTail(part) if place >= len - part * percent => random.next(),
            Self::Head(part) if place < part * percent => random.next(),
            Self::Hole(part) if (len / 2..len / 2 + part * percent).contains(&place) => random.next(),
            Self::GreaterTail(_) => place as u64,
            Self::Sorted | Self::Tail(_) | Self::Head(_) | Self::Hole(_) => place as u64 * step,
            Self::OrganPipe => place.min(len - place) as u64 * step,
            Self::AllEqual => step,
            // No two items are equal, so that a reversed run descends strictly.
            Self::Runs(runs) => ((place * runs) % len + place * runs / len) as u64 * (step / 2),
        };
        let mut numbers: Vec<u64> = (0..len).map(number).collect();
        if direction == Direction::Backwards {
            numbers.reverse();
        }
        numbers.into_iter().map(T::make).collect()
    }
}

/// Numbers that look random and are always the same (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
