//! The watch: a sleeper that looks for forks by itself now and then, so that a burst of small calls need not wake it.
//!
//! Publishing a fork for a sleeping pool costs its owner a system call, which is more than the whole of a small call may
//! cost. So one of those who fall asleep keeps watch: it sleeps for some tens of microseconds at a time and looks for
//! public jobs in between, and while it does publishers of forks wake nobody. (Whoever publishes jobs that it will not
//! come back for wakes a sleeper all the same.) When nothing has been published for a few milliseconds the watch ends,
//! and the pool sleeps until it is woken.

use crate::pool::sleep::Rising;
use crate::pool::worker::Worker;
use std::time::Duration;

/// How long the first sleep is after work.
const SHORTEST: Duration = Duration::from_micros(50);

/// How long a sleep may become; they double. So much later than it could, a long call in a burst of small ones gets help.
const LONGEST: Duration = Duration::from_micros(500);

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
        self.period = LONGEST.min(self.period * 2);
    }

    fn is_over(&self) -> bool {
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
            // A watch ends after its time; and it is no use where another sits.
            if watch.as_ref().is_some_and(|watch| is_called || watch.is_over()) {
                watch = None;
                sleep.end_watch();
                if self.registry().more_work() > 0 {
                    sleep.wake_another();
                }
            }
        }
        if watch.is_some() {
            sleep.end_watch();
        }
    }

    /// Whether a sleeper on watch, after one of its sleeps, should look closer: at what is public, or at those who are at
    /// work and may have forked.
    fn finds_reason_to_rise(&self, watch: &mut Watch) -> bool {
        let sleep = self.registry().sleep();
        watch.slept(sleep.take_stir());
        !watch.is_over() && (self.registry().more_work() > 0 || sleep.is_anybody_at_work())
    }
}
