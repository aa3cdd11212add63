//! Where the contenders are called from.

use super::pools::Pools;
use crate::harness::{Contest, Rival, default_workers, repeat};

/// Where the contenders are called from.
#[derive(Clone, Copy)]
pub(crate) enum Site<'a> {
    /// The main thread, with the global pools that the libraries make by themselves.
    Main,
    /// Within pools of a chosen size, by one `install` for all calls of a sample.
    Within(&'a Pools),
}

impl<'a> Site<'a> {
    /// The main thread, or each of the pools if there are some.
    pub(crate) fn each(pools: &'a [Pools]) -> Vec<Self> {
        if pools.is_empty() { vec![Self::Main] } else { pools.iter().map(Site::Within).collect() }
    }

    pub(crate) fn workers(self) -> usize {
        match self {
            Self::Main => default_workers(),
            Self::Within(pools) => pools.workers,
        }
    }

    /// Enters the three into the contest, each calling again and again.
    pub(crate) fn enter(
        self,
        contest: &mut Contest<'a>,
        plain: impl Fn() -> u64 + 'a,
        paceline: impl Fn() -> u64 + Sync + 'a,
        rayon: impl Fn() -> u64 + Sync + 'a,
    ) {
        let workers = self.workers();
        contest.enter(Rival::Plain, 1, move |times| repeat(times, &plain));
        contest.enter(Rival::Paceline, workers, move |times| match self {
            Self::Main => repeat(times, &paceline),
            Self::Within(pools) => pools.paceline.install(|| repeat(times, &paceline)),
        });
        contest.enter(Rival::Rayon, workers, move |times| match self {
            Self::Main => repeat(times, &rayon),
            Self::Within(pools) => pools.rayon.install(|| repeat(times, &rayon)),
        });
    }
}

/// `on the main thread` or `within N workers`, for titles.
impl std::fmt::Display for Site<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Main => f.write_str("from the main thread"),
            Self::Within(pools) => write!(f, "within {} workers", pools.workers),
        }
    }
}
