//! Items that know when one of them is lost or dropped twice, and closures' calls that are counted, to panic in one.

use crate::dice::scramble;
use crate::gate::WATCHDOG;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::iter::{Product, Sum};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Instant;

/// Values are below this, so that some come more than once.
const VALUES: u64 = 1 << 12;

/// What the items and closures of one chain after another share. One thread at a time runs chains of it.
#[derive(Debug)]
pub(crate) struct World {
    made: AtomicU64,
    dropped: AtomicU64,
    /// The scrambled numbers of those made, less those dropped: 0 if each was dropped exactly once.
    balance: AtomicU64,
    calls: AtomicU64,
    /// The number of the call that panics; 0 for none.
    panic_at: AtomicU64,
    /// One call in so many takes some microseconds; 0 for none.
    heavy: AtomicU64,
}

/// With what a call panics.
pub(crate) struct Blown(pub(crate) Item);

impl World {
    pub(crate) const fn new() -> Self {
        const ZERO: AtomicU64 = AtomicU64::new(0);
        World { made: ZERO, dropped: ZERO, balance: ZERO, calls: ZERO, panic_at: ZERO, heavy: ZERO }
    }

    pub(crate) fn item(&'static self, value: u64) -> Item {
        let number = self.made.fetch_add(1, Relaxed) + 1;
        self.balance.fetch_add(scramble(number), Relaxed);
        Item { value, number, world: self }
    }

    /// Counts the calls anew, of which that with the number `panic_at` will panic.
    pub(crate) fn arm(&self, panic_at: u64, heavy: u64) {
        self.calls.store(0, SeqCst);
        self.panic_at.store(panic_at, SeqCst);
        self.heavy.store(heavy, SeqCst);
    }

    /// How many calls there have been.
    pub(crate) fn disarm(&self) -> u64 {
        self.panic_at.store(0, SeqCst);
        self.calls.load(SeqCst)
    }

    /// What every closure of a chain does first.
    pub(crate) fn call(&'static self) {
        let number = self.calls.fetch_add(1, Relaxed) + 1;
        if number == self.panic_at.load(Relaxed) {
            resume_unwind(Box::new(Blown(self.item(number))));
        }
        let heavy = self.heavy.load(Relaxed);
        if heavy > 0 && number % heavy == 0 {
            let mut sum = number;
            for _ in 0..2_000 {
                sum = std::hint::black_box(scramble(sum));
            }
        }
    }

    /// Whether each item made has been dropped exactly once.
    pub(crate) fn is_settled(&self) -> bool {
        let (made, dropped) = (self.made.load(SeqCst), self.dropped.load(SeqCst));
        made == dropped && self.balance.load(SeqCst) == 0
    }

    /// Waits until all items made have been dropped.
    pub(crate) fn wait_until_settled(&self) {
        let start = Instant::now();
        while !self.is_settled() && start.elapsed() < WATCHDOG {
            std::thread::yield_now();
        }
    }

    /// An error if an item was lost or dropped twice. In any case the counts begin anew.
    pub(crate) fn settle(&self) -> Result<(), String> {
        let settled = self.is_settled();
        let (made, dropped) = (self.made.swap(0, SeqCst), self.dropped.swap(0, SeqCst));
        let balance = self.balance.swap(0, SeqCst);
        match settled {
            true => Ok(()),
            false => {
                Err(format!("{made} items were made and {dropped} dropped, and what is left of them is {balance:#x}"))
            }
        }
    }
}

/// A value whose drop is counted.
pub(crate) struct Item {
    pub(crate) value: u64,
    /// 0 after the drop.
    number: u64,
    world: &'static World,
}

impl Item {
    /// The same item with another value, as a closure makes it.
    pub(crate) fn mixed(mut self, salt: u64) -> Item {
        self.value = mix(self.value, salt);
        self
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if self.number == 0 {
            eprintln!("an item of the value {} is dropped twice", self.value);
            std::process::abort();
        }
        self.world.balance.fetch_sub(scramble(self.number), Relaxed);
        self.number = 0;
        self.world.dropped.fetch_add(1, SeqCst);
    }
}

impl Clone for Item {
    fn clone(&self) -> Self {
        self.world.call();
        self.world.item(self.value)
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.world.call();
        self.value == other.value
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        self.world.call();
        self.value.cmp(&other.value)
    }
}

impl Hash for Item {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.world.call();
        self.value.hash(state);
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Item({})", self.value)
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

/// A value that follows from another one.
pub(crate) fn mix(value: u64, salt: u64) -> u64 {
    scramble(value ^ salt.rotate_left(32)) % VALUES
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
