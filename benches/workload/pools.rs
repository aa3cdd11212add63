//! One pool of every library, with equally many working threads.

use std::num::NonZero;

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
}
