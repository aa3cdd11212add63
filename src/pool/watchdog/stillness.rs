//! `Stillness`: since when nothing has moved, and which threads and jobs wait in vain because of that.

use super::view::{PoolView, ProcessView};
use super::waits::{Awaited, WaitEntry};
use crate::sync::clock::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A part of the process in which something moves or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    Pool(usize),
    /// A worker pool.
    Workers(usize),
    /// All of the process: for waits for something that may come from anywhere.
    Anywhere,
}

/// The last look at each area, since when it gives the same, and how much processor time the threads had used then.
#[derive(Debug, Default)]
pub(super) struct Stillness {
    looks: BTreeMap<Area, LastLook>,
    times: BTreeMap<usize, ThreadTime>,
}

#[derive(Debug)]
struct LastLook {
    /// The numbers of all that has moved, and the waits that are going on.
    signature: Vec<u64>,
    since: Instant,
}

/// The processor time of a worker's thread when its pool last moved.
#[derive(Debug, Clone, Copy)]
struct ThreadTime(Duration);

/// Debts that no thread pays.
#[derive(Debug, Default)]
pub(super) struct Stuck {
    /// The areas of waits that do not end, and the pools with jobs that no thread takes.
    pub(super) areas: BTreeSet<Area>,
    /// All waits that can be seen there, by their serial numbers.
    pub(super) waits: BTreeSet<usize>,
}

impl Stillness {
    /// Compares a view with the last one.
    pub(super) fn update(&mut self, view: &ProcessView, now: Instant) {
        let areas = view.pools.iter().map(|pool| Area::Pool(pool.number));
        let areas: BTreeSet<_> =
            areas.chain(view.waits.iter().map(|wait| wait.area())).chain([Area::Anywhere]).collect();
        self.looks.retain(|area, _| areas.contains(area));
        for area in areas {
            let signature = signature(view, area);
            if self.looks.get(&area).is_none_or(|look| look.signature != signature) {
                self.looks.insert(area, LastLook { signature, since: now });
                if let Area::Pool(number) = area {
                    self.note_times(view, number);
                }
            }
        }
    }

    fn note_times(&mut self, view: &ProcessView, pool: usize) {
        let slots = view.pool(pool).into_iter().flat_map(|pool| &pool.slots);
        for (address, ..) in slots.filter_map(|slot| slot.holder) {
            match processor_time(view, address) {
                Some(time) => _ = self.times.insert(address, ThreadTime(time)),
                None => _ = self.times.remove(&address),
            }
        }
    }

    /// The processor time that a worker's thread has used since its pool last moved.
    pub(super) fn time_since(&self, view: &ProcessView, address: usize) -> Option<Duration> {
        let ThreadTime(before) = *self.times.get(&address)?;
        Some(processor_time(view, address)?.saturating_sub(before))
    }

    /// For how long nothing has moved at a area.
    pub(super) fn still_for(&self, area: Area, now: Instant) -> Duration {
        self.looks.get(&area).map_or(Duration::MAX, |look| now.saturating_duration_since(look.since))
    }

    /// The waits and the jobs for which nothing has moved in the `interval`.
    pub(super) fn stuck(&self, view: &ProcessView, now: Instant, interval: Duration) -> Stuck {
        let is_still = |area| self.still_for(area, now) >= interval;
        let mut stuck = Stuck::default();
        for wait in view.waits.iter().filter(|wait| wait.awaited.is_owed()) {
            if wait.areas().all(is_still) {
                stuck.areas.extend(wait.areas());
            }
        }
        let has_jobs = |pool: &&PoolView| pool.waiting.total() > 0;
        let pools = view.pools.iter().filter(has_jobs).map(|pool| Area::Pool(pool.number));
        stuck.areas.extend(pools.filter(|&area| is_still(area)));
        let is_there = |wait: &WaitEntry| wait.areas().any(|area| stuck.areas.contains(&area));
        stuck.waits = view.waits.iter().filter(|wait| is_there(wait)).map(|wait| wait.serial).collect();
        stuck
    }
}

impl Stuck {
    pub(super) fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }
}

fn processor_time(view: &ProcessView, address: usize) -> Option<Duration> {
    view.thread_of(address)?.os.as_ref()?.processor_time()
}

/// All numbers that change when something moves at the area.
fn signature(view: &ProcessView, area: Area) -> Vec<u64> {
    let is_here = |wait: &&WaitEntry| match area {
        Area::Anywhere => true,
        Area::Pool(_) | Area::Workers(_) => wait.areas().any(|other| other == area),
    };
    let pools = view.pools.iter().filter(|pool| area == Area::Anywhere || area == Area::Pool(pool.number));
    let waits = view.waits.iter().map(|wait| &**wait).filter(is_here).map(|wait| wait.serial as u64);
    pools.map(|pool| pool.moved).chain(waits).collect()
}

impl WaitEntry {
    /// Where the wait can be seen: its [`area`](Self::area), and the pool of the thread that waits.
    pub(super) fn areas(&self) -> impl Iterator<Item = Area> {
        self.worker.map(|worker| Area::Pool(worker.pool)).into_iter().chain([self.area()])
    }

    /// Where something must move for the wait to end.
    pub(super) fn area(&self) -> Area {
        match (self.awaited, self.worker) {
            (Awaited::Scope(pool) | Awaited::Broadcast(pool) | Awaited::Call(pool) | Awaited::Exits(pool), _) => {
                Area::Pool(pool)
            }
            (Awaited::Fork, Some(worker)) => Area::Pool(worker.pool),
            (Awaited::Room(workers) | Awaited::ResultRoom(workers), _) => Area::Workers(workers),
            _ => Area::Anywhere,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Area, ProcessView, Stillness};
    use crate::pool::metrics::pool_metrics::WaitingJobs;
    use crate::pool::watchdog::view::PoolView;
    use crate::sync::clock::Instant;
    use std::time::Duration;

    /// Pools with so many jobs that have begun, and that wait in queues.
    fn view(pools: &[(u64, usize)]) -> ProcessView {
        let state = |(number, &(moved, injected))| PoolView {
            number,
            waiting: WaitingJobs { injected, ..WaitingJobs::default() },
            slots: Vec::new(),
            moved,
        };
        ProcessView { pools: pools.iter().enumerate().map(state).collect(), waits: Vec::new(), threads: Vec::new() }
    }

    #[test]
    fn jobs_in_a_pool_that_does_not_move_are_stuck_after_the_interval() {
        let (mut stillness, start) = (Stillness::default(), Instant::now());
        for (seconds, pools, expected) in [
            (0, [(7, 1), (3, 0)], None),
            (4, [(7, 1), (3, 0)], None),
            (5, [(7, 1), (3, 0)], Some(Area::Pool(0))),
            (6, [(8, 1), (3, 1)], Some(Area::Pool(1))),
            (11, [(8, 1), (4, 1)], Some(Area::Pool(0))),
            (12, [(8, 0), (4, 1)], None),
        ] {
            let (now, view) = (start + Duration::from_secs(seconds), view(&pools));
            stillness.update(&view, now);
            let stuck = stillness.stuck(&view, now, Duration::from_secs(5));
            assert!(stuck.areas.iter().eq(expected.as_ref()), "after {seconds} s: {stuck:?}");
            assert_eq!(stuck.is_empty(), expected.is_none());
        }
    }
}
