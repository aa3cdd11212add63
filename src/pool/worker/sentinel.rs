//! The sentinel: a sleeper that looks for forks by itself now and then, so that publishers in a burst of small calls
//! need not wake it.
//!
//! To wake a sleeper for a fork costs the publisher a system call, which is more than a whole small call may cost. So
//! one of the threads that fall asleep is the sentinel: it sleeps for half a millisecond at most and looks for public
//! jobs in between. While there is one, publishers of forks wake no thread. (A thread that publishes jobs which it does
//! not come back for wakes a sleeper all the same.) When nothing has been published for a third of a millisecond the
//! sentinel ends, and the pool sleeps until it is woken.

use crate::pool::registry::{Tenure, Worker};
use crate::pool::sleep::{WakeOutcome, Wants};
use crate::pool::tuning::{LONGEST_SENTINEL_SLEEP, SENTINEL_PATIENCE, SHORTEST_SENTINEL_SLEEP};
use crate::pool::worker::suspend::AtBottom;
use std::time::Duration;

/// The progress of a worker as the sentinel, kept from the beginning of a wait to its end.
#[derive(Debug)]
pub(super) struct Sentinel {
    /// How long the next sleep is.
    period: Duration,
    /// For how long no fork has been published.
    quiet: Duration,
}

impl Sentinel {
    pub(super) fn new() -> Self {
        Sentinel { period: SHORTEST_SENTINEL_SLEEP, quiet: Duration::ZERO }
    }

    /// Updates the state after a sleep; `activity` is true if forks were published during it.
    fn slept(&mut self, activity: bool) {
        self.quiet = if activity { Duration::ZERO } else { self.quiet + self.period };
        self.period = LONGEST_SENTINEL_SLEEP.min(self.period * 2);
    }

    pub(super) fn is_over(&self) -> bool {
        self.quiet >= SENTINEL_PATIENCE
    }
}

impl Worker {
    /// Lets other threads have the slot while this one sleeps. From here on this thread uses nothing of the slot.
    pub(super) fn free_slot(&self) {
        self.tenure.set(Tenure::None);
        self.registry().sleep().free_slot(self.index());
    }

    /// Wakes up as an idle thread.
    pub(super) fn wake_up(&self, wants: Wants) -> WakeOutcome {
        self.registry().sleep().wake_up_at(self.index(), self.as_idle(), wants)
    }

    /// Ends the wake-up of an idle thread that has its slot or is dismissed.
    pub(super) fn arrive(&self, outcome: WakeOutcome) -> AtBottom {
        debug_assert_ne!(outcome, WakeOutcome::Away);
        if outcome == WakeOutcome::Dismissed {
            return AtBottom::Dismissed;
        }
        self.tenure.set(Tenure::Held);
        self.slot().set_holder(self);
        AtBottom::Holds
    }

    /// Sleeps as a registered idle thread until there is a reason to wake up and this thread has the slot. Given a
    /// sentinel's state, the thread is the sentinel if there is no other.
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
            // The sentinel ends after its time. It also ends if another thread has its slot: that thread may have
            // relied on it, and some thread must make the steal request instead.
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

    /// Returns true if the sentinel, after one of its sleeps, should look closer: at public jobs, or at threads at
    /// work, which may have private forks or rely on a steal request. So no sentinel ends without a request while
    /// threads are at work.
    fn finds_reason_to_wake(&self, sentinel: &mut Sentinel) -> bool {
        sentinel.slept(self.registry().sleep().take_activity());
        self.is_anything_going_on()
    }

    fn is_anything_going_on(&self) -> bool {
        self.registry().more_work() > 0 || self.registry().sleep().has_threads_at_work()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{LONGEST_SENTINEL_SLEEP, SENTINEL_PATIENCE, SHORTEST_SENTINEL_SLEEP, Sentinel};
    use crate::pool::sleep::{IdleThread, SearchPermit};
    use crate::pool::tuning::LONGEST_GAP;
    use crate::pool::worker::tests::as_worker;
    use std::time::Duration;

    /// A loop that is expected to be inline relies on a steal request, and need not have published anything.
    #[test]
    fn the_last_look_of_a_sentinel_is_at_those_who_are_at_work() {
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
            assert!(sentinel.period <= LONGEST_SENTINEL_SLEEP && !sentinel.is_over());
        }
        assert_eq!(sentinel.period, LONGEST_SENTINEL_SLEEP);
    }

    #[test]
    fn a_sentinel_without_activity_ends_after_a_few_sleeps() {
        let mut sentinel = Sentinel::new();
        let sleeps = (1..).find(|_| {
            sentinel.slept(false);
            sentinel.is_over()
        });
        assert_eq!(sleeps, Some(3));
        // With its search before, the worker is at rest within a millisecond.
        assert!(SHORTEST_SENTINEL_SLEEP * 7 + LONGEST_GAP < Duration::from_millis(1));
    }
}
