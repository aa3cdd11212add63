//! How often a library calls what it was given, and how much memory it takes meanwhile.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

use super::grind::grind;
use crate::harness::peak_of;

/// The largest number in which an answer is looked for: some four billion.
const LAST: u32 = 4_000_000_000;

/// A count that many threads add to, each mostly in a place of its own.
pub(crate) struct Tally([CachePadded<AtomicU64>; 64]);

impl Tally {
    fn new() -> Self {
        Self([const { CachePadded::new(AtomicU64::new(0)) }; 64])
    }

    /// Adds one. Relaxed: the total is read after the call that counts has ended.
    fn add(&self) {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static PLACE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed)));
        self.0[PLACE.get() % 64].fetch_add(1, Ordering::Relaxed);
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|place| place.load(Ordering::Relaxed)).sum()
    }
}

/// What one library wastes.
pub(crate) struct Waster {
    /// Calls of the predicate of `find_first` whose answer is that number.
    pub(crate) find_first: fn(u32) -> u64,
    /// Calls of `map_init`'s init for items of these weights.
    pub(crate) map_init: fn(&[u32]) -> u64,
    /// Calls of `fold`'s identity for items of these weights.
    pub(crate) fold: fn(&[u32]) -> u64,
    /// The most bytes allocated while the bytes of that many numbers are collected.
    pub(crate) flat_map_iter: fn(u32) -> u64,
}

/// The calls of a library that has rayon's iterators.
macro_rules! wasting {
    ($library:ident) => {
        pub(crate) mod $library {
            use ::$library::prelude::*;

            use super::{LAST, Tally, Waster, grind, peak_of};

            pub(crate) const WASTER: Waster = Waster { find_first, map_init, fold, flat_map_iter };

            fn find_first(answer: u32) -> u64 {
                let calls = Tally::new();
                let asked = |&number: &u32| {
                    calls.add();
                    number == answer
                };
                assert_eq!((0..LAST).into_par_iter().find_first(asked), Some(answer));
                calls.total()
            }

            fn map_init(weights: &[u32]) -> u64 {
                let inits = Tally::new();
                let values: Vec<u64> =
                    weights.par_iter().map_init(|| inits.add(), |(), &steps| grind(1, steps)).collect();
                assert_eq!(values.len(), weights.len());
                inits.total()
            }

            fn fold(weights: &[u32]) -> u64 {
                let identities = Tally::new();
                let identity = || {
                    identities.add();
                    0
                };
                let folded = weights.par_iter().fold(identity, |sum, &steps| sum + grind(1, steps));
                assert_ne!(folded.sum::<u64>(), 0);
                identities.total()
            }

            fn flat_map_iter(numbers: u32) -> u64 {
                let bytes = || (0..numbers).into_par_iter().flat_map_iter(u32::to_le_bytes).collect::<Vec<u8>>();
                let (collected, peak) = peak_of(bytes);
                assert_eq!(collected.len(), 4 * numbers as usize);
                peak as u64
            }
        }
    };
}

wasting!(paceline);
wasting!(rayon);
