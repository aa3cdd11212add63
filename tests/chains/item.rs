//! What items come to, and what closures make of their values.

pub(crate) use crate::world::{Blown, Item, World, mix};

use crate::dice::scramble;
use std::iter::{Product, Sum};

impl Item {
    /// The same item with another value, as a closure makes it.
    pub(crate) fn mixed(mut self, salt: u64) -> Item {
        self.value = mix(self.value, salt);
        self
    }
}

/// What items come to by [`join`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Total(pub(crate) u64);

impl Sum<Item> for Total {
    fn sum<I: Iterator<Item = Item>>(items: I) -> Self {
        Total(items.fold(IDENTITY, |total, item| join(total, item.value)))
    }
}

impl Sum for Total {
    fn sum<I: Iterator<Item = Total>>(totals: I) -> Self {
        Total(totals.fold(IDENTITY, |first, second| join(first, second.0)))
    }
}

impl Product<Item> for Total {
    fn product<I: Iterator<Item = Item>>(items: I) -> Self {
        items.sum()
    }
}

impl Product for Total {
    fn product<I: Iterator<Item = Total>>(totals: I) -> Self {
        totals.sum()
    }
}

/// Whether a predicate is true: for all but one in `rare`.
pub(crate) fn holds(value: u64, salt: u64, rare: u64) -> bool {
    scramble(value ^ salt.rotate_left(16)) % rare != 0
}

/// The neutral element of [`join`].
pub(crate) const IDENTITY: u64 = 1 << 32;

/// Combines two values; associative, and not commutative: they are maps `x -> a * x + b`, one after the other.
pub(crate) fn join(first: u64, second: u64) -> u64 {
    let (a, b) = ((first >> 32) as u32, first as u32);
    let (c, d) = ((second >> 32) as u32, second as u32);
    let (factor, summand) = (a.wrapping_mul(c), b.wrapping_mul(c).wrapping_add(d));
    u64::from(factor) << 32 | u64::from(summand)
}

/// The map that a value stands for: no item has the value of the identity by chance, and factors are odd.
pub(crate) fn as_map(value: u64) -> u64 {
    (2 * value + 3) << 32 | value
}

/// Two neighbours made one.
pub(crate) fn joined(mut first: Item, second: &Item) -> Item {
    first.value = join(first.value, second.value);
    first
}
