//! The sleep protocol: which threads search, which sleep, which one to wake, and which thread has which slot.
//! `README.md` has the protocol and its proof.

mod counters;
mod long_searches;
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
    GaveUp, IdleThread, LongWait, RestrictedSleeper, Restriction, ReturnState, Returner, SearchPermit, WakeOutcome,
    Wants,
};
