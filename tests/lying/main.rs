//! Implementations of safe traits that do not keep what the traits promise: the answer may be wrong, or a panic, but every
//! item is dropped exactly once, and no memory is touched that is not theirs.
//!
//! `src/iter/plumbing/README.md` lists the places that these are for. `ci/asan.sh` runs them under AddressSanitizer.

mod consumers;
mod iterators;
mod orders;

use paceline::ThreadPoolBuilder;
use std::collections::HashSet;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Runs `check` in pools of one, two and seven threads.
fn in_pools(check: impl Fn() + Sync) {
    for threads in [1, 2, 7] {
        ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(&check);
    }
}

/// The message of a panic.
fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    let message = payload.downcast_ref::<String>().map(String::as_str);
    message.or(payload.downcast_ref::<&str>().copied()).unwrap_or_default()
}

/// Runs `f`, whose panics are right; none if it has one.
fn let_it_panic<R>(f: impl FnOnce() -> R) -> Option<R> {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let expected = ["parallel iterator", "capacity overflow", "split"];
            if !expected.iter().any(|expected| message(info.payload()).contains(expected)) {
                hook(info);
            }
        }));
    });
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// Hands out tokens, and knows how often each was dropped.
#[derive(Clone, Debug, Default)]
struct Tally(Arc<Mutex<Vec<usize>>>);

/// An item with memory of its own, whose drops are counted.
#[derive(Debug)]
struct Token(Tally, Box<usize>);

impl Tally {
    fn token(&self) -> Token {
        let mut drops = self.0.lock().unwrap();
        drops.push(0);
        Token(self.clone(), Box::new(drops.len() - 1))
    }

    /// Checks that each token was dropped exactly once, and returns how many there were.
    #[track_caller]
    fn assert_settled(&self) -> usize {
        let drops = self.0.lock().unwrap();
        assert_eq!(*drops, vec![1; drops.len()], "drops of each token");
        drops.len()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.0.lock().unwrap()[*self.1] += 1;
    }
}

/// The end of a test that hangs, far beyond any real wait.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How many items a loop has that is split while it runs.
const LEN: usize = 2048;

/// How long an item waits at most for another thread to take a share.
const PATIENCE: Duration = Duration::from_millis(1);

/// Watches the left half of a loop over [`LEN`] items, which one worker begins.
#[derive(Default)]
struct Watcher {
    /// Who has run items of the left half.
    runners: Mutex<HashSet<ThreadId>>,
    shared: Condvar,
}

impl Watcher {
    /// To be called for each item. Those of the left half are slow until a second thread has run one of them, and the others
    /// take no time, so that their worker soon has nothing to do.
    fn visit(&self, number: usize) {
        if number >= LEN / 2 {
            return;
        }
        let mut runners = self.runners.lock().unwrap();
        if runners.insert(thread::current().id()) && runners.len() > 1 {
            self.shared.notify_all();
        }
        drop(self.shared.wait_timeout_while(runners, PATIENCE, |runners| runners.len() < 2).unwrap());
    }
}

/// Keeps the other worker of a pool of two busy until it is freed.
#[derive(Default)]
struct Busy {
    has_begun: Event,
    is_freed: Event,
}

impl Busy {
    /// Runs `f` beside a worker that is busy, and frees it at the end.
    fn beside<R>(&self, f: impl FnOnce() -> R) -> R {
        paceline::in_place_scope(|scope| {
            scope.spawn(|_| {
                self.has_begun.happen();
                self.is_freed.wait();
            });
            self.has_begun.wait();
            let result = f();
            self.is_freed.happen();
            result
        })
    }
}

/// Something that happens once.
#[derive(Default)]
struct Event(Mutex<bool>, Condvar);

impl Event {
    fn happen(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let happened = self.0.lock().unwrap();
        let (happened, _) = self.1.wait_timeout_while(happened, WATCHDOG, |happened| !*happened).unwrap();
        assert!(*happened, "it never happened");
    }
}

/// Runs `a_loop` until two threads have worked on its left half. Each attempt is long for another worker, but a busy
/// machine may not have let it run.
#[track_caller]
fn assert_that_it_is_split(a_loop: impl Fn(&Watcher) + Sync) {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let watcher = Watcher::default();
        pool.install(|| a_loop(&watcher));
        if watcher.runners.into_inner().unwrap().len() > 1 {
            return;
        }
    }
    panic!("no worker ever took a share of a loop that ran");
}
