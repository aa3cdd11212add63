//! One pool of every library, with equally many working threads.

use std::num::NonZero;

use crate::harness::{Contest, Rival, repeat};

/// One pool of every library, with equally many working threads.
pub(crate) struct Pools {
    pub(crate) workers: usize,
    pub(crate) paceline: paceline::ThreadPool,
    pub(crate) rayon: rayon::ThreadPool,
    /// Chili counts the thread that opens the scope as one of the pool, so `workers` threads work here as well.
    pub(crate) chili: chili::ThreadPool,
}

impl Pools {
    /// Pools of `workers` threads.
    pub(crate) fn new(workers: usize) -> Self {
        let config = chili::Config { thread_count: NonZero::new(workers), ..chili::Config::default() };
        Self {
            workers,
            paceline: paceline::ThreadPoolBuilder::new()
                .num_threads(workers)
                .build()
                .expect("the system grants the threads"),
            rayon: rayon::ThreadPoolBuilder::new().num_threads(workers).build().expect("the system grants the threads"),
            chili: chili::ThreadPool::with_config(config),
        }
    }

    /// Pools of each of these sizes.
    pub(crate) fn each(workers: &[usize]) -> Vec<Self> {
        workers.iter().copied().map(Self::new).collect()
    }

    /// Enters the plain code, and each library's in its pool of each size, each calling again and again within one
    /// `install`.
    pub(crate) fn enter_each<'a>(
        pools: &'a [Self],
        contest: &mut Contest<'a>,
        plain: impl Fn() -> u64 + 'a,
        paceline: impl Fn() -> u64 + Sync + Copy + 'a,
        rayon: impl Fn() -> u64 + Sync + Copy + 'a,
        chili: impl Fn(&mut chili::Scope<'_>) -> u64 + Copy + 'a,
    ) {
        contest.enter(Rival::Plain, 1, move |times| repeat(times, &plain));
        for pool in pools {
            contest
                .enter(Rival::Paceline, pool.workers, move |times| pool.paceline.install(|| repeat(times, paceline)));
            contest.enter(Rival::Rayon, pool.workers, move |times| pool.rayon.install(|| repeat(times, rayon)));
            contest.enter(Rival::Chili, pool.workers, move |times| {
                let mut scope = pool.chili.scope();
                repeat(times, || chili(&mut scope))
            });
        }
    }
}
