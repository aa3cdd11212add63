//! Fire-and-forget: `spawn` starts tasks that nobody joins; each sends its result through a channel of std's.
//!
//! ```text
//! cargo run --release --example spawns -- [TASKS]
//! ```
//!
//! Starts TASKS tasks (2,000 unless said), each of which counts the steps that 500 numbers take to 1 by Collatz' rule,
//! and prints the sum of the results as they came in. The exit code is 1 if a plain loop finds another sum, or if a
//! task does not report.

#[path = "tour/bar.rs"]
mod bar;

use std::env;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use paceline::extra::prelude::*;
use paceline::{Progress, current_num_threads, spawn};

use bar::Bar;

const DEFAULT_TASKS: u64 = 2_000;
const MAX_TASKS: u64 = 1_000_000;

/// Numbers that one task looks at.
const PER_TASK: u64 = 500;

/// A task that is silent for so long is taken for lost.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let Some(tasks) = number_of_tasks() else {
        eprintln!("spawns: TASKS must be a whole number up to {MAX_TASKS}");
        return ExitCode::from(2);
    };
    let threads = current_num_threads();
    println!("Spawning {tasks} tasks on {threads} threads.");
    let bar = Bar::new();
    bar.phase("Results", Some(tasks));
    let start = Instant::now();
    let sum = match sum_of_reports(tasks, &bar) {
        Ok(sum) => sum,
        Err(reported) => {
            drop(bar);
            eprintln!("spawns: only {reported} of {tasks} tasks reported");
            return ExitCode::FAILURE;
        }
    };
    let time = start.elapsed().as_secs_f64();

    bar.phase("Checking on one thread", Some(tasks));
    let start = Instant::now();
    let expected: u64 = (0..tasks).map(steps_of_task).with_progress(&bar).sum();
    let time_alone = start.elapsed().as_secs_f64();
    drop(bar);

    println!("  by spawned tasks {sum:>14} steps {time:>8.3} s");
    println!("  by a plain loop  {expected:>14} steps {time_alone:>8.3} s");
    if sum != expected {
        eprintln!("spawns: the sums differ");
        return ExitCode::FAILURE;
    }
    println!("The sums are the same.");
    ExitCode::SUCCESS
}

/// Spawns the tasks and adds up what they send; if one stays silent, the error is how many did report.
fn sum_of_reports(tasks: u64, bar: &Bar) -> Result<u64, u64> {
    let (sender, receiver) = mpsc::channel();
    for task in 0..tasks {
        let sender = sender.clone();
        spawn(move || {
            // The receiver is gone only if the program has given up waiting.
            let _ = sender.send(steps_of_task(task));
        });
    }
    let mut sum = 0;
    for reported in 0..tasks {
        sum += receiver.recv_timeout(PATIENCE).map_err(|_| reported)?;
        bar.add(1);
    }
    Ok(sum)
}

/// The steps of all the numbers of a task.
fn steps_of_task(task: u64) -> u64 {
    let first = task * PER_TASK + 1;
    (first..first + PER_TASK).map(steps_to_one).sum()
}

fn steps_to_one(mut number: u64) -> u64 {
    let mut steps = 0;
    while number != 1 {
        number = if number % 2 == 0 { number / 2 } else { 3 * number + 1 };
        steps += 1;
    }
    steps
}

fn number_of_tasks() -> Option<u64> {
    match env::args().nth(1) {
        None => Some(DEFAULT_TASKS),
        Some(argument) => argument.parse().ok().filter(|tasks| *tasks <= MAX_TASKS),
    }
}
