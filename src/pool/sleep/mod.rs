//! Who searches for work, who sleeps, whom to wake, and whose slot is lent. The protocol and its argument are in
//! `README.md`.

mod counters;
mod slots;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use self::counters::MAX_WORKERS;
use self::counters::{Counters, Snapshot};
use self::slots::SlotState;
pub(crate) use self::slots::{RestrictedSleeper, Sitter, WakeOutcome};
use crate::job::Region;
use crate::sync::atomic::{AtomicBool, Ordering, fence};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::parker::Parker;
use crossbeam_utils::CachePadded;
use std::sync::Arc;

/// The sleep state of one pool.
///
/// 1. A worker is counted as searching from its making, from [`Sleep::begin_search`] (if that says yes), or from its
///    wake-up, until [`Sleep::end_search`] or [`Sleep::register`]. So work can be published for a worker whose thread
///    is yet to start.
/// 2. A worker is counted as sleeping exactly while its index is in the list of sleepers or its slot is the cached one.
///    The list and the count change together under the lock, the cached slot and the count in one step of the word.
/// 3. The worker whose index is taken off the list is counted as searching in the same step, whether another thread
///    took it off to wake it or the worker did so itself; unless its slot is lent, when it is not counted at all. So is
///    the worker of the cached slot.
/// 4. Whose thread may use the `Worker` at an index, `slots` says: the worker's own while it is `Owed` or `Visited`,
///    the external caller's while it is `Lent` and not the cached slot, nobody's while it is that, or `Offered` or `Left`. Whoever
///    changes `slots` holds the lock, and who takes the cached slot acquires what its external caller released; so what one of them
///    did to the worker is visible to the next.
/// 5. The cached slot is `Lent`. It is made so by its external caller alone; and who makes it cold without being the next external caller
///    holds the lock, and changes `slots` before releasing it.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// How many search and how many sleep, and which slot is cached. Publishers read it after each publication; it changes
    /// only when a worker runs out of work or finds some, and when an external caller comes or goes.
    counters: CachePadded<Counters>,
    /// Whether a sleeper looks for forks by itself now and then, so that those who publish some need not wake it.
    has_sentinel: AtomicBool,
    /// Whether forks were published since whoever was the sentinel looked last.
    activity: AtomicBool,
    sleepers: Mutex<Sleepers>,
    /// Where each worker's own thread parks.
    parkers: Box<[Arc<Parker>]>,
    /// Where the external caller at each worker's slot parks.
    caller_parkers: Box<[Arc<Parker>]>,
    /// How many may search at once: half of the pool, and at least one.
    max_searching: usize,
}

#[derive(Debug)]
struct Sleepers {
    /// Who sleeps. The last to sleep_registered down is the first to be woken: its caches are the warmest.
    list: Vec<usize>,
    slots: Box<[SlotState]>,
    restricted: Vec<RestrictedSleeper>,
}

impl Sleep {
    /// For a pool of `workers` workers, of which `coming` have a thread that is about to start and to search.
    pub(crate) fn new(workers: usize, coming: usize) -> Self {
        let parkers = || (0..workers).map(|_| Arc::new(Parker::new())).collect();
        let sleepers = Sleepers {
            list: Vec::with_capacity(workers),
            slots: vec![SlotState::Owed; workers].into_boxed_slice(),
            restricted: Vec::new(),
        };
        Sleep {
            counters: CachePadded::new(Counters::new(coming)),
            has_sentinel: AtomicBool::new(false),
            activity: AtomicBool::new(false),
            sleepers: Mutex::new(sleepers),
            parkers: parkers(),
            caller_parkers: parkers(),
            max_searching: (workers / 2).max(1),
        }
    }

    /// So many of the workers that were about to start never will.
    pub(crate) fn never_came(&self, refused: usize) {
        for _ in 0..refused {
            self.end_search(|| 0);
        }
    }

    /// Where a worker's own thread parks.
    pub(crate) fn parker(&self, index: usize) -> &Arc<Parker> {
        &self.parkers[index]
    }

    /// Where the external caller at a worker's slot parks.
    pub(crate) fn caller_parker(&self, index: usize) -> &Arc<Parker> {
        &self.caller_parkers[index]
    }

    /// How many have nothing to do: workers that search or sleep, and those who wait restricted. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() + now.sleeping() + self.counters.restricted()
    }

    /// Whether anybody is at work. A snapshot.
    pub(crate) fn is_anybody_at_work(&self) -> bool {
        self.idle() < self.parkers.len()
    }

    /// Whether those who are idle will ask who is at work for a part of it, in a millisecond or two: one of them searches, or
    /// is the sentinel; or nobody is idle yet. For a loop that begins and is not offered.
    #[inline(always)]
    pub(crate) fn is_anybody_going_to_ask(&self) -> bool {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() > 0
            || self.has_sentinel.load(Ordering::Relaxed)
            || now.sleeping() == 0 && self.counters.restricted() == 0
    }

    /// Whether anybody is looking for work: who does takes at once what is public. A snapshot.
    #[inline]
    pub(crate) fn is_anybody_searching(&self) -> bool {
        self.counters.load(Ordering::Relaxed).searching() > 0
    }

    /// Takes note, for whoever is the sentinel, that there is something to do now and then.
    #[inline]
    pub(crate) fn note_activity(&self) {
        if !self.activity.load(Ordering::Relaxed) {
            self.activity.store(true, Ordering::Relaxed);
        }
    }

    /// Called after jobs of a region were made visible in a public queue: sees to it that somebody looks for them.
    ///
    /// The fence stands between the publication, before it, and the look at the counters. It pairs with the fences
    /// in [`Sleep::register`] and [`Sleep::end_search`], which stand between a change of the counters and a look at
    /// the queues: of two threads that fence, one sees what the other did before its fence.
    #[inline]
    pub(crate) fn work_published(&self, region: Region) {
        fence(Ordering::SeqCst);
        let now = self.counters.load(Ordering::Relaxed);
        if region.is_isolated() && self.counters.restricted() > 0 {
            self.wake_restricted();
        }
        if now.searching() == 0 && (now.sleeping() > 0 || self.counters.restricted() > 0) {
            self.wake_one(region, anyone_fit);
        }
    }

    /// Wakes all who wait restricted, for a job of an isolated region. A searcher, or a sleeper that is woken, may come
    /// upon something else first, and block on what is held by the isolated call. Whose the job is, and what is around
    /// its region, cannot be asked any more: it may have been run.
    #[cold]
    fn wake_restricted(&self) {
        let mut sleepers = self.sleepers.lock();
        for sleeper in std::mem::take(&mut sleepers.restricted) {
            self.parker_of(sleeper).notify();
        }
    }

    /// As [`Sleep::work_published`], for forks, whose owner comes back for them: it is enough that somebody is on
    /// sentinel.
    #[inline]
    pub(crate) fn forks_published(&self, region: Region) {
        fence(Ordering::SeqCst);
        self.note_activity();
        let now = self.counters.load(Ordering::Relaxed);
        if now.searching() > 0 || self.has_sentinel.load(Ordering::Relaxed) {
            return;
        }
        if now.sleeping() > 0 || self.counters.restricted() > 0 {
            // The owner comes back for a fork: it is not worth a hand-over.
            self.wake_one(region, one_of_region);
        }
    }

    /// Wakes the last worker that fell asleep, and counts it as searching; when all are awake, one that waits restricted
    /// and is fit for the job.
    #[cold]
    fn wake_one(&self, region: Region, choose: Choose) {
        let sleepers = self.sleepers.lock();
        // Somebody may have been woken since the caller looked; then that one sees what the caller published.
        if self.counters.load(Ordering::Relaxed).searching() > 0 {
            return;
        }
        self.wake_from(sleepers, region, choose);
    }

    /// Wakes a sleeper, or else the one of the restricted that is chosen for a job of the region.
    fn wake_from(&self, mut sleepers: Guard<'_, Sleepers>, region: Region, choose: Choose) {
        if let Some(index) = self.take_sleeper(&mut sleepers) {
            drop(sleepers);
            self.parkers[index].notify();
        } else if let Some(place) = choose(&sleepers.restricted, region) {
            let sleeper = sleepers.restricted.swap_remove(place);
            drop(sleepers);
            self.parker_of(sleeper).notify();
        }
    }

    fn parker_of(&self, sleeper: RestrictedSleeper) -> &Parker {
        match sleeper.sitter {
            Sitter::InJob | Sitter::Isolated => &self.parkers[sleeper.index],
            Sitter::Guest => &self.caller_parkers[sleeper.index],
        }
    }

    /// A worker that has run out of work asks to be counted among the searchers. When as many search as should, the
    /// answer is no, and the worker goes to sleep by [`Sleep::register`], which looks at every queue once more.
    pub(crate) fn begin_search(&self) -> SearchPermit {
        self.counters.try_begin_search(self.max_searching)
    }

    /// A searcher goes back to work, or returns to its caller.
    ///
    /// While it was counted as searching, publishers relied on it and woke nobody. So if it was the last, it looks
    /// whether there is more to do, as told by `more_work` (how many queues have something in them, up to 2), and
    /// wakes as many in its place. Every one of those does the same in turn: a tree of wake-ups, not a chain.
    pub(crate) fn end_search(&self, more_work: impl FnOnce() -> usize) {
        let now = self.counters.end_search();
        if now.searching() > 0 || (now.sleeping() == 0 && now.in_jobs() == 0) {
            return;
        }
        // Between the change of the counters and the look at the queues: pairs with `work_published`.
        fence(Ordering::SeqCst);
        for _ in 0..more_work() {
            self.wake_another();
        }
    }

    /// Wakes a sleeper though others may search, or else one that can hand its place over: for the wake-up tree, which wants
    /// two at once.
    #[cold]
    pub(crate) fn wake_another(&self) {
        self.wake_from(self.sleepers.lock(), Region::NONE, anyone_fit);
    }

    /// The last worker that fell asleep, counted as searching from here on; at the very last the one whose slot is cached.
    fn take_sleeper(&self, sleepers: &mut Sleepers) -> Option<usize> {
        if let Some(index) = sleepers.list.pop() {
            self.counters.woken();
            return Some(index);
        }
        let index = self.counters.wake_cached(|_| true)?;
        sleepers.slots[index] = SlotState::Offered;
        Some(index)
    }

    /// A worker lies down. After this returns it must look at every public queue once more before it parks.
    pub(crate) fn register(&self, index: usize, permit: SearchPermit) {
        let mut sleepers = self.sleepers.lock();
        sleepers.list.push(index);
        self.counters.fell_asleep(permit);
        drop(sleepers);
        // Between the change of the counters and the last look at the queues: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// A worker gets up, for whatever reason, if its slot is its own. Then it is counted as searching (invariant 3).
    pub(crate) fn wake_up_at(&self, index: usize) -> WakeOutcome {
        let mut sleepers = self.sleepers.lock();
        match sleepers.slots[index] {
            SlotState::Lent => match self.counters.wake_cached(|cached| cached == index) {
                Some(_) => sleepers.slots[index] = SlotState::Owed,
                None => return WakeOutcome::Away,
            },
            SlotState::Left => {
                sleepers.slots[index] = SlotState::Visited { wanted: false };
                return WakeOutcome::Visit;
            }
            SlotState::Offered => sleepers.slots[index] = SlotState::Owed,
            // On a visit, what was posted may have to wait for something in its turn.
            SlotState::Owed | SlotState::Visited { .. } => {}
        }
        // When somebody else took the index off the list, that one has counted the worker as searching already.
        if let Some(place) = sleepers.list.iter().rposition(|&sleeper| sleeper == index) {
            sleepers.list.remove(place);
            self.counters.woken();
        }
        WakeOutcome::Up
    }

    /// Whether a worker's own thread, which asks, has the slot for good, and not only during a visit.
    pub(crate) fn is_kept(&self, index: usize) -> bool {
        self.sleepers.lock().slots[index] == SlotState::Owed
    }

    /// A worker that is about to park, and has nothing begun, lets others have its slot while it sleeps.
    pub(crate) fn free_slot(&self, index: usize) {
        self.sleepers.lock().slots[index] = SlotState::Offered;
    }

    /// Lends the cached slot, or else that of the worker that has slept for longest, and returns its index. The caller owns
    /// that worker until it gives the slot back.
    #[inline]
    pub(crate) fn lease(&self) -> Option<usize> {
        self.counters.lease_cached().or_else(|| self.lease_free())
    }

    #[cold]
    fn lease_free(&self) -> Option<usize> {
        if self.counters.load(Ordering::Relaxed).sleeping() == 0 {
            return None;
        }
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let place = list.iter().position(|&index| slots[index] == SlotState::Offered)?;
        let index = list.remove(place);
        slots[index] = SlotState::Lent;
        self.counters.went_away();
        Some(index)
    }

    /// An external caller gives its slot back, with no work of its own left. The worker is asleep again, and if nobody else was
    /// idle somebody must look at every public queue once more: then this returns true.
    #[inline]
    pub(crate) fn give_back(&self, index: usize) -> bool {
        let before = self.counters.leave_cached(index).unwrap_or_else(|| self.give_back_free(index));
        // If others slept, or searched, publishers could rely on those meanwhile.
        let must_look = before.searching() == 0 && before.sleeping() == 0;
        if must_look {
            // Between the change of the counters and the look at the queues: pairs with `work_published`.
            fence(Ordering::SeqCst);
        }
        must_look
    }

    #[cold]
    fn give_back_free(&self, index: usize) -> Snapshot {
        let mut sleepers = self.sleepers.lock();
        sleepers.slots[index] = SlotState::Offered;
        sleepers.list.insert(0, index);
        self.counters.came_back()
    }

    /// A thread has nothing to do but wait, for work of its region among other things.
    pub(crate) fn restricted_waits(&self, sitter: Sitter) {
        self.counters.restricted_waits(sitter);
    }

    /// It goes on.
    pub(crate) fn restricted_goes_on(&self, sitter: Sitter) {
        self.counters.restricted_goes_on(sitter);
    }

    /// One that waits restricted lies down. After this returns it must look for work of its region once more before it
    /// parks.
    pub(crate) fn register_restricted(&self, sleeper: RestrictedSleeper) {
        let mut sleepers = self.sleepers.lock();
        sleepers.restricted.push(sleeper);
        drop(sleepers);
        // Between getting on the list and the last look: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// An owner that waits restricted gets up, for whatever reason. The answer is whether a publisher has woken it, which
    /// then relies on it: it must look for that work, or pass the wake-up on.
    pub(crate) fn owner_wakes_up(&self, index: usize) -> WakeUp {
        let is_other = |sleeper: &RestrictedSleeper| sleeper.index != index || sleeper.sitter == Sitter::Guest;
        let restricted = &mut self.sleepers.lock().restricted;
        let before = restricted.len();
        restricted.retain(is_other);
        if restricted.len() < before { WakeUp::OfItsOwn } else { WakeUp::ByPublisher }
    }

    /// A thread that a publisher has woken has other things to do: wakes as many as there is work for, as told by
    /// `more_work`.
    pub(crate) fn pass_on(&self, more_work: impl FnOnce() -> usize) {
        // Between the publication, which may have relied on the caller, and the look at the queues: pairs with
        // `work_published`, as the fence of `end_search` does.
        fence(Ordering::SeqCst);
        for _ in 0..more_work() {
            self.wake_another();
        }
    }

    /// An external caller that has lain down lets the worker's own thread see to its mail meanwhile. From here on until it has got
    /// up the external caller may not use the worker.
    pub(crate) fn leave_slot(&self, index: usize) {
        self.sleepers.lock().slots[index] = SlotState::Left;
    }

    /// An external caller gets up, for whatever reason, and waits until its slot is free.
    pub(crate) fn caller_wakes_up(&self, index: usize) {
        loop {
            let mut sleepers = self.sleepers.lock();
            sleepers.restricted.retain(|sleeper| sleeper.index != index || sleeper.sitter != Sitter::Guest);
            match sleepers.slots[index] {
                SlotState::Visited { .. } => sleepers.slots[index] = SlotState::Visited { wanted: true },
                _ => {
                    sleepers.slots[index] = SlotState::Lent;
                    return;
                }
            }
            drop(sleepers);
            self.caller_parkers[index].park();
        }
    }

    /// A worker has seen to its mail, and leaves its slot to the external caller again.
    pub(crate) fn end_visit(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let wanted = sleepers.slots[index] == SlotState::Visited { wanted: true };
        sleepers.slots[index] = SlotState::Left;
        drop(sleepers);
        if wanted {
            self.caller_parkers[index].notify();
        }
    }

    /// A sleeper takes the sentinel, unless another has it.
    pub(crate) fn begin_sentinel(&self) -> bool {
        !self.has_sentinel.swap(true, Ordering::Relaxed)
    }

    /// Whoever is the sentinel leaves it. Afterwards it must look at every public queue once more.
    pub(crate) fn end_sentinel(&self) {
        self.has_sentinel.store(false, Ordering::Relaxed);
        // Between the change and the last look: pairs with `forks_published`.
        fence(Ordering::SeqCst);
    }

    /// Whether forks were published since this was asked last.
    pub(crate) fn take_activity(&self) -> bool {
        self.activity.load(Ordering::Relaxed) && self.activity.swap(false, Ordering::Relaxed)
    }

    /// Makes one worker's own thread look up, asleep or not: its mailbox has something in it, or the pool ends.
    pub(crate) fn notify(&self, index: usize) {
        self.parkers[index].notify();
    }
}

/// Chooses one of the restricted for a job of a region.
type Choose = fn(&[RestrictedSleeper], Region) -> Option<usize>;

/// One that may run the job on top of its wait.
fn one_of_region(sleepers: &[RestrictedSleeper], region: Region) -> Option<usize> {
    sleepers.iter().position(|sleeper| sleeper.region == region)
}

/// One that may, or else one that hands its place over to a thread that may.
fn anyone_fit(sleepers: &[RestrictedSleeper], region: Region) -> Option<usize> {
    one_of_region(sleepers, region).or_else(|| sleepers.iter().position(|sleeper| sleeper.sitter == Sitter::InJob))
}

/// Why a thread that waits restricted has got up.
#[must_use = "a wake-up by a publisher is work that others do not look for"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakeUp {
    /// Its latch, its mail, or nothing.
    OfItsOwn,
    /// There was work to be looked for.
    ByPublisher,
}

/// Whether an idle worker is counted among the searchers.
#[must_use = "a worker counted as searching must end its search or register as sleeping"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchPermit {
    /// It is, and publishers rely on it.
    Searching,
    /// As many search as should: it only looks round once more on its way to sleep.
    Standby,
}
