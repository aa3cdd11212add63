//! The watch: a sleeper that looks for forks by itself now and then, so that a burst of small calls need not wake it.
//!
//! Publishing a fork for a sleeping pool costs its owner a system call, which is more than the whole of a small call may
//! cost. So one of those who fall asleep keeps watch: it sleeps for two milliseconds at most and looks for public
//! jobs in between, and while it does publishers of forks wake nobody. (Whoever publishes jobs that it will not
//! come back for wakes a sleeper all the same.) When nothing has been published for a few milliseconds the watch ends,
//! and the pool sleeps until it is woken.

use crate::pool::sleep::Rising;
use crate::pool::worker::Worker;
use std::time::Duration;

/// How long the first sleep is after work.
const SHORTEST: Duration = Duration::from_micros(50);

/// How long sleeps become, which double, while something is published during each of them. So much later than it could, a
/// long call in a burst of small ones gets help.
const LONGEST: Duration = Duration::from_micros(500);

/// How long they become while nothing is published during some of them: a watch is not to look more often than there is
/// something to see. (On a virtual processor each sleep costs tens of microseconds of processor time.)
const LONGEST_OF_QUIET: Duration = Duration::from_millis(2);

/// For how long a watch goes on after the last publication. In a model the first look is the last: how much time has
/// passed would differ between two runs of the same interleaving.
const PATIENCE: Duration = if cfg!(loom) { Duration::ZERO } else { Duration::from_micros(2500) };

/// How far a worker has come in its watch, from one piece of work to the next.
#[derive(Debug)]
pub(super) struct Watch {
    /// How long the next sleep is.
    period: Duration,
    /// For how long nothing has been published.
    quiet: Duration,
}

impl Watch {
    pub(super) fn new() -> Self {
        Watch { period: SHORTEST, quiet: Duration::ZERO }
    }

    /// Takes note of a sleep, after which something was found to have been published or not.
    fn slept(&mut self, stirred: bool) {
        self.quiet = if stirred { Duration::ZERO } else { self.quiet + self.period };
        let longest = if stirred { LONGEST } else { LONGEST_OF_QUIET };
        self.period = longest.min(self.period * 2).max(self.period);
    }

    pub(super) fn is_over(&self) -> bool {
        self.quiet >= PATIENCE
    }
}

impl Worker {
    /// Sleeps, registered as it is, until there is a reason to get up, and the seat is this thread's. With a watch, takes
    /// it if nobody has it.
    pub(super) fn lie(&self, watch: Option<&mut Watch>) {
        let sleep = self.registry().sleep();
        let mut watch = watch.filter(|watch| !watch.is_over() && sleep.begin_watch());
        loop {
            let is_called = match &mut watch {
                Some(watch) => self.shared.parker.park_for(watch.period) || self.finds_reason_to_rise(watch),
                None => {
                    self.shared.parker.park();
                    true
                }
            };
            if is_called {
                match sleep.get_up(self.index) {
                    Rising::Up => break,
                    Rising::Away => {}
                    Rising::Visit => {
                        self.visit();
                        sleep.end_visit(self.index);
                    }
                }
            }
            // A watch ends after its time; and it is no use where another sits, who may have relied on it and whom somebody
            // must ask instead.
            if watch.as_ref().is_some_and(|watch| is_called || watch.is_over()) {
                watch = None;
                sleep.end_watch();
                if is_called || self.is_anything_going_on() {
                    sleep.wake_another();
                }
            }
        }
        if watch.is_some() {
            sleep.end_watch();
        }
    }

    /// Whether a sleeper on watch, after one of its sleeps, should look closer: at what is public, or at those who are at
    /// work, and may have forked, or rely on being asked. So no watch ends unheard while they are.
    fn finds_reason_to_rise(&self, watch: &mut Watch) -> bool {
        watch.slept(self.registry().sleep().take_stir());
        self.is_anything_going_on()
    }

    fn is_anything_going_on(&self) -> bool {
        self.registry().more_work() > 0 || self.registry().sleep().is_anybody_at_work()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{LONGEST, LONGEST_OF_QUIET, PATIENCE, SHORTEST, Watch};
    use crate::pool::sleep::Standing;
    use crate::pool::worker::tests::as_worker;
    use std::time::Duration;

    /// A loop that is expected to be light relies on being asked, and need not have stirred anything.
    #[test]
    fn the_last_look_of_a_watch_is_at_those_who_are_at_work() {
        as_worker(2, |worker| {
            let sleep = worker.registry().sleep();
            sleep.register(0, Standing::Spare);
            let finds = || {
                let mut watch = Watch { period: PATIENCE, quiet: Duration::ZERO };
                let finds = worker.finds_reason_to_rise(&mut watch);
                assert!(watch.is_over());
                finds
            };
            assert!(!finds(), "the other one searches");
            sleep.never_came(1);
            assert!(finds());
        });
    }

    #[test]
    fn in_a_burst_sleeps_stay_short() {
        let mut watch = Watch::new();
        for _ in 0..100 {
            watch.slept(true);
            assert!(watch.period <= LONGEST && !watch.is_over());
        }
        assert_eq!(watch.period, LONGEST);
    }

    #[test]
    fn a_watch_over_nothing_ends_after_a_few_sleeps() {
        let mut watch = Watch::new();
        let sleeps = (1..).find(|_| {
            watch.slept(false);
            watch.is_over()
        });
        assert_eq!(sleeps, Some(6));
    }

    /// Calls that are some time apart: the sleeps get longer until each of them has seen one.
    #[test]
    fn there_are_no_more_sleeps_than_calls_that_are_a_millisecond_apart() {
        const ROUNDS: u32 = if cfg!(miri) { 100 } else { 1000 };
        let apart = Duration::from_millis(1);
        let (mut watch, mut now, mut sleeps) = (Watch::new(), Duration::ZERO, 0);
        while now < ROUNDS * apart {
            let calls = |time: Duration| time.as_nanos() / apart.as_nanos();
            let woken = now + watch.period;
            watch.slept(calls(woken) > calls(now));
            assert!(!watch.is_over() && watch.period >= SHORTEST && watch.period <= LONGEST_OF_QUIET);
            now = woken;
            sleeps += 1;
        }
        assert!(sleeps < ROUNDS, "{sleeps} sleeps");
    }
}
