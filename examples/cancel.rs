//! A search that ends when it has found something good enough, or when the user has seen enough.
//!
//! It looks for a number whose Collatz sequence (halve what is even, triple and add one to what is odd, until it is 1)
//! has at least `goal` steps. Whoever finds one cancels the token; so does the Enter key. Then it says how many numbers
//! were tried, and looks at those again, one after the other, to see that it missed nothing.
//!
//! ```text
//! cargo run --release --example cancel -- 300 10000000
//! ```

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{CancelToken, WorkerLocal};
use std::process::ExitCode;
use std::{env, io, thread};

/// How many steps it is from `n` to 1.
fn steps(n: u64) -> u32 {
    let mut at = n;
    let mut steps = 0;
    while at > 1 {
        at = if at % 2 == 0 { at / 2 } else { 3 * at + 1 };
        steps += 1;
    }
    steps
}

/// Cancels the token when the user types a line.
fn cancel_by_key(token: &CancelToken) {
    let token = token.clone();
    thread::spawn(move || {
        let mut line = String::new();
        // The end of the input is no wish to stop.
        if io::stdin().read_line(&mut line).is_ok_and(|length| length > 0) {
            token.cancel();
        }
    });
}

/// What one worker has seen.
#[derive(Default)]
struct Seen {
    tried: Vec<u64>,
    /// The most steps, and from which number.
    best: (u32, u64),
}

/// Tries the numbers below `end`, until one has at least `goal` steps or somebody cancels.
fn search(goal: u32, end: u64, token: &CancelToken) -> Vec<Seen> {
    let seen = WorkerLocal::<Seen>::default();
    (1..end).into_par_iter().with_cancel(token).for_each(|n| {
        let steps = steps(n);
        seen.with_mut(|seen| {
            seen.tried.push(n);
            seen.best = seen.best.max((steps, n));
        });
        if steps >= goal {
            token.cancel();
        }
    });
    seen.into_iter().collect()
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (Ok(goal), Ok(end)) = (number(300), number(10_000_000)) else {
        eprintln!("usage: cancel [GOAL [END]]");
        return ExitCode::FAILURE;
    };
    let goal = u32::try_from(goal).unwrap_or(u32::MAX);
    let token = CancelToken::new();
    cancel_by_key(&token);
    let seen = search(goal, end, &token);

    let tried: usize = seen.iter().map(|seen| seen.tried.len()).sum();
    let best = seen.iter().map(|seen| seen.best).max().unwrap_or_default();
    println!("{tried} of {} numbers were tried, by {} workers", end.saturating_sub(1), seen.len());
    println!("the longest way was from {}: {} steps", best.1, best.0);
    println!("{}", if token.is_cancelled() { "the search was stopped" } else { "no number was left" });

    let again = seen.iter().flat_map(|seen| &seen.tried).map(|&n| (steps(n), n)).max().unwrap_or_default();
    let is_complete = tried as u64 == end.saturating_sub(1) && best.0 < goal;
    if again == best && (token.is_cancelled() || is_complete) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
