//! Ways for two threads to wait for each other that end in a failure, never in a hang.

pub(crate) use crate::gate::{Gate, WATCHDOG, receive};
use paceline::{FnContext, ThreadPool};
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long one attempt at a theft waits before the fork is made anew.
const ATTEMPT: Duration = Duration::from_millis(20);

/// Checks that nothing more comes and that nobody is left who could send it.
///
/// A task that ran twice would send once more, and a closure that leaked would keep its sender.
#[track_caller]
pub(crate) fn assert_closed<T: Debug>(from: &Receiver<T>, what: &str) {
    match from.recv_timeout(WATCHDOG) {
        Err(RecvTimeoutError::Disconnected) => {}
        unexpected => panic!("{what} is not the last that came: {unexpected:?}"),
    }
}

/// Who was first to lay hands on the second half of a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Open,
    Thief,
    GivenUp,
}

#[derive(Debug)]
struct Deal {
    claim: Mutex<Claim>,
    claimed: Condvar,
}

impl Deal {
    /// The first half's side: true if a thief came in time, else no thief may come any more.
    fn thief_came(&self) -> bool {
        let claim = self.claim.lock().unwrap();
        let (mut claim, _) = self.claimed.wait_timeout_while(claim, ATTEMPT, |claim| *claim == Claim::Open).unwrap();
        if *claim == Claim::Open {
            *claim = Claim::GivenUp;
        }
        *claim == Claim::Thief
    }

    /// The second half's side: true if the first half still waits.
    fn steal(&self) -> bool {
        let mut claim = self.claim.lock().unwrap();
        if *claim == Claim::Open {
            *claim = Claim::Thief;
        }
        self.claimed.notify_all();
        *claim == Claim::Thief
    }
}

/// Runs `first` and `second` as the halves of one `join` of which the second is stolen.
///
/// The first half blocks its worker until another worker has begun the second one. A fork that
/// nobody stole in time runs neither closure and is made anew, so the outcome rests on the theft
/// and not on how quickly the thief came. The closures run once, unless one of them panics.
#[track_caller]
pub(crate) fn join_with_theft<A, B, RA, RB>(pool: &ThreadPool, first: A, second: B) -> (RA, RB)
where
    A: FnOnce(FnContext) -> RA + Send,
    B: FnOnce(FnContext) -> RB + Send,
    RA: Send,
    RB: Send,
{
    let first = Mutex::new(Some(first));
    let second = Mutex::new(Some(second));
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let deal = Deal { claim: Mutex::new(Claim::Open), claimed: Condvar::new() };
        let take = |context| deal.thief_came().then(|| taken(&first)(context));
        let steal = |context| deal.steal().then(|| taken(&second)(context));
        if let (Some(a), Some(b)) = pool.install(|| paceline::join_context(take, steal)) {
            return (a, b);
        }
    }
    panic!("no worker ever stole the second half");
}

/// The closure out of its cell, with the lock released before the closure runs.
fn taken<T>(cell: &Mutex<Option<T>>) -> T {
    cell.lock().unwrap().take().expect("runs once")
}
