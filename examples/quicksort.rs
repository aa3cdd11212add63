//! Quicksort by recursive `join`: each call parts its slice in two and sorts both sides at once, down to a handful.
//!
//! ```text
//! cargo run --release --example quicksort -- [LENGTH]
//! ```
//!
//! Sorts LENGTH random numbers (4,000,000 unless said) and prints how long that took in a pool of one thread, in the
//! global pool, and with std's own sort, which is also the check: the exit code is 1 if the orders differ.

#[path = "tour/bar.rs"]
mod bar;

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use paceline::{Progress, ThreadPoolBuilder, current_num_threads, join};

use bar::Bar;

const DEFAULT_LENGTH: usize = 4_000_000;

/// Eight gigabytes of numbers, of which there are three copies.
const MAX_LENGTH: usize = 1_000_000_000;

/// So few numbers are not worth parting.
const HANDFUL: usize = 16;

/// Progress is reported in pieces up to this length.
const PIECE: usize = 8192;

fn main() -> ExitCode {
    let Some(length) = length() else {
        eprintln!("quicksort: LENGTH must be a whole number up to {MAX_LENGTH}");
        return ExitCode::from(2);
    };
    println!("Sorting {length} random numbers:");
    let mut numbers = random_numbers(length);
    let mut expected = numbers.clone();
    let mut alone = numbers.clone();

    timed("std's sort_unstable", length, |_| expected.sort_unstable());
    let one = ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.expect("the system starts one more thread");
    timed("quicksort, 1 thread", length, |bar| {
        one.install(|| sort(&mut alone, bar));
    });
    let label = format!("quicksort, all {} threads", current_num_threads());
    timed(&label, length, |bar| sort(&mut numbers, bar));

    if alone != expected || numbers != expected {
        eprintln!("quicksort: the order differs from that of std's sort");
        return ExitCode::FAILURE;
    }
    println!("All three orders are the same.");
    ExitCode::SUCCESS
}

/// Sorts, and reports each piece that is in order.
fn sort(numbers: &mut [u64], bar: &Bar) {
    if numbers.len() <= PIECE {
        sort_piece(numbers);
        bar.add(numbers.len() as u64);
    } else {
        let (low, high) = part(numbers);
        join(|| sort(low, bar), || sort(high, bar));
    }
}

fn sort_piece(numbers: &mut [u64]) {
    if numbers.len() <= HANDFUL {
        numbers.sort_unstable();
    } else {
        let (low, high) = part(numbers);
        join(|| sort_piece(low), || sort_piece(high));
    }
}

/// Hoare's partition of two numbers or more: neither side is empty, and none in the first exceeds one in the second.
fn part(numbers: &mut [u64]) -> (&mut [u64], &mut [u64]) {
    // The middle rounded down is never the last number, so the first side ends before the last number too.
    let pivot = numbers[(numbers.len() - 1) / 2];
    let (mut left, mut right) = (0, numbers.len() - 1);
    loop {
        while numbers[left] < pivot {
            left += 1;
        }
        while numbers[right] > pivot {
            right -= 1;
        }
        if left >= right {
            return numbers.split_at_mut(right + 1);
        }
        numbers.swap(left, right);
        left += 1;
        right -= 1;
    }
}

fn timed(label: &str, length: usize, work: impl FnOnce(&Bar)) {
    let bar = Bar::new();
    bar.phase(label, Some(length as u64));
    let start = Instant::now();
    work(&bar);
    let time = start.elapsed().as_secs_f64();
    drop(bar);
    println!("  {label:<28}{time:>8.3} s");
}

/// The numbers of a splitmix64 generator: the same on every run.
fn random_numbers(length: usize) -> Vec<u64> {
    let number = |index: u64| {
        let mixed = index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    (1..=length as u64).map(number).collect()
}

fn length() -> Option<usize> {
    match env::args().nth(1) {
        None => Some(DEFAULT_LENGTH),
        Some(argument) => argument.parse().ok().filter(|length| *length <= MAX_LENGTH),
    }
}
