//! Loops of light items in many shapes, each written as a user writes it: std's iterators, and each library's.
//!
//! Every shape is a loop of its own in each library, so that each has its own call site, as in a user's program.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::hint::black_box;

use super::grind::grind;
use crate::harness::{Contest, Rival, default_workers, repeat};

/// The items that the loops go over.
pub(crate) struct Input {
    /// In no order, and all different.
    numbers: Vec<u32>,
    /// The same numbers.
    others: Vec<u32>,
    wide: Vec<u64>,
    factors: Vec<u64>,
    /// Small integers: their sum is the same in any order.
    floats: Vec<f64>,
    text: String,
    /// Changed by some loops.
    totals: Vec<u64>,
    /// The last of `numbers`, and a number that is not among them.
    last: u32,
    absent: u32,
    /// How many multiplications an item takes where a loop's closure captures their number.
    steps: u32,
}

impl Input {
    /// Input of that many items, at least one.
    pub(crate) fn new(len: u32) -> Self {
        let numbers: Vec<u32> = (0..len).map(scatter).collect();
        let letter = |&number: &u32| char::from(b'a' + (number % 26) as u8);
        Self {
            others: numbers.clone(),
            wide: numbers.iter().copied().map(u64::from).collect(),
            factors: numbers.iter().map(|number| u64::from(number % 1024)).collect(),
            floats: numbers.iter().map(|number| f64::from(number % 1024)).collect(),
            text: numbers.iter().map(letter).collect(),
            totals: vec![0; numbers.len()],
            last: scatter(len - 1),
            absent: scatter(len),
            steps: 1,
            numbers,
        }
    }

    fn len(&self) -> usize {
        self.numbers.len()
    }

    fn halves(&self) -> (&[u64], &[u64]) {
        self.wide.split_at(self.len() / 2)
    }
}

/// Sends different numbers to different ones, and neighbours far apart.
fn scatter(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x85eb_ca6b);
    (number ^ (number >> 13)).wrapping_mul(0xc2b2_ae35)
}

type Run = fn(&mut Input) -> u64;

/// One shape of loop, by all contenders.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    plain: Run,
    paceline: Run,
    rayon: Run,
}

impl Shape {
    /// The loop from the main thread; its unit is the whole call.
    pub(crate) fn contest<'a>(&self, input: &'a RefCell<Input>) -> Contest<'a> {
        let title = format!("{}, {} items", self.name, input.borrow().len());
        let mut contest = Contest::new(title, "call", 1);
        for (rival, workers, run) in [
            (Rival::Plain, 1, self.plain),
            (Rival::Paceline, default_workers(), self.paceline),
            (Rival::Rayon, default_workers(), self.rayon),
        ] {
            contest.enter_prepared(rival, workers, move |times, watch| {
                let input = &mut *input.borrow_mut();
                input.totals.fill(0);
                watch.restart();
                repeat(times, || run(black_box(input)))
            });
        }
        contest
    }
}

/// The number of items and some of them. No item is optimised away.
fn digest<T: Copy + Into<u64>>(items: &[T]) -> u64 {
    let items = black_box(items);
    let some = [items.first(), items.get(items.len() / 2), items.last()];
    some.into_iter().flatten().fold(items.len() as u64, |all, &item| all.wrapping_mul(31).wrapping_add(item.into()))
}

/// A value of its own for each outcome of a comparison.
fn rank(order: Ordering) -> u64 {
    match order {
        Ordering::Less => 1,
        Ordering::Equal => 2,
        Ordering::Greater => 3,
    }
}

/// The shapes: for each its name, the loop on the libraries' iterators, and the same on std's.
macro_rules! shapes {
    ($($name:literal: |$input:ident| $parallel:expr, $plain:expr;)*) => {
        #[allow(clippy::manual_contains, reason = "`contains` is another loop than that of `any`")]
        pub(crate) const SHAPES: &[Shape] = &[$(Shape {
            name: $name,
            plain: |$input| $plain,
            paceline: |$input| {
                use ::paceline::prelude::*;
                $parallel
            },
            rayon: |$input| {
                use ::rayon::prelude::*;
                $parallel
            },
        }),*];
    };
}

shapes! {
    "sum": |input| input.wide.par_iter().sum(), input.wide.iter().sum();
    "map, sum": |input|
        input.wide.par_iter().map(|&n| n ^ (n >> 3)).sum(),
        input.wide.iter().map(|&n| n ^ (n >> 3)).sum();
    "reduce": |input|
        input.wide.par_iter().copied().reduce(|| 0, |a, b| a ^ b),
        input.wide.iter().copied().fold(0, |a, b| a ^ b);
    "map of a captured number of multiplications, reduce": |input|
        { let k = input.steps; input.wide.par_iter().map(|&n| grind(n, k)).reduce(|| 0, |a, b| a ^ b) },
        { let k = input.steps; input.wide.iter().map(|&n| grind(n, k)).fold(0, |a, b| a ^ b) };
    "fold": |input|
        input.wide.par_iter().fold(|| 0, |all, &n| all + (n >> 1)).sum(),
        input.wide.iter().fold(0, |all, &n| all + (n >> 1));
    "sum of floats": |input| input.floats.par_iter().sum::<f64>().to_bits(), input.floats.iter().sum::<f64>().to_bits();
    "min": |input|
        input.numbers.par_iter().copied().min().map_or(0, u64::from),
        input.numbers.iter().copied().min().map_or(0, u64::from);
    "max": |input| input.wide.par_iter().max().map_or(0, |&n| n), input.wide.iter().max().map_or(0, |&n| n);
    "max_by_key": |input|
        input.numbers.par_iter().max_by_key(|n| n.rotate_left(7)).map_or(0, |&n| n.into()),
        input.numbers.iter().max_by_key(|n| n.rotate_left(7)).map_or(0, |&n| n.into());
    "filter, count": |input|
        input.numbers.par_iter().filter(|&&n| n > 1 << 31).count() as u64,
        input.numbers.iter().filter(|&&n| n > 1 << 31).count() as u64;
    "zip": |input|
        input.wide.par_iter().zip(&input.factors).map(|(n, factor)| n * factor).sum(),
        input.wide.iter().zip(&input.factors).map(|(n, factor)| n * factor).sum();
    "enumerate": |input|
        input.wide.par_iter().enumerate().map(|(index, n)| index as u64 ^ n).sum(),
        input.wide.iter().enumerate().map(|(index, n)| index as u64 ^ n).sum();
    "rev": |input|
        input.wide.par_iter().rev().map(|n| n >> 2).sum(),
        input.wide.iter().rev().map(|n| n >> 2).sum();
    "chain": |input|
        { let (left, right) = input.halves(); left.par_iter().chain(right).map(|n| n >> 4).sum() },
        { let (left, right) = input.halves(); left.iter().chain(right).map(|n| n >> 4).sum() };
    "range by value": |input|
        (0..input.len() as u64).into_par_iter().map(|n| n ^ (n >> 5)).sum(),
        (0..input.len() as u64).map(|n| n ^ (n >> 5)).sum();
    "range by index": |input|
        { let numbers = &*input.wide; (0..numbers.len()).into_par_iter().map(|index| numbers[index] >> 5).sum() },
        { let numbers = &*input.wide; (0..numbers.len()).map(|index| numbers[index] >> 5).sum() };
    "any": |input|
        { let absent = input.absent; input.numbers.par_iter().any(|&n| n == absent).into() },
        { let absent = input.absent; input.numbers.iter().any(|&n| n == absent).into() };
    "all": |input|
        { let absent = input.absent; input.numbers.par_iter().all(|&n| n != absent).into() },
        { let absent = input.absent; input.numbers.iter().all(|&n| n != absent).into() };
    "find_any": |input|
        { let last = input.last; input.numbers.par_iter().find_any(|&&n| n == last).map_or(0, |&n| n.into()) },
        { let last = input.last; input.numbers.iter().find(|&&n| n == last).map_or(0, |&n| n.into()) };
    "position_any": |input|
        { let last = input.last; input.numbers.par_iter().position_any(|&n| n == last).map_or(0, |at| at as u64) },
        { let last = input.last; input.numbers.iter().position(|&n| n == last).map_or(0, |at| at as u64) };
    "eq": |input|
        input.numbers.par_iter().eq(&input.others).into(),
        input.numbers.iter().eq(&input.others).into();
    "lt": |input|
        input.numbers.par_iter().lt(&input.others).into(),
        input.numbers.iter().lt(&input.others).into();
    "cmp": |input|
        rank(input.numbers.par_iter().cmp(&input.others)),
        rank(input.numbers.iter().cmp(&input.others));
    "flat_map_iter": |input|
        input.wide.par_iter().flat_map_iter(|&n| [n, n >> 7]).sum(),
        input.wide.iter().flat_map(|&n| [n, n >> 7]).sum();
    "chunks": |input|
        input.wide.par_chunks(16).map(|chunk| chunk.iter().sum::<u64>() >> 3).sum(),
        input.wide.chunks(16).map(|chunk| chunk.iter().sum::<u64>() >> 3).sum();
    "windows": |input|
        input.numbers.par_windows(2).filter(|pair| pair[0] < pair[1]).count() as u64,
        input.numbers.windows(2).filter(|pair| pair[0] < pair[1]).count() as u64;
    "bytes of a string": |input|
        input.text.par_bytes().filter(|&byte| byte == b'e').count() as u64,
        input.text.bytes().filter(|&byte| byte == b'e').count() as u64;
    "collect of map": |input|
        digest(&input.wide.par_iter().map(|n| n * 3).collect::<Vec<u64>>()),
        digest(&input.wide.iter().map(|n| n * 3).collect::<Vec<u64>>());
    "collect of filter": |input|
        digest(&input.numbers.par_iter().copied().filter(|n| n % 2 == 0).collect::<Vec<u32>>()),
        digest(&input.numbers.iter().copied().filter(|n| n % 2 == 0).collect::<Vec<u32>>());
    "unzip": |input|
        {
            let (left, right): (Vec<u32>, Vec<u64>) = input.numbers.par_iter().map(|&n| (n >> 1, u64::from(n))).unzip();
            digest(&left) ^ digest(&right)
        },
        {
            let (left, right): (Vec<u32>, Vec<u64>) = input.numbers.iter().map(|&n| (n >> 1, u64::from(n))).unzip();
            digest(&left) ^ digest(&right)
        };
    "partition": |input|
        {
            let (left, right): (Vec<u32>, Vec<u32>) = input.numbers.par_iter().copied().partition(|n| n % 2 == 0);
            digest(&left) ^ digest(&right)
        },
        {
            let (left, right): (Vec<u32>, Vec<u32>) = input.numbers.iter().copied().partition(|n| n % 2 == 0);
            digest(&left) ^ digest(&right)
        };
    "for_each on a mutable slice": |input|
        { input.totals.par_iter_mut().for_each(|total| *total += 3); digest(&input.totals) },
        { input.totals.iter_mut().for_each(|total| *total += 3); digest(&input.totals) };
    "for_each on a mutable slice, zipped": |input|
        {
            let Input { totals, wide, factors, .. } = input;
            let terms = wide.par_iter().zip(&*factors);
            totals.par_iter_mut().zip(terms).for_each(|(total, (n, factor))| *total += n + factor);
            digest(totals)
        },
        {
            let Input { totals, wide, factors, .. } = input;
            let terms = wide.iter().zip(&*factors);
            totals.iter_mut().zip(terms).for_each(|(total, (n, factor))| *total += n + factor);
            digest(totals)
        };
}
