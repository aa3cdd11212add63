//! Items that know when one of them is lost or dropped twice, and closures' calls that are counted, to panic in one.

use crate::dice::scramble;
use crate::gate::WATCHDOG;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Instant;

/// Values are below this, so that some come more than once.
const VALUES: u64 = 1 << 12;

/// What the items and closures of one case after another share. One test at a time uses it.
#[derive(Debug)]
pub(crate) struct World {
    made: AtomicU64,
    dropped: AtomicU64,
    /// The scrambled numbers of those made, less those dropped: 0 if each was dropped exactly once.
    balance: AtomicU64,
    calls: AtomicU64,
    /// The number of the call that panics; 0 for none.
    panic_at: AtomicU64,
    /// The label of the call that has panicked; 0 for none.
    blown: AtomicU64,
    /// One call in so many takes some microseconds; 0 for none.
    heavy: AtomicU64,
}

/// With what a call panics.
pub(crate) struct Blown {
    /// Its value is the number of the call.
    pub(crate) item: Item,
    /// What the call was for.
    pub(crate) label: u64,
}

impl World {
    pub(crate) const fn new() -> Self {
        const fn zero() -> AtomicU64 {
            AtomicU64::new(0)
        }
        World {
            made: zero(),
            dropped: zero(),
            balance: zero(),
            calls: zero(),
            panic_at: zero(),
            blown: zero(),
            heavy: zero(),
        }
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
        self.blown.store(0, SeqCst);
        self.heavy.store(heavy, SeqCst);
    }

    /// How many calls there have been.
    pub(crate) fn disarm(&self) -> u64 {
        self.panic_at.store(0, SeqCst);
        self.calls.load(SeqCst)
    }

    /// The label of the call that has panicked.
    pub(crate) fn blown(&self) -> Option<u64> {
        Some(self.blown.load(SeqCst)).filter(|label| *label > 0)
    }

    /// What every closure does first.
    pub(crate) fn call(&'static self) {
        self.call_for(1);
    }

    /// The same with a label, which is not 0.
    pub(crate) fn call_for(&'static self, label: u64) {
        let number = self.calls.fetch_add(1, Relaxed) + 1;
        if number == self.panic_at.load(Relaxed) {
            self.blown.store(label, SeqCst);
            resume_unwind(Box::new(Blown { item: self.item(number), label }));
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

/// A value that follows from another one.
pub(crate) fn mix(value: u64, salt: u64) -> u64 {
    scramble(value ^ salt.rotate_left(32)) % VALUES
}
