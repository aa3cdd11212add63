//! Scoped tasks that borrow: `scope` lets tasks write to disjoint parts of a slice on the caller's stack or heap, and
//! returns when all of them have ended.
//!
//! ```text
//! cargo run --release --example squares -- [LENGTH]
//! ```
//!
//! Fills a vector of LENGTH places (20,000,000 unless said) with the squares of their indices, one task for each part,
//! and prints the time. The exit code is 1 if a place holds anything but its square.

#[path = "tour/bar.rs"]
mod bar;

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use paceline::{Progress, current_num_threads, scope};

use bar::Bar;

const DEFAULT_LENGTH: usize = 20_000_000;

/// Eight gigabytes of numbers.
const MAX_LENGTH: usize = 1_000_000_000;

/// Places that one task fills.
const PART: usize = 65_536;

fn main() -> ExitCode {
    let Some(length) = length() else {
        eprintln!("squares: LENGTH must be a whole number up to {MAX_LENGTH}");
        return ExitCode::from(2);
    };
    // No square is so large: a place that no task fills is found out.
    let mut squares = vec![u64::MAX; length];
    let bar = Bar::new();
    bar.phase("Filling", Some(length as u64));
    let start = Instant::now();
    fill(&mut squares, &bar);
    let time = start.elapsed().as_secs_f64();

    bar.phase("Checking", Some(length as u64));
    let wrong = first_wrong(&squares, &bar);
    drop(bar);

    let parts = length.div_ceil(PART);
    let threads = current_num_threads();
    println!("Filled {length} places by {parts} tasks on {threads} threads in {time:.3} s.");
    if let Some(index) = wrong {
        eprintln!("squares: place {index} holds {}", squares[index]);
        return ExitCode::FAILURE;
    }
    println!("Every place holds its square.");
    ExitCode::SUCCESS
}

/// Spawns a task for each part. The borrow checker sees that the parts do not overlap and outlive the scope.
fn fill(squares: &mut [u64], bar: &Bar) {
    scope(|scope| {
        for (part_index, part) in squares.chunks_mut(PART).enumerate() {
            scope.spawn(move |_| {
                let first = part_index * PART;
                for (offset, place) in part.iter_mut().enumerate() {
                    let index = (first + offset) as u64;
                    *place = index * index;
                }
                bar.add(part.len() as u64);
            });
        }
    });
}

/// Goes through the squares by the differences between them, which are the odd numbers: another way than the tasks'.
fn first_wrong(squares: &[u64], bar: &Bar) -> Option<usize> {
    let mut expected = 0;
    for (index, square) in squares.iter().enumerate() {
        if *square != expected {
            return Some(index);
        }
        expected += 2 * index as u64 + 1;
        if index % PART == 0 {
            bar.add(PART as u64);
        }
    }
    None
}

fn length() -> Option<usize> {
    match env::args().nth(1) {
        None => Some(DEFAULT_LENGTH),
        Some(argument) => argument.parse().ok().filter(|length| *length <= MAX_LENGTH),
    }
}
