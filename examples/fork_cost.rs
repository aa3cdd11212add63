//! Counts nothing and times nothing itself: the same recursion by `join` and by two calls, for a tool that counts
//! instructions to look at. `ci/fork_cost.sh` runs it under callgrind and prints what a fork costs.
//!
//! ```text
//! cargo run --release --example fork_cost -- join|calls|idle [N]
//! ```

use std::process::ExitCode;

/// fib(n) by a fork at every call.
#[inline(never)]
fn forked(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = paceline::join(|| forked(n - 1), || forked(n - 2));
    a + b
}

/// fib(n) by two calls, made as `join` makes them when nobody steals.
#[inline(never)]
fn called(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = in_turn(|| called(n - 1), || called(n - 2));
    a + b
}

#[inline(always)]
fn in_turn<A, B>(a: impl FnOnce() -> A, b: impl FnOnce() -> B) -> (A, B) {
    // Through a black box, so that the second call is not turned into a loop: it is the calls that are compared.
    (std::hint::black_box(a()), b())
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    let n = arguments.next().map_or(Ok(25), |n| n.parse());
    let Ok(n) = n else {
        eprintln!("fork_cost: N must be a number");
        return ExitCode::from(2);
    };
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let answer = pool.install(|| match way.as_str() {
        "join" => Some(forked(n)),
        "calls" => Some(called(n)),
        "idle" => Some(0),
        _ => None,
    });
    match answer {
        Some(answer) => {
            println!("{way} {n} {answer}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("fork_cost: say join, calls or idle, not {way:?}");
            ExitCode::from(2)
        }
    }
}
