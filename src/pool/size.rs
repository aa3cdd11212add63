//! `max_num_threads`, and the number of threads of a pool.

use crate::pool::sleep::MAX_WORKERS;
use crate::sync::{environment, processors};
use std::num::NonZeroUsize;

/// The environment variables that are read, in this order, when a builder leaves the number open.
const VARIABLES: [&str; 2] = ["PACELINE_NUM_THREADS", "RAYON_NUM_THREADS"];

/// The environment variable that asks for [`Ceiling::Entitled`] in all builders, by the value 1.
const ENTITLED: &str = "PACELINE_ENTITLED";

/// The largest number of threads that one pool can have. A request for more is reduced to this.
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

/// The number of workers for a builder that asked for `asked`; 0 leaves the number open.
pub(crate) fn resolve(asked: usize, ceiling: Ceiling) -> usize {
    let open = || from_environment(environment::variable).unwrap_or_else(|| default_number(ceiling));
    NonZeroUsize::new(asked).unwrap_or_else(open).get().min(MAX_WORKERS)
}

/// The first of the variables that holds a positive number. Any other value (empty, 0, words) is skipped.
fn from_environment(read: impl Fn(&str) -> Option<String>) -> Option<NonZeroUsize> {
    VARIABLES.iter().find_map(|name| read(name)?.trim().parse().ok())
}

/// The number of threads that neither the builder nor the environment has set.
fn default_number(ceiling: Ceiling) -> NonZeroUsize {
    let available = processors::available();
    match ceiling.lowered_by(environment::variable) {
        Ceiling::Available => available,
        Ceiling::Entitled => processors::requested().map_or(available, |request| available.min(entitled(request))),
    }
}

impl Ceiling {
    /// The environment can ask for the lower ceiling; the builder's word for it stands.
    fn lowered_by(self, read: impl Fn(&str) -> Option<String>) -> Self {
        if read(ENTITLED).is_some_and(|value| value.trim() == "1") { Ceiling::Entitled } else { self }
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
    use super::{Ceiling, MAX_WORKERS, entitled, from_environment, resolve};

    fn with(ours: Option<&str>, rayons: Option<&str>) -> Option<usize> {
        let read = |name: &str| {
            let value = if name.starts_with("PACELINE") { ours } else { rayons };
            value.map(str::to_owned)
        };
        from_environment(read).map(|n| n.get())
    }

    #[test]
    fn our_variable_wins_over_rayons() {
        assert_eq!(with(Some("3"), Some("5")), Some(3));
        assert_eq!(with(None, Some("5")), Some(5));
        assert_eq!(with(None, None), None);
    }

    #[test]
    fn what_is_no_positive_number_is_passed_over() {
        for garbage in ["", "0", "-1", "many", "1e3", "99999999999999999999999"] {
            assert_eq!(with(Some(garbage), None), None, "{garbage:?}");
            assert_eq!(with(Some(garbage), Some("2")), Some(2), "{garbage:?}");
        }
    }

    #[test]
    fn an_absurd_request_is_reduced() {
        assert_eq!(resolve(usize::MAX, Ceiling::Available), MAX_WORKERS);
        assert_eq!(resolve(7, Ceiling::Available), 7);
        assert_eq!(resolve(7, Ceiling::Entitled), 7);
    }
    #[test]
    fn only_the_value_1_asks_for_the_entitled_number() {
        let lowered = |value: Option<&str>| {
            Ceiling::Available.lowered_by(|name| {
                assert_eq!(name, "PACELINE_ENTITLED");
                value.map(str::to_owned)
            })
        };
        for value in [None, Some(""), Some("0"), Some("yes"), Some("2")] {
            assert_eq!(lowered(value), Ceiling::Available, "{value:?}");
        }
        assert_eq!(lowered(Some("1")), Ceiling::Entitled);
        assert_eq!(lowered(Some(" 1\n")), Ceiling::Entitled);
        assert_eq!(
            Ceiling::Entitled.lowered_by(|_| Some("0".to_owned())),
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
