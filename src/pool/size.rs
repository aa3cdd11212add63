//! `max_num_threads`, and the number of threads of a pool.

use crate::pool::error::{ErrorKind, ThreadPoolBuildError};
use crate::pool::sleep::MAX_WORKERS;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::{environment, thread};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::num::NonZeroUsize;

/// The environment variables that are read, in this order, when a builder leaves the number open.
const VARIABLES: [&str; 2] = ["PACELINE_NUM_THREADS", "RAYON_NUM_THREADS"];

/// The largest number that can be meant: what a pool can have on 64 bits. A larger one is refused everywhere, because the
/// system would refuse it only after it has started thousands of threads.
const LARGEST_REQUEST: usize = 0xFFFF;

/// The largest number of threads that one pool can have. A request for more is reduced to this, or refused if it is for more
/// than 65,535.
///
/// # Examples
///
/// ```
/// assert!(paceline::max_num_threads() >= 255);
/// ```
pub fn max_num_threads() -> usize {
    MAX_WORKERS
}

/// The number of workers for a builder that asked for `asked`; 0 leaves the number open.
pub(crate) fn resolve(asked: usize) -> Result<usize, ThreadPoolBuildError> {
    if asked > LARGEST_REQUEST {
        return Err(ThreadPoolBuildError::new(ErrorKind::TooManyThreads { asked, most: LARGEST_REQUEST }));
    }
    Ok(NonZeroUsize::new(asked).unwrap_or_else(by_default).get().min(MAX_WORKERS))
}

/// The number of a builder that leaves it open. Says on stderr, once in a process, which variables were of no use.
fn by_default() -> NonZeroUsize {
    /// How often there was a reason to say it.
    static TIMES_SAID: StaticAtomicUsize = StaticAtomicUsize::new(0);

    let setting = Setting::read(environment::variable);
    let number = setting.number.map_or_else(available, |(_, number)| number);
    // Relaxed suffices: of all threads that find an unusable variable, one changes the count from 0.
    if !setting.unusable.is_empty() && TIMES_SAID.fetch_add(1, Ordering::Relaxed) == 0 {
        for (variable, value) in &setting.unusable {
            // It does not use `eprintln!`, which panics where nothing can be written.
            let _ = writeln!(io::stderr(), "paceline: {}", setting.complaint(variable, value, number));
        }
    }
    number
}

/// What the environment says of the number of threads.
#[derive(Debug)]
struct Setting {
    /// The first variable that holds a number of threads.
    number: Option<(&'static str, NonZeroUsize)>,
    /// The variables before it that are set to anything else than 0, with their values.
    unusable: Vec<(&'static str, OsString)>,
}

impl Setting {
    /// Reads the variables up to the first with a number. One that is empty or 0 counts as not set.
    fn read(read: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut unusable = Vec::new();
        let number = VARIABLES.iter().find_map(|&variable| {
            let value = read(variable)?;
            match value.to_str().map(str::trim) {
                Some("") => None,
                text => match text.and_then(|text| text.parse().ok()) {
                    Some(number @ 0..=LARGEST_REQUEST) => Some((variable, NonZeroUsize::new(number)?)),
                    _ => {
                        unusable.push((variable, value));
                        None
                    }
                },
            }
        });
        Setting { number, unusable }
    }

    /// Says that a variable is ignored, and what is used.
    fn complaint(&self, variable: &str, value: &OsStr, number: NonZeroUsize) -> String {
        let source = self.number.map_or("the number of processors", |(variable, _)| variable);
        format!(
            "{variable} is {value:?}, which is not a number of threads from 1 to {LARGEST_REQUEST}, and is ignored; \
             the number is {number}, from {source}"
        )
    }
}

/// The number of processors that this process may use: limited by the affinity mask and the cgroup quota (v1 and v2,
/// rounded down) where they exist; 1 if the system does not tell.
fn available() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The number of physical cores, at most the number of processors that this process may use.
pub(crate) fn physical_cores() -> usize {
    environment::physical_cores().min(available().get()).max(1)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{LARGEST_REQUEST, MAX_WORKERS, Setting, resolve};
    use std::ffi::OsString;

    fn setting(ours: Option<&str>, rayons: Option<&str>) -> Setting {
        Setting::read(|name| {
            let value = if name.starts_with("PACELINE") { ours } else { rayons };
            value.map(OsString::from)
        })
    }

    fn with(ours: Option<&str>, rayons: Option<&str>) -> Option<usize> {
        setting(ours, rayons).number.map(|(_, number)| number.get())
    }

    #[test]
    fn our_variable_wins_over_rayons() {
        assert_eq!(with(Some("3"), Some("5")), Some(3));
        assert_eq!(with(None, Some("5")), Some(5));
        assert_eq!(with(None, None), None);
    }

    #[test]
    fn what_is_no_positive_number_is_passed_over() {
        for garbage in ["", " ", "0", "-1", "many", "1e3", "65536", "99999999999999999999999"] {
            assert_eq!(with(Some(garbage), None), None, "{garbage:?}");
            assert_eq!(with(Some(garbage), Some("2")), Some(2), "{garbage:?}");
        }
    }

    #[test]
    fn what_was_meant_as_a_number_is_complained_of() {
        assert!(["", " ", "0", "7"].iter().all(|value| setting(Some(value), None).unusable.is_empty()));
        let setting = setting(Some("many"), Some("65536"));
        let variables: Vec<_> = setting.unusable.iter().map(|(variable, _)| *variable).collect();
        assert_eq!(variables, super::VARIABLES);
    }

    #[test]
    fn an_absurd_request_is_refused() {
        assert_eq!(resolve(7).unwrap(), 7);
        assert_eq!(resolve(LARGEST_REQUEST).unwrap(), MAX_WORKERS);
        let error = resolve(1_000_000).unwrap_err().to_string();
        assert_eq!(error, "num_threads: 1000000 threads were asked for, but no pool has more than 65535");
        assert!(resolve(usize::MAX).is_err());
    }
}
