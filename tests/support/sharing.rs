//! Whether a loop that runs is split when another worker becomes idle.

use paceline::ThreadPoolBuilder;
use std::collections::HashSet;
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// The end of a test that hangs, far beyond any real wait.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How many items the loops have.
pub(crate) const LEN: usize = 2048;

/// How long an item waits at most for another thread to take a share.
const PATIENCE: Duration = Duration::from_millis(1);

/// Watches the left half of a loop over [`LEN`] items, which one worker begins.
#[derive(Default)]
pub(crate) struct Watcher {
    /// The threads that have run items of the left half.
    runners: Mutex<HashSet<ThreadId>>,
    shared: Condvar,
}

impl Watcher {
    /// To be called for each item. Those of the left half are slow until a second thread has run one of them; the right
    /// half takes no time, so that its worker soon has nothing to do.
    pub(crate) fn visit(&self, number: usize) {
        if number >= LEN / 2 {
            return;
        }
        let mut runners = self.runners.lock().unwrap();
        if runners.insert(thread::current().id()) && runners.len() > 1 {
            self.shared.notify_all();
        }
        drop(self.shared.wait_timeout_while(runners, PATIENCE, |runners| runners.len() < 2).unwrap());
    }

    fn is_shared(&self) -> bool {
        self.runners.lock().unwrap().len() > 1
    }
}

/// Runs `a_loop` until it has been split on demand: until two threads have worked on its left half. Each attempt is long
/// for another worker, but a busy machine may not have let it run.
#[track_caller]
pub(crate) fn assert_that_it_is_split(a_loop: impl Fn(&Watcher) + Sync) {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let watcher = Watcher::default();
        pool.install(|| a_loop(&watcher));
        if watcher.is_shared() {
            return;
        }
    }
    panic!("no worker ever took a share of a loop that ran");
}
