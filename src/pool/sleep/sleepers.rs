//! Falling asleep and waking up: which threads search, which sleep, and which one to wake.

use super::counters::{Counters, Snapshot};
use super::long_searches::LongSearches;
use super::slots::{
    GaveUp, IdleThread, Occupancy, RestrictedSleeper, Restriction, SearchPermit, SlotState, WakeOutcome, Wants,
};
use crate::job::Region;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::parker::Parker;
use crossbeam_utils::CachePadded;
use std::mem;
use std::sync::Arc;

/// The sleep state of one pool.
///
/// 1. A thread is counted as searching from [`Sleep::begin_search`] (if that grants the permit), from its wake-up, or
///    from when a slot is granted to it while it had nothing begun. It is counted until [`Sleep::end_search`] or
///    [`Sleep::register`].
/// 2. A slot is counted as sleeping exactly while its index is in the list of sleepers or it is the cached one. The
///    list and the count change together under the lock, the cached slot and the count in one step of the counters.
/// 3. When a slot is taken off the list for its idle thread, by that thread or by a waker, the thread is counted as
///    searching in the same step. The same holds when the cached slot is taken for it.
/// 4. A slot has at most one holder. It changes under the lock: the old holder released the lock, or the cached slot by
///    [`Counters::leave_cached`], before the new holder acquired it. So the new holder sees everything that the old one
///    did.
/// 5. The cached slot's occupancy is `Held`. Its last holder made it cached. A thread that takes it without being an
///    external caller holds the lock, and changes the occupancy before releasing it.
/// 6. `returning` counts the entries of all slots' lists of returning threads.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// How many threads search, how many slots sleep, how many threads wait in jobs, and which slot is cached.
    /// Publishers read it after each publication. It changes only when a worker runs out of work or finds some, and
    /// when an external caller comes or goes.
    pub(super) counters: CachePadded<Counters>,
    /// True while one sleeper is the sentinel: it looks for forks by itself now and then, so publishers of forks need
    /// not wake it.
    pub(super) has_sentinel: AtomicBool,
    /// True if forks were published since the sentinel looked last.
    pub(super) activity: AtomicBool,
    /// The number of threads that wait for their slots.
    pub(super) returning: AtomicUsize,
    /// The number of standby threads that have been dismissed and are not back in the depot yet.
    pub(super) dismissed: AtomicUsize,
    pub(super) sleepers: Mutex<Sleepers>,
    /// Where each slot's own thread parks.
    pub(super) parkers: Box<[Arc<Parker>]>,
    pub(super) long_searches: LongSearches,
}

#[derive(Debug)]
pub(super) struct Sleepers {
    /// The sleeping slots. The last to fall asleep is the first to be woken, because its thread's caches are the
    /// warmest.
    pub(super) list: Vec<usize>,
    pub(super) slots: Box<[SlotState]>,
    pub(super) restricted: Vec<RestrictedSleeper>,
}

/// The threads to notify when the lock has been released.
#[must_use = "a thread that is granted its slot sleeps until it is notified"]
pub(super) struct Notices {
    pub(super) granted: Option<Arc<Parker>>,
    pub(super) dismissed: Option<Arc<Parker>>,
}

impl Notices {
    pub(super) fn send(self) {
        if let Some(granted) = &self.granted {
            granted.notify();
        }
        self.send_to_dismissed();
    }

    /// For a thread that has just been granted its slot by its own call, and needs no notice.
    pub(super) fn send_to_dismissed(self) {
        if let Some(dismissed) = self.dismissed {
            dismissed.notify();
        }
    }
}

impl Sleep {
    /// For a pool of `slots` slots; the own threads of `coming` of them have yet to start.
    pub(crate) fn new(slots: usize, coming: usize) -> Self {
        let sleepers = Sleepers {
            list: Vec::with_capacity(slots),
            slots: (0..slots).map(|_| SlotState::new()).collect(),
            restricted: Vec::new(),
        };
        Sleep {
            counters: CachePadded::new(Counters::new(coming)),
            has_sentinel: AtomicBool::new(false),
            activity: AtomicBool::new(false),
            returning: AtomicUsize::new(0),
            dismissed: AtomicUsize::new(0),
            sleepers: Mutex::new(sleepers),
            parkers: (0..slots).map(|_| Arc::new(Parker::new())).collect(),
            long_searches: LongSearches::default(),
        }
    }

    /// A slot's own thread has started, or will never start.
    pub(crate) fn came(&self) {
        self.counters.came();
    }

    pub(crate) fn parker(&self, index: usize) -> &Arc<Parker> {
        &self.parkers[index]
    }

    /// The number of threads that have nothing to do: workers that search or sleep, threads that wait restricted, and
    /// threads that have yet to start. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() + now.sleeping() + self.counters.restricted() + self.counters.coming()
    }

    /// True if a thread is at work. A snapshot.
    pub(crate) fn has_threads_at_work(&self) -> bool {
        self.idle() < self.parkers.len()
    }

    /// True if no more of the pool's threads are awake than may be while one of them searches for long outside of a phase. A
    /// snapshot.
    pub(crate) fn spares_processors(&self) -> bool {
        let now = self.counters.load(Ordering::Relaxed);
        let asleep = now.sleeping() + self.counters.restricted() + self.counters.coming();
        let awake = self.parkers.len().saturating_sub(asleep);
        self.long_searches.are_useful() && awake <= self.long_searches.max_awake()
    }

    /// True if a thread may search for as long as in a phase.
    pub(crate) fn is_in_phase(&self) -> bool {
        self.long_searches.is_in_phase() && self.long_searches.are_useful()
    }

    /// Begins a phase, and wakes as many threads as may search in it.
    pub(crate) fn begin_phase(&self) {
        self.long_searches.begin_phase();
        let most = self.long_searches.max_searching(self.parkers.len());
        loop {
            let mut sleepers = self.sleepers.lock();
            if self.counters.load(Ordering::Relaxed).searching() >= most {
                return;
            }
            let Some(parker) = self.take_sleeper(&mut sleepers) else { return };
            drop(sleepers);
            parker.notify();
        }
    }

    pub(crate) fn end_phase(&self) {
        self.long_searches.end_phase();
    }

    /// True if a running loop can rely on a steal request within about 0.5 ms: a thread searches, one is the sentinel, or
    /// none is idle yet. For a loop that begins without being offered.
    #[inline(always)]
    pub(crate) fn expects_requests(&self) -> bool {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() > 0
            || self.has_sentinel.load(Ordering::Relaxed)
            || now.sleeping() == 0 && self.counters.restricted() == 0
    }

    /// True if a thread searches: it takes public jobs at once. A snapshot.
    #[inline]
    pub(crate) fn has_searchers(&self) -> bool {
        self.counters.load(Ordering::Relaxed).searching() > 0
    }

    /// Tells the sentinel, if there is one, that forks are still published now and then.
    #[inline]
    pub(crate) fn note_activity(&self) {
        if !self.activity.load(Ordering::Relaxed) {
            self.activity.store(true, Ordering::Relaxed);
        }
    }

    /// The caller has made jobs of `region` visible in a public queue. Makes sure that a thread looks for them.
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

    /// Wakes all threads that wait restricted, for a job of an isolated region. A searcher, or a sleeper that is woken,
    /// may find another job first, and block in it on a lock that the isolated call holds. This cannot choose by the
    /// job's region: another thread may have run the job already, and the regions around it may be gone.
    #[cold]
    fn wake_restricted(&self) {
        let mut sleepers = self.sleepers.lock();
        for sleeper in mem::take(&mut sleepers.restricted) {
            sleeper.parker.notify();
        }
    }

    /// As [`Sleep::work_published`], for forks. Their worker comes back for them, so it is enough that there is a
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
            // The worker comes back for its fork, which is not worth a hand-over of a slot.
            self.wake_one(region, one_of_region);
        }
    }

    /// Wakes the worker that fell asleep last, and counts it as searching. If none sleeps, wakes a thread that waits
    /// restricted and that `choose` finds fit for the job.
    #[cold]
    fn wake_one(&self, region: Region, choose: Choose) {
        let sleepers = self.sleepers.lock();
        // Another publisher may have woken a thread since the caller looked. That thread sees what the caller
        // published.
        if self.counters.load(Ordering::Relaxed).searching() > 0 {
            return;
        }
        self.wake_from(sleepers, region, choose);
    }

    /// Wakes a sleeper; if there is none, the restricted one that `choose` selects for a job of the region.
    fn wake_from(&self, mut sleepers: Guard<'_, Sleepers>, region: Region, choose: Choose) {
        if let Some(parker) = self.take_sleeper(&mut sleepers) {
            drop(sleepers);
            parker.notify();
        } else if let Some(place) = choose(&sleepers.restricted, region) {
            let sleeper = sleepers.restricted.swap_remove(place);
            drop(sleepers);
            sleeper.parker.notify();
        }
    }

    /// Counts a worker that has run out of work as searching. The permit is refused when enough threads search already:
    /// then the worker goes to sleep by [`Sleep::register`], after which it looks at every queue once more.
    pub(crate) fn begin_search(&self) -> SearchPermit {
        self.counters.try_begin_search(self.long_searches.max_searching(self.parkers.len()))
    }

    /// A searcher goes back to work, or returns to its caller.
    ///
    /// While the thread was counted as searching, publishers relied on it and woke no other. So if it was the last
    /// searcher, it asks `more_work` (how many queues have something in them, up to 2) and wakes as many threads. Each
    /// of those does the same in turn: a tree of wake-ups, not a chain.
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

    /// Wakes a sleeper though others may search, or else a thread that can hand its slot over: for the tree of
    /// wake-ups, which wakes two at once.
    #[cold]
    pub(crate) fn wake_another(&self) {
        self.wake_from(self.sleepers.lock(), Region::NONE, anyone_fit);
    }

    /// Takes off the list the slot that fell asleep last, or else the cached slot, and counts its idle thread as
    /// searching. Returns that thread's parker.
    fn take_sleeper(&self, sleepers: &mut Sleepers) -> Option<Arc<Parker>> {
        let index = match sleepers.list.pop() {
            Some(index) => {
                self.counters.woken();
                index
            }
            None => {
                let index = self.counters.wake_cached(|_| true)?;
                sleepers.slots[index].occupancy = Occupancy::Free;
                index
            }
        };
        Some(Arc::clone(self.idle_parker(index, &sleepers.slots[index])))
    }

    fn idle_parker<'a>(&'a self, index: usize, slot: &'a SlotState) -> &'a Arc<Parker> {
        match &slot.standby {
            Some(standby) if slot.standby_dozes() || !slot.own_is_idle => standby,
            _ => &self.parkers[index],
        }
    }

    /// The idle thread of a slot is about to sleep. After this returns it must look at every public queue once more.
    pub(crate) fn register(&self, index: usize, thread: IdleThread<'_>, permit: SearchPermit) {
        let mut sleepers = self.sleepers.lock();
        sleepers.list.push(index);
        let slot = &mut sleepers.slots[index];
        slot.occupancy = Occupancy::Dozing;
        slot.set_idle(thread);
        self.counters.fell_asleep(permit);
        drop(sleepers);
        // Between the change of the counters and the last look at the queues: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// The idle thread of a slot, which is registered, lets other threads have the slot while it sleeps.
    pub(crate) fn free_slot(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        slot.occupancy = Occupancy::Free;
        if slot.returning.is_empty() {
            return;
        }
        // If the thread was woken meanwhile it has work to look for. It gives way before its next job.
        if remove(list, index) {
            self.counters.went_away();
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
        }
    }

    /// An idle thread, which was registered or has given way, wakes up for whatever reason. If it gets the slot it is
    /// counted as searching from here on. If it does not and `wants` the slot, it is queued for it.
    pub(crate) fn wake_up_at(&self, index: usize, thread: IdleThread<'_>, wants: Wants) -> WakeOutcome {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        if !slot.is_idle(thread) {
            let is_granted = match thread {
                IdleThread::Own => true,
                IdleThread::Standby(_) => mem::take(&mut slot.standby_has_it),
            };
            return if is_granted { WakeOutcome::Up } else { WakeOutcome::Dismissed };
        }
        if slot.is_used_by_another(thread) {
            if wants == Wants::Slot {
                self.queue_idle(slot, index, thread);
            }
            let was_cached =
                slot.occupancy == Occupancy::Held && self.counters.wake_cached(|cached| cached == index).is_some();
            if !was_cached {
                return WakeOutcome::Away;
            }
        } else if slot.occupancy == Occupancy::Resting {
            if wants == Wants::Nothing {
                return WakeOutcome::Away;
            }
            self.counters.granted();
        } else if remove(list, index) {
            // Else a waker took the index off the list, and has counted this thread as searching already.
            self.counters.woken();
        }
        slot.take_as(thread);
        self.unqueue_idle(slot, thread.as_queued());
        if matches!(thread, IdleThread::Own) {
            let dismissed = self.dismiss(slot);
            drop(sleepers);
            Notices { granted: None, dismissed }.send();
        }
        WakeOutcome::Up
    }

    /// Leases the cached slot to an external caller, or else the one that has slept for longest, and returns its index.
    /// The caller holds the slot until it gives it back.
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
        let place = list.iter().position(|&index| slots[index].occupancy == Occupancy::Free)?;
        let index = list.remove(place);
        slots[index].occupancy = Occupancy::Held;
        self.counters.went_away();
        Some(index)
    }

    /// An external caller has ended, with no job of its own left, and gives its slot back.
    #[inline]
    pub(crate) fn give_back(&self, index: usize) -> GaveUp {
        let Some(before) = self.counters.leave_cached(index) else {
            return self.release(index);
        };
        if self.returning.load(Ordering::Relaxed) != 0 {
            self.grant_cached(index);
        }
        self.must_look(before)
    }

    /// Tells if the thread that has just given a slot up must look at every public queue.
    #[inline]
    pub(super) fn must_look(&self, before: Snapshot) -> GaveUp {
        // Publishers could rely on threads that slept or searched.
        let must_look = before.searching() == 0 && before.sleeping() == 0;
        if must_look {
            // Between the change of the counters and the look at the queues: pairs with `work_published`.
            fence(Ordering::SeqCst);
        }
        if must_look { GaveUp::MustLook } else { GaveUp::ToAnother }
    }

    /// A thread begins to wait restricted: besides its latch it waits only for work of its region.
    pub(crate) fn restricted_waits(&self, kind: Restriction) {
        self.counters.restricted_waits(kind);
    }

    /// The thread no longer waits restricted.
    pub(crate) fn restricted_goes_on(&self, kind: Restriction) {
        self.counters.restricted_goes_on(kind);
    }

    /// A thread that waits restricted is about to sleep. After this returns it must look for work of its region once
    /// more before it parks.
    pub(crate) fn register_restricted(&self, sleeper: RestrictedSleeper) {
        let mut sleepers = self.sleepers.lock();
        sleepers.restricted.push(sleeper);
        drop(sleepers);
        // Between getting on the list and the last look: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// A thread that waits restricted wakes up, for whatever reason. If a publisher has woken it, the publisher relies
    /// on it: the thread must look for that work, or pass the wake-up on.
    pub(crate) fn restricted_wakes_up(&self, parker: &Arc<Parker>) -> WakeUp {
        let restricted = &mut self.sleepers.lock().restricted;
        let place = restricted.iter().position(|sleeper| Arc::ptr_eq(&sleeper.parker, parker));
        match place {
            Some(place) => {
                restricted.swap_remove(place);
                WakeUp::OfItsOwn
            }
            None => WakeUp::ByPublisher,
        }
    }

    /// A thread that a publisher has woken does something else: wakes as many threads as there is work for, as told by
    /// `more_work`.
    pub(crate) fn pass_on(&self, more_work: impl FnOnce() -> usize) {
        // Between the publication, which may have relied on the caller, and the look at the queues: pairs with
        // `work_published`, as the fence of `end_search` does.
        fence(Ordering::SeqCst);
        for _ in 0..more_work() {
            self.wake_another();
        }
    }

    /// Makes the calling sleeper the sentinel, unless there is one. Returns true if it is the sentinel now.
    pub(crate) fn begin_sentinel(&self) -> bool {
        !self.has_sentinel.swap(true, Ordering::Relaxed)
    }

    /// The sentinel stops being it. Afterwards it must look at every public queue once more.
    pub(crate) fn end_sentinel(&self) {
        self.has_sentinel.store(false, Ordering::Relaxed);
        // Between the change and the last look: pairs with `forks_published`.
        fence(Ordering::SeqCst);
    }

    /// True if forks were published since the last call.
    pub(crate) fn take_activity(&self) -> bool {
        self.activity.load(Ordering::Relaxed) && self.activity.swap(false, Ordering::Relaxed)
    }

    /// Notifies the idle threads of a slot, asleep or not: there is mail, or the pool ends.
    pub(crate) fn notify(&self, index: usize) {
        self.parkers[index].notify();
        let standby = self.sleepers.lock().slots[index].standby.clone();
        if let Some(standby) = standby {
            standby.notify();
        }
    }
}

/// Chooses one of the restricted threads for a job of a region.
type Choose = fn(&[RestrictedSleeper], Region) -> Option<usize>;

/// A thread that may run the job on top of its wait.
fn one_of_region(sleepers: &[RestrictedSleeper], region: Region) -> Option<usize> {
    sleepers.iter().position(|sleeper| sleeper.region == region)
}

/// A thread that may run the job, or else one that hands its slot over to a thread that may.
fn anyone_fit(sleepers: &[RestrictedSleeper], region: Region) -> Option<usize> {
    one_of_region(sleepers, region).or_else(|| sleepers.iter().position(|sleeper| sleeper.kind == Restriction::InJob))
}

/// Why a thread that waits restricted has woken up.
#[must_use = "a wake-up by a publisher is work that others do not look for"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakeUp {
    /// Its latch has opened, it has mail, or the wake-up was spurious.
    OfItsOwn,
    /// A publisher has woken it for work.
    ByPublisher,
}

/// Takes an index off the list; returns true if it was there.
pub(super) fn remove(list: &mut Vec<usize>, index: usize) -> bool {
    let place = list.iter().rposition(|&sleeper| sleeper == index);
    place.map(|place| list.remove(place)).is_some()
}
