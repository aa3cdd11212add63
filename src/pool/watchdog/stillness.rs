//! `Stillness`: since when nothing has moved, and which threads and jobs wait in vain because of that.

use super::view::{PoolView, ProcessView};
use super::waits::{Awaited, WaitEntry};
use crate::sync::clock::Instant;
use std::mem;
use std::time::Duration;

/// A part of the process in which something moves or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    looks: Vec<LastLook>,
    times: Vec<ThreadTime>,
}

#[derive(Debug)]
struct LastLook {
    area: Area,
    /// The numbers of all that has moved, and the waits that are going on.
    signature: Vec<u64>,
    since: Instant,
}

/// The processor time that a worker's thread had used when its pool last moved.
#[derive(Debug)]
struct ThreadTime {
    worker: usize,
    used: Duration,
}

/// Where something is owed and nothing moves.
#[derive(Debug, Default)]
pub(super) struct Stuck {
    /// The areas of waits that do not end, and the pools with jobs that no thread takes.
    pub(super) areas: Vec<Area>,
    /// All waits that can be seen there, by their serial numbers.
    pub(super) waits: Vec<usize>,
}

impl Stillness {
    /// Compares a view with the last one.
    pub(super) fn update(&mut self, view: &ProcessView, now: Instant) {
        let mut before = mem::take(&mut self.looks);
        let mut add = |area| {
            if self.looks.iter().any(|look| look.area == area) {
                return;
            }
            let signature = signature(view, area);
            match before.iter().position(|look| look.area == area && look.signature == signature) {
                Some(same) => self.looks.push(before.swap_remove(same)),
                None => {
                    self.looks.push(LastLook { area, signature, since: now });
                    note_times(&mut self.times, view, area);
                }
            }
        };
        view.pools.iter().for_each(|pool| add(Area::Pool(pool.number)));
        view.waits.iter().for_each(|wait| add(wait.area()));
        add(Area::Anywhere);
        self.times.retain(|time| view.thread_of(time.worker).is_some());
    }

    /// The processor time that a worker's thread has used since its pool last moved.
    pub(super) fn time_since(&self, view: &ProcessView, worker: usize) -> Option<Duration> {
        let before = self.times.iter().find(|time| time.worker == worker)?.used;
        Some(processor_time(view, worker)?.saturating_sub(before))
    }

    /// For how long nothing has moved in an area.
    pub(super) fn still_for(&self, area: Area, now: Instant) -> Duration {
        let look = self.looks.iter().find(|look| look.area == area);
        look.map_or(Duration::MAX, |look| now.saturating_duration_since(look.since))
    }

    /// The waits and the jobs for which nothing has moved in the `interval`.
    pub(super) fn stuck(&self, view: &ProcessView, now: Instant, interval: Duration) -> Stuck {
        let is_still = |area| self.still_for(area, now) >= interval;
        let mut stuck = Stuck::default();
        for wait in view.waits.iter().filter(|wait| wait.awaited.is_owed()) {
            if wait.areas().all(is_still) {
                wait.areas().for_each(|area| stuck.add(area));
            }
        }
        let has_jobs = |pool: &&PoolView| pool.waiting.total() > 0;
        let pools = view.pools.iter().filter(has_jobs).map(|pool| Area::Pool(pool.number));
        pools.filter(|&area| is_still(area)).for_each(|area| stuck.add(area));
        let is_there = |wait: &WaitEntry| wait.areas().any(|area| stuck.areas.contains(&area));
        stuck.waits = view.waits.iter().filter(|wait| is_there(wait)).map(|wait| wait.serial).collect();
        stuck
    }
}

/// Notes the processor time of all threads of a pool.
fn note_times(times: &mut Vec<ThreadTime>, view: &ProcessView, area: Area) {
    let slots = view.pools.iter().filter(|pool| Area::Pool(pool.number) == area).flat_map(|pool| &pool.slots);
    for (worker, ..) in slots.filter_map(|slot| slot.holder) {
        times.retain(|time| time.worker != worker);
        times.extend(processor_time(view, worker).map(|used| ThreadTime { worker, used }));
    }
}

impl Stuck {
    fn add(&mut self, area: Area) {
        if !self.areas.contains(&area) {
            self.areas.push(area);
        }
    }

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
            (
                Awaited::Scope(pool)
                | Awaited::Broadcast(pool)
                | Awaited::Call(pool)
                | Awaited::Exits(pool)
                | Awaited::Turn(pool),
                _,
            ) => Area::Pool(pool),
            (Awaited::Fork, Some(worker)) => Area::Pool(worker.pool),
            (Awaited::Room(workers) | Awaited::ResultRoom(workers), _) => Area::Workers(workers),
            _ => Area::Anywhere,
        }
    }
}

#[cfg(all(test, not(any(loom, sim))))]
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
        ProcessView {
            pools: pools.iter().enumerate().map(state).collect(),
            waits: Vec::new(),
            threads: Vec::new(),
            jobs: Vec::new(),
            bridge_holders: Vec::new(),
        }
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
