//! Checks on global pools of several sizes, each in a process of its own, and calls that surely lease a slot there.

use crate::child;
use paceline::ThreadPoolBuilder;
use std::sync::mpsc::Receiver;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// How long a test waits for something that is bound to happen.
const WATCHDOG: Duration = Duration::from_secs(60);

/// The sizes of pools that most tests go through.
pub(crate) const SIZES: [usize; 3] = [1, 2, 4];

/// Runs `check`, the whole of the test called `test`, in processes of their own whose global pools have these sizes.
#[track_caller]
pub(crate) fn at_sizes(sizes: &[usize], test: &str, check: impl Fn(usize)) {
    match child::role() {
        Some(size) => {
            let threads = size.parse().unwrap();
            ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
            check(threads);
        }
        None => sizes.iter().for_each(|size| child::run_to_success(child::again(test, &size.to_string()))),
    }
}

/// Runs `f` on the calling thread, which is in no pool, in the slot of one of the global pool's workers.
///
/// A call that found no worker asleep was handed over: it did nothing there, and is made anew.
#[track_caller]
pub(crate) fn as_external_caller<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let me = id();
    let mut f = Some(f);
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let result = paceline::scope(|_| (id() == me).then(|| f.take().map(|f| f())).flatten());
        if let Some(result) = result {
            return result;
        }
        thread::yield_now();
    }
    panic!("no worker ever gave its slot up");
}

/// The calling thread's.
pub(crate) fn id() -> ThreadId {
    thread::current().id()
}

/// The next `count` messages, sorted.
#[track_caller]
pub(crate) fn receive<T: Ord>(from: &Receiver<T>, count: usize) -> Vec<T> {
    let mut messages: Vec<_> = (0..count).map(|_| from.recv_timeout(WATCHDOG).expect("a message never came")).collect();
    messages.sort();
    messages
}
