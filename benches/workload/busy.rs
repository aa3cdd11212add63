//! Work on a worker whose neighbours are all busy: nobody is there to share it with.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::grind::grind;
use crate::harness::Stopwatch;

/// Those who keep the other workers busy. Relaxed throughout: they count and signal, and hand nothing over.
#[derive(Default)]
struct Crowd {
    here: AtomicUsize,
    over: AtomicBool,
}

/// Dismisses the crowd when it is dropped, by a panic too.
struct Dismissal(Arc<Crowd>);

impl Drop for Dismissal {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

impl Crowd {
    /// Keeps the calling worker busy until the crowd is dismissed.
    fn stay(&self) {
        self.here.fetch_add(1, Ordering::Relaxed);
        while !self.over.load(Ordering::Relaxed) {
            black_box(grind(black_box(1), 100));
        }
    }

    /// Has `size` others stay, each started by `start`, and returns once they do.
    fn gather(size: usize, start: impl Fn(Box<dyn FnOnce() + Send>)) -> Dismissal {
        let crowd = Arc::new(Self::default());
        let dismissal = Dismissal(Arc::clone(&crowd));
        for _ in 0..size {
            let crowd = Arc::clone(&crowd);
            start(Box::new(move || crowd.stay()));
        }
        while crowd.here.load(Ordering::Relaxed) < size {
            thread::yield_now();
        }
        dismissal
    }
}

/// Works while as many threads as a pool of `workers` has beside the first are busy; the watch starts once they are.
pub(crate) fn plain(workers: usize, watch: &mut Stopwatch, work: impl FnOnce() -> u64) -> u64 {
    let _crowd = Crowd::gather(workers - 1, |stay| drop(thread::spawn(stay)));
    watch.restart();
    work()
}

/// Works within the pool of a library that has rayon's `spawn`, while all other workers are busy; the watch starts once
/// they are.
macro_rules! crowded {
    ($library:ident) => {
        pub(crate) fn $library(
            pool: &::$library::ThreadPool,
            watch: &mut Stopwatch,
            work: impl FnOnce() -> u64 + Send,
        ) -> u64 {
            pool.install(|| {
                let _crowd = Crowd::gather(::$library::current_num_threads() - 1, |stay| ::$library::spawn(stay));
                watch.restart();
                work()
            })
        }
    };
}

crowded!(paceline);
crowded!(rayon);
