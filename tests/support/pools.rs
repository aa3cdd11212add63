//! The pools on which the tests run: fewer and more threads than the machine has cores.

use paceline::{ThreadPool, ThreadPoolBuilder};

/// The sizes that [`at_each_size`] goes through.
#[cfg(not(miri))]
pub(crate) const SIZES: [usize; 4] = [1, 2, 3, 8];

/// Small ones, because Miri interprets one thread at a time.
#[cfg(miri)]
pub(crate) const SIZES: [usize; 2] = [1, 2];

pub(crate) fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// Runs `check` on a fresh pool of every size.
pub(crate) fn at_each_size(check: impl Fn(&ThreadPool, usize)) {
    for threads in SIZES {
        check(&pool_of(threads), threads);
    }
}
