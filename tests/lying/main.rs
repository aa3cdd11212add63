//! Implementations of safe traits that do not keep what the traits promise: the answer may be wrong, or a panic, but every
//! item is dropped exactly once, and no memory is touched that is not theirs.
//!
//! `src/iter/plumbing/README.md` lists the places that these are for. `ci/asan.sh` runs them under AddressSanitizer.

mod consumers;
mod iterators;
mod orders;
#[path = "../support/sharing.rs"]
mod sharing;

use paceline::ThreadPoolBuilder;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::time::Duration;

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
