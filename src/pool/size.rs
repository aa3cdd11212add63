//! `max_num_threads`, and the number of threads of a pool.

use crate::pool::error::{ErrorKind, ThreadPoolBuildError};
use crate::pool::metrics::rule::NumThreadsRule;
use crate::pool::sleep::MAX_WORKERS;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::{environment, processors};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::num::NonZeroUsize;

/// The environment variables that are read, in this order, when a builder leaves the number open.
const VARIABLES: [(&str, NumThreadsRule); 2] = [
    ("PACELINE_NUM_THREADS", NumThreadsRule::PacelineNumThreads),
    ("RAYON_NUM_THREADS", NumThreadsRule::RayonNumThreads),
];

/// The environment variable that asks for [`Ceiling::Entitled`] in all builders, by the value 1.
const ENTITLED: &str = "PACELINE_ENTITLED";

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

/// The most threads that a pool has by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceiling {
    /// One for each processor that the process may use.
    Available,
    /// As well, at most two threads for each processor that the process is entitled to.
    Entitled,
}

/// The number of workers for a builder that asked for `asked`, and the rule that gave it; 0 leaves the number open.
pub(crate) fn resolve(asked: usize, ceiling: Ceiling) -> Result<(usize, NumThreadsRule), ThreadPoolBuildError> {
    if asked > LARGEST_REQUEST {
        return Err(ThreadPoolBuildError::new(ErrorKind::TooManyThreads { asked, most: LARGEST_REQUEST }));
    }
    let asked = NonZeroUsize::new(asked).map(|asked| (asked, NumThreadsRule::Builder));
    let (number, rule) = asked.unwrap_or_else(|| by_default(ceiling));
    Ok((number.get().min(MAX_WORKERS), rule))
}

/// The number of a builder that leaves it open. Says on stderr, once in a process, which variables were of no use.
fn by_default(ceiling: Ceiling) -> (NonZeroUsize, NumThreadsRule) {
    /// How often there was a reason to say it.
    static TIMES_SAID: StaticAtomicUsize = StaticAtomicUsize::new(0);

    let setting = Setting::read(environment::variable);
    let set = setting.number.map(|(_, rule, number)| (number, rule));
    let (number, rule) = set.unwrap_or_else(|| default_number(ceiling));
    // Relaxed suffices: of all threads that find an unusable variable, one changes the count from 0.
    if !setting.unusable.is_empty() && TIMES_SAID.fetch_add(1, Ordering::Relaxed) == 0 {
        for (variable, value) in &setting.unusable {
            // It does not use `eprintln!`, which panics where nothing can be written.
            let _ = writeln!(io::stderr(), "paceline: {}", setting.complaint(variable, value, number));
        }
    }
    (number, rule)
}

/// What the environment says of the number of threads.
#[derive(Debug)]
struct Setting {
    /// The first variable that holds a number of threads.
    number: Option<(&'static str, NumThreadsRule, NonZeroUsize)>,
    /// The variables before it that are set to anything else than 0, with their values.
    unusable: Vec<(&'static str, OsString)>,
}

impl Setting {
    /// Reads the variables up to the first with a number. One that is empty or 0 counts as not set.
    fn read(read: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut unusable = Vec::new();
        let number = VARIABLES.iter().find_map(|&(variable, rule)| {
            let value = read(variable)?;
            match value.to_str().map(str::trim) {
                Some("") => None,
                text => match text.and_then(|text| text.parse().ok()) {
                    Some(number @ 0..=LARGEST_REQUEST) => Some((variable, rule, NonZeroUsize::new(number)?)),
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
        let source = self.number.map_or("the number of processors", |(variable, ..)| variable);
        format!(
            "{variable} is {value:?}, which is not a number of threads from 1 to {LARGEST_REQUEST}, and is ignored; \
             the number is {number}, from {source}"
        )
    }
}

/// The number of threads that neither the builder nor the environment has set.
fn default_number(ceiling: Ceiling) -> (NonZeroUsize, NumThreadsRule) {
    let available = processors::available();
    let entitled_to = match ceiling.lowered_by(environment::variable) {
        Ceiling::Available => None,
        Ceiling::Entitled => processors::requested().map(entitled),
    };
    match entitled_to {
        Some(fewer) if fewer < available => (fewer, NumThreadsRule::Entitled),
        _ => (available, NumThreadsRule::of(processors::limit(available.get()))),
    }
}

impl Ceiling {
    /// The environment can ask for the lower ceiling; the builder's word for it stands.
    fn lowered_by(self, read: impl Fn(&str) -> Option<OsString>) -> Self {
        if read(ENTITLED).is_some_and(|value| value.to_str().is_some_and(|text| text.trim() == "1")) {
            Ceiling::Entitled
        } else {
            self
        }
    }
}

/// The most threads for a request of so many processors: twice as many, rounded up, and at least two. Twice, because a
/// neighbour seldom takes all that it is entitled to.
fn entitled(request: f64) -> NonZeroUsize {
    const LEAST: NonZeroUsize = NonZeroUsize::new(2).unwrap();
    NonZeroUsize::new((2.0 * request).ceil() as usize).map_or(LEAST, |twice| twice.max(LEAST))
}

/// The number of physical cores, at most the number of processors that this process may use.
pub(crate) fn physical_cores() -> usize {
    processors::physical_cores().min(processors::available().get()).max(1)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Ceiling, LARGEST_REQUEST, MAX_WORKERS, NumThreadsRule, Setting, entitled, resolve};
    use std::ffi::OsString;

    fn setting(ours: Option<&str>, rayons: Option<&str>) -> Setting {
        Setting::read(|name| {
            let value = if name.starts_with("PACELINE") { ours } else { rayons };
            value.map(OsString::from)
        })
    }

    fn with(ours: Option<&str>, rayons: Option<&str>) -> Option<usize> {
        setting(ours, rayons).number.map(|(.., number)| number.get())
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
        assert_eq!(variables, super::VARIABLES.map(|(variable, _)| variable));
    }

    #[test]
    fn an_absurd_request_is_refused() {
        assert_eq!(resolve(7, Ceiling::Entitled).unwrap(), (7, NumThreadsRule::Builder));
        assert_eq!(resolve(LARGEST_REQUEST, Ceiling::Available).unwrap(), (MAX_WORKERS, NumThreadsRule::Builder));
        let error = resolve(1_000_000, Ceiling::Available).unwrap_err().to_string();
        assert_eq!(error, "num_threads: 1000000 threads were asked for, but no pool has more than 65535");
        assert!(resolve(usize::MAX, Ceiling::Available).is_err());
    }

    #[test]
    fn only_the_value_1_asks_for_the_entitled_number() {
        let lowered = |value: Option<&str>| {
            Ceiling::Available.lowered_by(|name| {
                assert_eq!(name, "PACELINE_ENTITLED");
                value.map(OsString::from)
            })
        };
        for value in [None, Some(""), Some("0"), Some("yes"), Some("2")] {
            assert_eq!(lowered(value), Ceiling::Available, "{value:?}");
        }
        assert_eq!(lowered(Some("1")), Ceiling::Entitled);
        assert_eq!(lowered(Some(" 1\n")), Ceiling::Entitled);
        assert_eq!(
            Ceiling::Entitled.lowered_by(|_| Some(OsString::from("0"))),
            Ceiling::Entitled,
            "the builder comes first"
        );
    }

    #[test]
    fn a_request_entitles_to_twice_as_many_threads_and_at_least_two() {
        for (request, threads) in [(0.0, 2), (0.1, 2), (1.0, 2), (1.2, 3), (1.5, 3), (2.0, 4), (3.25, 7), (256.0, 512)]
        {
            assert_eq!(entitled(request).get(), threads, "{request}");
        }
    }
}
