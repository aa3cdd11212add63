//! `max_num_threads`, and the number of threads of a pool.

use crate::pool::sleep::MAX_WORKERS;
use crate::sync::{environment, thread};
use std::num::NonZeroUsize;

/// The environment variables that are read, in this order, when a builder leaves the number open.
const VARIABLES: [&str; 2] = ["PACELINE_NUM_THREADS", "RAYON_NUM_THREADS"];

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

/// The number of workers for a builder that asked for `asked`; 0 leaves the number open.
pub(crate) fn resolve(asked: usize) -> usize {
    let open = || from_environment(environment::variable).unwrap_or_else(available);
    NonZeroUsize::new(asked).unwrap_or_else(open).get().min(MAX_WORKERS)
}

/// The first of the variables that holds a positive number. Any other value (empty, 0, words) is skipped.
fn from_environment(read: impl Fn(&str) -> Option<String>) -> Option<NonZeroUsize> {
    VARIABLES.iter().find_map(|name| read(name)?.trim().parse().ok())
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
    use super::{MAX_WORKERS, from_environment, resolve};

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
        assert_eq!(resolve(usize::MAX), MAX_WORKERS);
        assert_eq!(resolve(7), 7);
    }
}
