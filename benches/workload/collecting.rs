//! Collecting: the same items into vectors, strings and maps, by std's own loop and by each library.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hint::black_box;

use super::site::Site;
use crate::harness::Contest;

/// What is collected from.
pub(crate) struct Input {
    /// In no order, and all different.
    numbers: Vec<u32>,
    words: Vec<String>,
}

impl Input {
    /// `len` numbers, and an eighth as many words.
    pub(crate) fn new(len: u32) -> Self {
        let numbers: Vec<u32> = (0..len).map(scatter).collect();
        let words = numbers.iter().take(numbers.len() / 8).map(u32::to_string).collect();
        Self { numbers, words }
    }

    fn len(&self) -> u32 {
        self.numbers.len() as u32
    }

    /// The keys of maps, of which there are fewer than numbers.
    fn keys(&self) -> &[u32] {
        &self.numbers[..self.numbers.len() / 8]
    }
}

/// Sends different numbers to different ones, and neighbours far apart.
fn scatter(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x85eb_ca6b);
    (number ^ (number >> 13)).wrapping_mul(0xc2b2_ae35)
}

fn letter(number: u32) -> char {
    char::from(b'a' + (number % 26) as u8)
}

/// What collecting costs against rayon at most, as a share of its time.
#[derive(Clone, Copy)]
pub(crate) enum Promise {
    /// 1.3 times as fast.
    Faster,
    /// No slower, but for what a measurement may be off.
    NoSlower,
    /// Nothing is promised.
    Nothing,
}

impl Promise {
    pub(crate) fn most(self) -> Option<f64> {
        match self {
            Self::Faster => Some(1.0 / 1.3),
            Self::NoSlower => Some(1.03),
            Self::Nothing => None,
        }
    }
}

/// What a contender does: collects, and tells something of the outcome that does not depend on the order.
type Collector = fn(&Input) -> u64;

/// One way of collecting, by all contenders.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) promise: Promise,
    plain: Collector,
    paceline: Collector,
    rayon: Collector,
}

impl Case {
    pub(crate) fn contest<'a>(&'a self, site: Site<'a>, input: &'a Input) -> Contest<'a> {
        let mut contest = Contest::new(self.name, "number", input.numbers.len() as u64);
        let Self { plain, paceline, rayon, .. } = *self;
        site.enter(&mut contest, move || plain(input), move || paceline(input), move || rayon(input));
        contest
    }
}

/// The lengths of what was collected; none of it is optimised away.
fn len<T>(collected: impl AsRef<[T]>) -> u64 {
    black_box(collected.as_ref()).len() as u64
}

/// What we have and others have not, as one writes it there.
mod plain {
    pub(super) trait StandIn: IntoIterator + Sized {
        fn collect_unordered(self) -> Vec<Self::Item> {
            self.into_iter().collect()
        }

        fn par_map<R>(self, f: impl FnMut(Self::Item) -> R) -> Vec<R> {
            self.into_iter().map(f).collect()
        }
    }

    impl<I: IntoIterator> StandIn for I {}
}

/// The same for rayon.
mod with_rayon {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    pub(super) trait StandIn: IntoParallelIterator + Sized {
        fn collect_unordered(self) -> Vec<Self::Item> {
            self.into_par_iter().collect()
        }

        fn par_map<R: Send>(self, f: impl Fn(Self::Item) -> R + Sync + Send) -> Vec<R> {
            self.into_par_iter().map(f).collect()
        }
    }

    impl<I: IntoParallelIterator> StandIn for I {}
}

/// The cases: for each its name, its promise, what makes the items by the libraries' iterators, the same by std's, and
/// what the items are collected into.
macro_rules! cases {
    ($($name:literal, $promise:ident: |$input:ident| $make:expr, $plain:expr => |$items:ident| $collect:expr;)*) => {
        pub(crate) const CASES: &[Case] = &[$(Case {
            name: $name,
            promise: Promise::$promise,
            plain: |$input| {
                #[allow(unused_imports, reason = "few cases need it")]
                use plain::StandIn;
                let $items = $plain;
                $collect
            },
            paceline: |$input| {
                #[allow(unused_imports, reason = "few cases need both")]
                use ::paceline::{extra::prelude::*, prelude::*};
                let $items = $make;
                $collect
            },
            rayon: |$input| {
                #[allow(unused_imports, reason = "few cases need both")]
                use {::rayon::prelude::*, with_rayon::StandIn};
                let $items = $make;
                $collect
            },
        }),*];
    };
}

cases! {
    "map, range", Nothing:
        |input| (0..input.len()).into_par_iter().map(scatter), (0..input.len()).map(scatter)
        => |items| len(items.collect::<Vec<u32>>());
    "filter, every second of a range", Faster:
        |input| (0..input.len()).into_par_iter().filter(|n| n % 2 == 0), (0..input.len()).filter(|n| n % 2 == 0)
        => |items| len(items.collect::<Vec<u32>>());
    "filter, a random half of a slice", Faster:
        |input| input.numbers.par_iter().copied().filter(|n| n % 2 == 0),
        input.numbers.iter().copied().filter(|n| n % 2 == 0)
        => |items| len(items.collect::<Vec<u32>>());
    "filter, all of a range as u64", Nothing:
        |input| (0..u64::from(input.len())).into_par_iter().filter(|&n| n != 7),
        (0..u64::from(input.len())).filter(|&n| n != 7)
        => |items| len(items.collect::<Vec<u64>>());
    "filter_map, one in 100", Nothing:
        |input| input.numbers.par_iter().filter_map(|n| (n % 100 == 0).then_some(n / 100)),
        input.numbers.iter().filter_map(|n| (n % 100 == 0).then_some(n / 100))
        => |items| len(items.collect::<Vec<u32>>());
    "flat_map_iter, 4 bytes of each", Faster:
        |input| (0..input.len()).into_par_iter().flat_map_iter(u32::to_le_bytes),
        (0..input.len()).flat_map(u32::to_le_bytes)
        => |items| len(items.collect::<Vec<u8>>());
    "flat_map_iter, 0 to 7 of each", Faster:
        |input| input.numbers.par_iter().flat_map_iter(|n| 0..n % 8), input.numbers.iter().flat_map(|n| 0..n % 8)
        => |items| len(items.collect::<Vec<u32>>());
    "flat_map, 1000 of each", Nothing:
        |input| (0..input.len() / 1000).into_par_iter().flat_map(|n| (n..n + 1000).into_par_iter()),
        (0..input.len() / 1000).flat_map(|n| n..n + 1000)
        => |items| len(items.collect::<Vec<u32>>());
    "flat_map, 4 of each", Nothing:
        |input| (0..input.len() / 4).into_par_iter().flat_map(|n| (n..n + 4).into_par_iter()),
        (0..input.len() / 4).flat_map(|n| n..n + 4)
        => |items| len(items.collect::<Vec<u32>>());
    "par_bridge", Nothing:
        |input| input.keys().iter().par_bridge().map(|&n| scatter(n)), input.keys().iter().map(|&n| scatter(n))
        => |items| len(items.collect::<Vec<u32>>());
    "filter, unordered", Nothing:
        |input| input.numbers.par_iter().copied().filter(|n| n % 2 == 0),
        input.numbers.iter().copied().filter(|n| n % 2 == 0)
        => |items| len(items.collect_unordered());
    "par_map", Nothing:
        |input| input.numbers.as_slice(), input.numbers.as_slice()
        => |items| len(items.par_map(|&n| scatter(n)));
    "partition", Nothing:
        |input| input.numbers.par_iter().copied(), input.numbers.iter().copied()
        => |items| { let (even, odd): (Vec<u32>, Vec<u32>) = items.partition(|n| n % 2 == 0); len(even) << 32 | len(odd) };
    "unzip", Nothing:
        |input| input.numbers.par_iter().map(|&n| (n, u64::from(n))), input.numbers.iter().map(|&n| (n, u64::from(n)))
        => |items| { let (left, right): (Vec<u32>, Vec<u64>) = items.unzip(); len(left) + len(right) };
    "String of chars", NoSlower:
        |input| input.numbers.par_iter().map(|&n| letter(n)), input.numbers.iter().map(|&n| letter(n))
        => |items| len(items.collect::<String>());
    "String of filtered chars", NoSlower:
        |input| input.numbers.par_iter().map(|&n| letter(n)).filter(|&c| c != 'e'),
        input.numbers.iter().map(|&n| letter(n)).filter(|&c| c != 'e')
        => |items| len(items.collect::<String>());
    "String of strs", NoSlower:
        |input| input.words.par_iter().map(String::as_str), input.words.iter().map(String::as_str)
        => |items| len(items.collect::<String>());
    "HashMap", NoSlower:
        |input| input.keys().par_iter().map(|&n| (n, n)), input.keys().iter().map(|&n| (n, n))
        => |items| black_box(items.collect::<HashMap<u32, u32>>()).len() as u64;
    "HashMap, filtered", NoSlower:
        |input| input.keys().par_iter().map(|&n| (n, n)).filter(|pair| pair.0 % 2 == 0),
        input.keys().iter().map(|&n| (n, n)).filter(|pair| pair.0 % 2 == 0)
        => |items| black_box(items.collect::<HashMap<u32, u32>>()).len() as u64;
    "HashSet", NoSlower:
        |input| input.keys().par_iter().map(|&n| n / 2), input.keys().iter().map(|&n| n / 2)
        => |items| black_box(items.collect::<HashSet<u32>>()).len() as u64;
    "BTreeMap, keys in no order", NoSlower:
        |input| input.keys().par_iter().map(|&n| (n, n)), input.keys().iter().map(|&n| (n, n))
        => |items| black_box(items.collect::<BTreeMap<u32, u32>>()).len() as u64;
    "BTreeMap, rising keys, filtered", NoSlower:
        |input| (0..input.len() / 8).into_par_iter().map(|n| (n, n)).filter(|pair| pair.0 % 8 != 0),
        (0..input.len() / 8).map(|n| (n, n)).filter(|pair| pair.0 % 8 != 0)
        => |items| black_box(items.collect::<BTreeMap<u32, u32>>()).len() as u64;
}
