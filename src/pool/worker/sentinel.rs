//! The sentinel: a sleeper that looks for forks by itself now and then, so that a burst of small calls need not wake it.
//!
//! Publishing a fork for a sleeping pool costs its owner a system call, which is more than the whole of a small call may
//! cost. So one of those who fall asleep is the sentinel: it sleeps for two milliseconds at most and looks for public
//! jobs in between, and while it does publishers of forks wake nobody. (Whoever publishes jobs that it will not
//! come back for wakes a sleeper all the same.) When nothing has been published for a few milliseconds the sentinel ends,
//! and the pool sleeps until it is woken.

use crate::pool::registry::{Tenure, Worker};
use crate::pool::sleep::{WakeOutcome, Wants};
use crate::pool::tuning::{LONGEST_QUIET_WATCH, LONGEST_WATCH, SENTINEL_PATIENCE, SHORTEST_WATCH};
use crate::pool::worker::suspend::AtBottom;
use std::time::Duration;

/// How far a worker has come in its sentinel, from one piece of work to the next.
#[derive(Debug)]
pub(super) struct Sentinel {
    /// How long the next sleep is.
    period: Duration,
    /// For how long nothing has been published.
    quiet: Duration,
}

impl Sentinel {
    pub(super) fn new() -> Self {
        Sentinel { period: SHORTEST_WATCH, quiet: Duration::ZERO }
    }

    /// Takes note of a sleep, after which something was found to have been published or not.
    fn slept(&mut self, activity: bool) {
        self.quiet = if activity { Duration::ZERO } else { self.quiet + self.period };
        let longest = if activity { LONGEST_WATCH } else { LONGEST_QUIET_WATCH };
        self.period = longest.min(self.period * 2).max(self.period);
    }

    pub(super) fn is_over(&self) -> bool {
        self.quiet >= SENTINEL_PATIENCE
    }
}

impl Worker {
    /// Lets others have the slot while the thread sleeps. From here on it uses nothing of the slot.
    pub(super) fn free_slot(&self) {
        self.tenure.set(Tenure::None);
        self.registry().sleep().free_slot(self.index());
    }

    /// Wakes up as an idle thread.
    pub(super) fn wake_up(&self, wants: Wants) -> WakeOutcome {
        self.registry().sleep().wake_up_at(self.index(), self.as_idle(), wants)
    }

    /// What an idle thread has that is not away.
    pub(super) fn arrive(&self, outcome: WakeOutcome) -> AtBottom {
        debug_assert_ne!(outcome, WakeOutcome::Away);
        if outcome == WakeOutcome::Dismissed {
            return AtBottom::Dismissed;
        }
        self.tenure.set(Tenure::Held);
        self.slot().set_holder(self);
        AtBottom::Holds
    }

    /// Sleeps, idle as it is, until there is a reason to wake up, and the slot is this thread's. With a sentinel's state, is
    /// the sentinel if there is no other.
    pub(super) fn sleep_registered(&self, sentinel: Option<&mut Sentinel>) -> AtBottom {
        let sleep = self.registry().sleep();
        let mut sentinel = sentinel.filter(|sentinel| !sentinel.is_over() && sleep.begin_sentinel());
        let outcome = loop {
            let is_called = match &mut sentinel {
                Some(sentinel) => self.parker.park_for(sentinel.period) || self.finds_reason_to_wake(sentinel),
                None => {
                    self.parker.park();
                    true
                }
            };
            if is_called {
                let outcome = self.wake_up(self.wants());
                if outcome != WakeOutcome::Away {
                    break outcome;
                }
            }
            // A sentinel ends after its time; and it is no use where another is active, who may have relied on it and whom
            // somebody must request work of instead.
            if sentinel.as_ref().is_some_and(|sentinel| is_called || sentinel.is_over()) {
                sentinel = None;
                sleep.end_sentinel();
                if is_called || self.is_anything_going_on() {
                    sleep.wake_another();
                }
            }
        };
        if sentinel.is_some() {
            sleep.end_sentinel();
        }
        self.arrive(outcome)
    }

    /// Whether a sleeper the sentinel, after one of its sleeps, should look closer: at what is public, or at those who are at
    /// work, and may have forked, or rely on being asked. So no sentinel ends unheard while they are.
    fn finds_reason_to_wake(&self, sentinel: &mut Sentinel) -> bool {
        sentinel.slept(self.registry().sleep().take_activity());
        self.is_anything_going_on()
    }

    fn is_anything_going_on(&self) -> bool {
        self.registry().more_work() > 0 || self.registry().sleep().is_anybody_at_work()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{LONGEST_QUIET_WATCH, LONGEST_WATCH, SENTINEL_PATIENCE, SHORTEST_WATCH, Sentinel};
    use crate::pool::sleep::{IdleThread, SearchPermit};
    use crate::pool::worker::tests::as_worker;
    use std::time::Duration;

    /// A loop that is expected to be light relies on being asked, and need not have activity anything.
    #[test]
    fn the_last_look_of_a_watch_is_at_those_who_are_at_work() {
        as_worker(2, |worker| {
            let sleep = worker.registry().sleep();
            sleep.register(0, IdleThread::Own, SearchPermit::Refused);
            let finds = || {
                let mut sentinel = Sentinel { period: SENTINEL_PATIENCE, quiet: Duration::ZERO };
                let finds = worker.finds_reason_to_wake(&mut sentinel);
                assert!(sentinel.is_over());
                finds
            };
            assert!(!finds(), "the other one searches");
            sleep.came();
            assert!(finds());
        });
    }

    #[test]
    fn in_a_burst_sleeps_stay_short() {
        let mut sentinel = Sentinel::new();
        for _ in 0..100 {
            sentinel.slept(true);
            assert!(sentinel.period <= LONGEST_WATCH && !sentinel.is_over());
        }
        assert_eq!(sentinel.period, LONGEST_WATCH);
    }

    #[test]
    fn a_watch_over_nothing_ends_after_a_few_sleeps() {
        let mut sentinel = Sentinel::new();
        let sleeps = (1..).find(|_| {
            sentinel.slept(false);
            sentinel.is_over()
        });
        assert_eq!(sleeps, Some(6));
    }

    /// Calls that are some time apart: the sleeps get longer until each of them has seen one.
    #[test]
    fn there_are_no_more_sleeps_than_calls_that_are_a_millisecond_apart() {
        const ROUNDS: u32 = if cfg!(miri) { 100 } else { 1000 };
        let apart = Duration::from_millis(1);
        let (mut sentinel, mut now, mut sleeps) = (Sentinel::new(), Duration::ZERO, 0);
        while now < ROUNDS * apart {
            let calls = |time: Duration| time.as_nanos() / apart.as_nanos();
            let woken = now + sentinel.period;
            sentinel.slept(calls(woken) > calls(now));
            assert!(!sentinel.is_over() && sentinel.period >= SHORTEST_WATCH && sentinel.period <= LONGEST_QUIET_WATCH);
            now = woken;
            sleeps += 1;
        }
        assert!(sleeps < ROUNDS, "{sleeps} sleeps");
    }
}
