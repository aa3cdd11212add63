//! Many random cases, each with a seed of its own by which it can be had again.
//!
//! The environment says which: `PACELINE_SEED` is the seed of the first case; alone it means that case and no other.
//! `PACELINE_SECONDS` is for how long to go on from there, or from a seed that the clock gives. Without either a fixed
//! number of cases runs, the same in every run. With `PACELINE_TRACE` the seed of each case is printed before it runs,
//! for those that end the process.

use crate::dice::scramble;
use crate::in_time::in_time;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};

/// The cases of a test.
struct Cases {
    first: u64,
    end: End,
}

enum End {
    After(u64),
    At(Instant),
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    Some(parsed.unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn cases(usually: u64) -> Cases {
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    match (number("PACELINE_SEED"), number("PACELINE_SECONDS")) {
        (None, None) => Cases { first: 0, end: End::After(usually) },
        (Some(first), None) => Cases { first, end: End::After(1) },
        (seed, Some(seconds)) => {
            let first = seed.unwrap_or_else(|| scramble(clock()) >> 16);
            Cases { first, end: End::At(Instant::now() + Duration::from_secs(seconds)) }
        }
    }
}

/// Runs case after case: `usually` of them, unless the environment says otherwise.
///
/// `describe` says as text what the case of a seed is; `check` runs it, and says what is wrong. A case that does not end
/// is a failure, too.
pub(crate) fn run_cases(
    test: &str,
    usually: u64,
    describe: impl Fn(u64) -> String,
    check: impl Fn(u64) -> Result<(), String> + Clone + Send + 'static,
) {
    let Cases { first, end } = cases(usually);
    let mut seed = first;
    loop {
        match end {
            End::After(count) if seed - first >= count => break,
            End::At(time) if Instant::now() >= time => break,
            _ => {}
        }
        let text = format!("{}\nagain: PACELINE_SEED={seed} cargo test {test}\n", describe(seed));
        if std::env::var_os("PACELINE_TRACE").is_some() {
            eprintln!("{test}: PACELINE_SEED={seed}\n{text}");
        }
        let one = check.clone();
        let verdict = in_time(&text, move || {
            let unexpected = |payload: Box<dyn std::any::Any + Send>| {
                let message = payload.downcast_ref::<String>().cloned();
                let message = message.or_else(|| payload.downcast_ref::<&str>().map(|text| String::from(*text)));
                Err(format!("an unexpected panic: {}", message.unwrap_or_default()))
            };
            catch_unwind(AssertUnwindSafe(|| one(seed))).unwrap_or_else(unexpected)
        });
        if let Err(error) = verdict {
            panic!("{text}{error}");
        }
        seed += 1;
    }
    eprintln!("{test}: {} cases from the seed {first}", seed - first);
}
