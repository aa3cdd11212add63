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
    Reversed,
    NearlySorted,
    OrganPipe,
    AllEqual,
}

impl Pattern {
    pub(crate) const ALL: [Self; 7] = [
        Self::Random,
        Self::FewValues,
        Self::Sorted,
        Self::Reversed,
        Self::NearlySorted,
        Self::OrganPipe,
        Self::AllEqual,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::FewValues => "256 values",
            Self::Sorted => "sorted",
            Self::Reversed => "reversed",
            Self::NearlySorted => "last 1 % random",
            Self::OrganPipe => "organ pipe",
            Self::AllEqual => "all equal",
        }
    }

    /// `len` items that lie so.
    pub(crate) fn items<T: Item>(self, len: usize) -> Vec<T> {
        let step = u64::MAX / (len as u64).max(1);
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let number = |place: usize| match self {
            Self::Random => random.next(),
            Self::FewValues => random.next() >> 56 << 56,
            Self::NearlySorted if place >= len - len / 100 => random.next(),
            Self::Sorted | Self::NearlySorted => place as u64 * step,
            Self::Reversed => (len - place) as u64 * step,
            Self::OrganPipe => place.min(len - place) as u64 * step,
            Self::AllEqual => step,
        };
        (0..len).map(number).map(T::make).collect()
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
