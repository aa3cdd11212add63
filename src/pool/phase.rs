//! Phases: times in which a pool's threads stay awake between regions of work.

use crate::pool::global;
use crate::pool::registry::Registry;
use crate::pool::thread_pool::ThreadPool;
use std::sync::Arc;

/// A time in which a pool's threads stay awake between parallel calls. It ends when this is dropped.
///
/// Made by [`ThreadPool::phase`] and [`phase`](crate::phase()).
///
/// # Examples
///
/// ```
/// struct Game {
///     /// Lives as long as the game is not paused.
///     phase: Option<paceline::Phase>,
/// }
///
/// let mut game = Game { phase: Some(paceline::phase()) };
/// assert!(game.phase.is_some());
/// game.phase = None;
/// ```
#[must_use = "the phase ends when this is dropped"]
#[derive(Debug)]
pub struct Phase {
    registry: Arc<Registry>,
}

impl Phase {
    fn new(registry: Arc<Registry>) -> Self {
        registry.check_process();
        registry.sleep().begin_phase();
        Phase { registry }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.registry.sleep().end_phase();
    }
}

/// Begins a phase of the pool that the calling thread works in, or else of the global one: until the result is dropped
/// its threads stay awake between parallel calls that follow each other within a millisecond.
///
/// A thread of a pool that has no work looks for some for a moment, then sleeps. To wake it takes microseconds, or tens
/// of them on a virtual machine. A parallel call that is not much longer ends before all threads have come. In a phase a
/// thread looks for work for a millisecond, on a processor that it has for itself meanwhile, and then sleeps. So the
/// gaps between calls cost processor time, and the threads are there when the next call begins. It is for programs that do
/// many short parallel calls with little in between: the ticks of a game, the layers of a model, the steps of a solver.
///
/// All threads but one stay awake: that one is for the thread that makes the calls. A phase wakes them when it begins.
/// Phases may overlap.
///
/// Without a phase, a pool does the same by itself on a smaller scale: a thread that has found work after a short gap
/// looks for more through the next gap, for up to 0.3 milliseconds, if the work was worth it and a third of the processors
/// is left to others.
///
/// # Panics
///
/// In a forked child of the process that made the pool: the threads are not there.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
///
/// let mut bodies = vec![1.0_f64; 1000];
/// let phase = paceline::phase();
/// for _tick in 0..100 {
///     bodies.par_iter_mut().for_each(|body| *body = body.sqrt() + 1.0);
///     let heaviest = bodies.iter().copied().fold(0.0, f64::max);
///     assert!(heaviest < 3.0);
/// }
/// drop(phase);
/// ```
pub fn phase() -> Phase {
    global::with_current_registry(|registry| Phase::new(registry.keep()))
}

impl ThreadPool {
    /// Begins a phase of this pool: until the result is dropped its threads stay awake between parallel calls that follow
    /// each other within a millisecond. As [`phase`](crate::phase()), on any thread.
    ///
    /// # Panics
    ///
    /// In a forked child of the process that made the pool: the threads are not there.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// let _phase = pool.phase();
    /// for layer in 1..=8_u64 {
    ///     let sum = pool.install(|| (0..1000_u64).into_par_iter().map(|x| x * layer).sum::<u64>());
    ///     assert_eq!(sum, 499_500 * layer);
    /// }
    /// ```
    pub fn phase(&self) -> Phase {
        Phase::new(Arc::clone(self.registry()))
    }
}
