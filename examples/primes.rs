//! The sum of the primes below a limit, by `join` on ranges: a range is halved down to a few numbers, though the
//! numbers at its end cost more than those at its start.
//!
//! ```text
//! cargo run --release --example primes -- [LIMIT]
//! ```
//!
//! Prints the sum of the primes below LIMIT (3,000,000 unless said), found by trial division, and the time it took;
//! then checks it against a sieve on one thread. The exit code is 1 if they differ.

#[path = "tour/bar.rs"]
mod bar;

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use paceline::{Progress, current_num_threads, join};

use bar::Bar;

const DEFAULT_LIMIT: u64 = 3_000_000;

/// The sieve takes a byte for each number, and the sum must fit in 64 bits.
const MAX_LIMIT: u64 = 1_000_000_000;

/// Numbers that are tested one after the other.
const FEW: u64 = 64;

fn main() -> ExitCode {
    let Some(limit) = limit() else {
        eprintln!("primes: LIMIT must be a whole number up to {MAX_LIMIT}");
        return ExitCode::from(2);
    };
    let threads = current_num_threads();
    println!("Adding up the primes below {limit} on {threads} threads.");
    let bar = Bar::new();
    bar.phase("Dividing", Some(limit));
    let start = Instant::now();
    let sum = sum_of_primes(0..limit, &bar);
    let time = start.elapsed().as_secs_f64();

    bar.phase("Checking with a sieve", Some(limit));
    let start = Instant::now();
    let expected = sum_by_sieve(limit, &bar);
    let sieve_time = start.elapsed().as_secs_f64();
    drop(bar);

    println!("  by division and join  {sum:>20}{time:>9.3} s");
    println!("  by a sieve            {expected:>20}{sieve_time:>9.3} s");
    if sum != expected {
        eprintln!("primes: the sums differ");
        return ExitCode::FAILURE;
    }
    println!("The sums are the same.");
    ExitCode::SUCCESS
}

fn sum_of_primes(range: Range<u64>, bar: &Bar) -> u64 {
    let length = range.end - range.start;
    if length <= FEW {
        bar.add(length);
        return range.filter(|number| is_prime(*number)).sum();
    }
    let middle = range.start + length / 2;
    let (low, high) = join(|| sum_of_primes(range.start..middle, bar), || sum_of_primes(middle..range.end, bar));
    low + high
}

fn is_prime(number: u64) -> bool {
    if number < 4 {
        return number >= 2;
    }
    if number % 2 == 0 {
        return false;
    }
    (3..).step_by(2).take_while(|divisor| divisor * divisor <= number).all(|divisor| number % divisor != 0)
}

/// The same sum by another method, so that the check shares no mistake with what it checks.
fn sum_by_sieve(limit: u64, bar: &Bar) -> u64 {
    let mut crossed_out = vec![false; limit as usize];
    let mut sum = 0;
    for number in 2..limit as usize {
        if !crossed_out[number] {
            sum += number as u64;
            for multiple in (number * number..limit as usize).step_by(number) {
                crossed_out[multiple] = true;
            }
        }
        if number % 4096 == 0 {
            bar.add(4096);
        }
    }
    sum
}

fn limit() -> Option<u64> {
    match env::args().nth(1) {
        None => Some(DEFAULT_LIMIT),
        Some(argument) => argument.parse().ok().filter(|limit| *limit <= MAX_LIMIT),
    }
}
