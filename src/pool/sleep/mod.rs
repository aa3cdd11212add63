//! Who searches for work, who sleeps, whom to wake, and who has which slot. The protocol and its argument are in `README.md`.

mod counters;
mod returning;
mod sleepers;
mod slots;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use self::counters::MAX_WORKERS;
pub(crate) use self::returning::GaveWay;
pub(crate) use self::sleepers::{Sleep, WakeUp};
pub(crate) use self::slots::{
    IdleThread, LongWait, RestrictedSleeper, Restriction, ReturnState, Returner, SearchPermit, WakeOutcome, Wants,
};
