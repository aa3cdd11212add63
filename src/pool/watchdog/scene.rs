//! `Scene`: a view of the process together with the waits that are stuck in it. A report describes one.

use super::stillness::{Area, Stillness, Stuck};
use super::view::{Doing, PoolView, ProcessView, SlotView};
use super::waits::WaitEntry;
use crate::sync::clock::Instant;
use std::fmt;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) view: &'a ProcessView,
    pub(super) stillness: &'a Stillness,
    pub(super) stuck: &'a Stuck,
    pub(super) now: Instant,
}

/// What a thread has done in the time in which nothing moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// It has used next to no processor time: it is blocked, or sleeps.
    None,
    /// It has used so much processor time.
    Computes(Duration),
    /// The system does not tell.
    Unknown,
}

/// A thread that has used less than this part of the time counts as blocked.
const NEXT_TO_NOTHING: u32 = 20;

impl<'a> Scene<'a> {
    /// For how long nothing has moved at any of the areas.
    pub(super) fn still_for(&self) -> Duration {
        self.stuck.areas.iter().map(|&area| self.stillness.still_for(area, self.now)).min().unwrap_or_default()
    }

    /// The pools in which something is stuck.
    pub(super) fn stuck_pools(&self) -> impl Iterator<Item = &'a PoolView> {
        self.view.pools.iter().filter(|pool| self.stuck.areas.contains(&Area::Pool(pool.number)))
    }

    /// The waits that are stuck.
    pub(super) fn stuck_waits(&self) -> impl Iterator<Item = &'a WaitEntry> {
        self.view.waits.iter().map(|wait| &**wait).filter(|wait| self.stuck.waits.contains(&wait.serial))
    }

    /// What the holder of a slot has done while its pool did not move.
    pub(super) fn effort(&self, pool: &PoolView, slot: &SlotView) -> Effort {
        let time = slot.holder.and_then(|(address, ..)| self.stillness.time_since(self.view, address));
        match time {
            Some(time) if time <= self.stillness.still_for(Area::Pool(pool.number), self.now) / NEXT_TO_NOTHING => {
                Effort::None
            }
            Some(time) => Effort::Computes(time),
            None => Effort::Unknown,
        }
    }

    /// The slots at which a job runs that does not end and does not compute, with nothing known that it waits for.
    pub(super) fn blocked<'b>(&'b self, pool: &'b PoolView) -> impl Iterator<Item = &'b SlotView> {
        pool.slots.iter().filter(|slot| {
            matches!(self.view.doing(slot), Doing::Runs) && !matches!(self.effort(pool, slot), Effort::Computes(_))
        })
    }

    /// True if every thread of the pool has something to do.
    pub(super) fn is_occupied(&self, pool: &PoolView) -> bool {
        pool.slots.iter().all(|slot| !matches!(self.view.doing(slot), Doing::Idle))
    }
}

/// A time in seconds, as reports print it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In integers: to print a float takes more code than all the rest of a report.
        write!(f, "{}.{} s", self.0.as_secs(), self.0.subsec_millis() / 100)
    }
}
