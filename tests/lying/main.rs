//! Implementations of safe traits that do not keep what the traits promise: the answer may be wrong, or a panic, but every
//! item is dropped exactly once, and no memory is touched that is not theirs.
//!
//! `src/iter/plumbing/README.md` lists the places that these are for. `ci/asan.sh` runs them under AddressSanitizer.

mod consumers;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
mod iterators;
mod orders;
#[path = "../support/sharing.rs"]
mod sharing;
#[path = "../support/tally.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod tally;

use crate::gate::Gate;
use paceline::ThreadPoolBuilder;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

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

/// Keeps the other worker of a pool of two busy until it is freed.
#[derive(Default)]
struct Busy {
    has_begun: Gate,
    is_freed: Gate,
}

impl Busy {
    /// Runs `f` beside a worker that is busy, and frees it at the end.
    fn beside<R>(&self, f: impl FnOnce() -> R) -> R {
        paceline::in_place_scope(|scope| {
            scope.spawn(|_| {
                self.has_begun.open();
                self.is_freed.pass("the end of the test");
            });
            self.has_begun.pass("the job's begin");
            let result = f();
            self.is_freed.open();
            result
        })
    }
}
