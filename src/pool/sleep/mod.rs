//! Who searches for work, who sleeps, whom to wake, and who has which slot. The protocol and its argument are in `README.md`.

mod counters;
mod slots;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use self::counters::MAX_WORKERS;
use self::counters::{Counters, Snapshot};
pub(crate) use self::slots::{IdleThread, RestrictedSleeper, Restriction, ReturnState, Returner, WakeOutcome};
use self::slots::{Occupancy, Queued, Returning, SlotState};
use crate::job::Region;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::parker::Parker;
use crossbeam_utils::CachePadded;
use std::mem;
use std::sync::Arc;

/// The sleep state of one pool.
///
/// 1. A thread is counted as searching from [`Sleep::begin_search`] (if that says yes), from its wake-up, or from when a slot
///    is granted to it that had nothing begun, until [`Sleep::end_search`] or [`Sleep::register`].
/// 2. A slot is counted as sleeping exactly while its index is in the list of sleepers or it is the cached one. The list and
///    the count change together under the lock, the cached slot and the count in one step of the counters.
/// 3. When a slot is taken off the list for its idle thread, by that thread or by another that wakes it, the thread is
///    counted as searching in the same step; so it is when the cached slot is taken for it.
/// 4. A slot has at most one holder. It changes under the lock: the thread before released the lock, or the cached slot by
///    [`Counters::leave_cached`], and the thread after acquired it. So what one did is visible to the next.
/// 5. The cached slot's occupancy is `Held`. Its last holder made it cached; a thread that takes it without being an external
///    caller holds the lock, and changes the occupancy before releasing it.
/// 6. `returning` counts the entries of all slots' lists of returning threads.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// How many search and how many sleep, and which slot is cached. Publishers read it after each publication; it changes
    /// only when a worker runs out of work or finds some, and when an external caller comes or goes.
    counters: CachePadded<Counters>,
    /// Whether a sleeper looks for forks by itself now and then, so that those who publish some need not wake it.
    has_sentinel: AtomicBool,
    /// Whether forks were published since the sentinel looked last.
    activity: AtomicBool,
    /// How many threads wait for their slots.
    returning: AtomicUsize,
    /// How many standby threads have been dismissed and have not come home yet.
    dismissed: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    /// Where each slot's own thread parks.
    parkers: Box<[Arc<Parker>]>,
    /// How many may search at once: half of the pool, and at least one.
    max_searching: usize,
}

#[derive(Debug)]
struct Sleepers {
    /// Which slots sleep. The last to fall asleep is the first to be woken: its thread's caches are the warmest.
    list: Vec<usize>,
    slots: Box<[SlotState]>,
    restricted: Vec<RestrictedSleeper>,
}

impl Sleep {
    /// For a pool of so many slots, of which `coming` have a thread that is yet to start.
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
            max_searching: (slots / 2).max(1),
        }
    }

    /// A slot's own thread has started, or never will.
    pub(crate) fn came(&self) {
        self.counters.came();
    }

    /// Where a slot's own thread parks.
    pub(crate) fn parker(&self, index: usize) -> &Arc<Parker> {
        &self.parkers[index]
    }

    /// How many have nothing to do: workers that search or sleep, those that wait restricted, and those that are yet to start.
    /// A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        let now = self.counters.load(Ordering::Relaxed);
        now.searching() + now.sleeping() + self.counters.restricted() + self.counters.coming()
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
        for sleeper in mem::take(&mut sleepers.restricted) {
            sleeper.parker.notify();
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
        if let Some(parker) = self.take_sleeper(&mut sleepers) {
            drop(sleepers);
            parker.notify();
        } else if let Some(place) = choose(&sleepers.restricted, region) {
            let sleeper = sleepers.restricted.swap_remove(place);
            drop(sleepers);
            sleeper.parker.notify();
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

    /// The idle thread of the slot that fell asleep last, counted as searching from here on; at the very last that of the
    /// cached slot.
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
            Some(standby) if !slot.own_is_idle || slot.standby_dozes() => standby,
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

    /// The idle thread of a slot, which is registered, lets others have the slot while it sleeps.
    pub(crate) fn free_slot(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        slot.occupancy = Occupancy::Free;
        if slot.returning.is_empty() {
            return;
        }
        // If it was woken meanwhile it has work to look for; then it gives way before its next job.
        if remove(list, index) {
            self.counters.went_away();
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
        }
    }

    /// An idle thread, which was registered or has given way, wakes up for whatever reason. If it has the slot it is counted
    /// as searching from here on. One that is away and `wants` the slot is granted it when it is given up.
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
        match slot.occupancy {
            // The standby thread frees it soon, for this thread, which is queued (`Sleep::settle`).
            Occupancy::Dozing if matches!(thread, IdleThread::Own) && slot.standby_dozes() => {
                return WakeOutcome::Away;
            }
            Occupancy::Dozing | Occupancy::Free => {
                // If another thread took the index off the list, that one has counted this thread as searching already.
                if remove(list, index) {
                    self.counters.woken();
                }
            }
            Occupancy::Resting if wants == Wants::Slot => self.counters.granted(),
            Occupancy::Held => {
                if wants == Wants::Slot {
                    self.queue_idle(slot, index, thread);
                }
                if self.counters.wake_cached(|cached| cached == index).is_none() {
                    return WakeOutcome::Away;
                }
            }
            Occupancy::Resting => return WakeOutcome::Away,
        }
        slot.take_as(thread);
        // The slot's own thread stays queued when the standby thread takes the slot.
        if slot.queued == Some(thread.as_queued()) {
            self.unqueue_idle(slot);
        }
        if matches!(thread, IdleThread::Own) {
            let dismissed = self.dismiss(slot);
            drop(sleepers);
            Notices { granted: None, dismissed }.send();
        }
        WakeOutcome::Up
    }

    /// An idle thread is granted the slot when it is given up next, after those that came before.
    fn queue_idle(&self, slot: &mut SlotState, index: usize, thread: IdleThread<'_>) {
        let queued = thread.as_queued();
        let parker = match thread {
            IdleThread::Own => &self.parkers[index],
            IdleThread::Standby(parker) => parker,
        };
        if slot.queued != Some(queued) {
            self.unqueue_idle(slot);
            slot.queued = Some(queued);
            self.queue(slot, Returning { parker: Arc::clone(parker), kind: Returner::Idle });
        }
    }

    fn unqueue_idle(&self, slot: &mut SlotState) {
        if slot.queued.take().is_some() {
            slot.returning.retain(|returning| returning.kind != Returner::Idle);
            self.returning.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn queue(&self, slot: &mut SlotState, returning: Returning) {
        slot.returning.push_back(returning);
        self.returning.fetch_add(1, Ordering::Relaxed);
    }

    /// Leases the cached slot to an external caller, or else the one that has slept for longest, and returns its index. The
    /// caller holds it until it gives it back.
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

    /// An external caller has ended, with no work of its own left, and gives its slot back. If the answer is yes, the caller
    /// must look at every public queue: nobody was idle, so publishers relied on nobody.
    #[inline]
    #[must_use]
    pub(crate) fn give_back(&self, index: usize) -> bool {
        let Some(before) = self.counters.leave_cached(index) else {
            return self.release(index);
        };
        if self.returning.load(Ordering::Relaxed) != 0 {
            self.grant_cached(index);
        }
        self.must_look(before)
    }

    /// An external caller gives its slot up: it has ended, or waits. The answer is as of [`Sleep::give_back`].
    #[cold]
    #[must_use]
    pub(crate) fn release(&self, index: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        if !slot.returning.is_empty() {
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
            return false;
        }
        if slot.is_attended() {
            slot.occupancy = Occupancy::Free;
            list.insert(0, index);
            let before = self.counters.came_back();
            drop(sleepers);
            return self.must_look(before);
        }
        // Its holder before is parked in a wait, or goes on without a slot; it will take this one.
        slot.occupancy = if slot.resting > 0 { Occupancy::Resting } else { Occupancy::Free };
        false
    }

    /// Whether the thread that has just given a slot up must look at every public queue.
    #[inline]
    fn must_look(&self, before: Snapshot) -> bool {
        // If others slept, or searched, publishers could rely on those meanwhile.
        let must_look = before.searching() == 0 && before.sleeping() == 0;
        if must_look {
            // Between the change of the counters and the look at the queues: pairs with `work_published`.
            fence(Ordering::SeqCst);
        }
        must_look
    }

    /// Hands the cached slot to a thread that wants it back.
    #[cold]
    fn grant_cached(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        if !slot.returning.is_empty() && self.counters.return_to_cached(index) {
            let notices = self.grant(slot, index);
            drop(sleepers);
            notices.send();
        }
    }

    /// Makes the first of the returning threads the holder of the slot.
    fn grant(&self, slot: &mut SlotState, index: usize) -> Notices {
        let returning = slot.returning.pop_front().expect("the caller has looked");
        self.returning.fetch_sub(1, Ordering::Relaxed);
        let mut notices = Notices { granted: Some(returning.parker), dismissed: None };
        slot.occupancy = Occupancy::Held;
        match returning.kind {
            Returner::Idle => {
                self.counters.granted();
                if slot.queued.take() == Some(Queued::Own) {
                    slot.own_is_idle = false;
                    notices.dismissed = self.dismiss(slot);
                } else {
                    slot.standby = None;
                    slot.standby_has_it = true;
                }
            }
            Returner::InJob => {
                notices.dismissed = self.dismiss(slot);
                if slot.own_is_idle {
                    // A standby thread that has ended its job gives the slot to its own thread.
                    self.queue_idle(slot, index, IdleThread::Own);
                }
            }
            Returner::External => {}
        }
        notices
    }

    /// The standby thread that waits for work here is not needed any more.
    fn dismiss(&self, slot: &mut SlotState) -> Option<Arc<Parker>> {
        let standby = slot.standby.take();
        if standby.is_some() {
            if slot.queued == Some(Queued::Standby) {
                self.unqueue_idle(slot);
            }
            self.dismissed.fetch_add(1, Ordering::Relaxed);
        }
        standby
    }

    /// A standby thread has ended a job without a slot, and is not needed any more.
    pub(crate) fn standby_leaves(&self) {
        self.dismissed.fetch_add(1, Ordering::Relaxed);
    }

    /// A standby thread that was dismissed can be sent out again.
    pub(crate) fn dismissed_came_home(&self) {
        self.dismissed.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a standby thread is on its way home, which takes it some microseconds.
    pub(crate) fn is_standby_on_its_way(&self) -> bool {
        self.dismissed.load(Ordering::Relaxed) != 0
    }

    /// Whether a thread waits for its slot. A hint, for threads that are between two jobs.
    #[inline]
    pub(crate) fn has_returning(&self) -> bool {
        self.returning.load(Ordering::Relaxed) != 0
    }

    /// A thread that holds the slot, with nothing begun, gives it to one that wants it back, if there is one. A standby
    /// thread is not needed any more if that one is in a job; else the thread is idle, and away.
    pub(crate) fn give_way(&self, index: usize, thread: IdleThread<'_>) -> GaveWay {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        if slot.returning.is_empty() {
            return GaveWay::ToNone;
        }
        slot.set_idle(thread);
        let notices = self.grant(slot, index);
        let gave_way = if slot.is_idle(thread) { GaveWay::Away } else { GaveWay::Dismissed };
        drop(sleepers);
        notices.send();
        gave_way
    }

    /// The slot's own thread has ended a job without a slot, and has nothing begun. It takes the slot if no thread is at work
    /// there; else it is idle, and away.
    pub(crate) fn settle(&self, index: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        let has_slot = match slot.occupancy {
            // A standby thread that was woken has work to look for. It gives way before its next job.
            Occupancy::Free if slot.is_attended() => {
                let is_asleep = remove(list, index);
                if is_asleep {
                    self.counters.went_away();
                }
                is_asleep
            }
            Occupancy::Free | Occupancy::Resting => true,
            Occupancy::Held | Occupancy::Dozing => false,
        };
        if !has_slot {
            slot.own_is_idle = true;
            self.queue_idle(slot, index, IdleThread::Own);
            return false;
        }
        slot.occupancy = Occupancy::Held;
        let dismissed = self.dismiss(slot);
        drop(sleepers);
        Notices { granted: None, dismissed }.send();
        true
    }

    /// A thread in a job parks, and keeps its slot, unless another wants it back.
    pub(crate) fn rest(&self, index: usize) {
        let mut sleepers = self.sleepers.lock();
        let slot = &mut sleepers.slots[index];
        slot.resting += 1;
        if slot.returning.is_empty() {
            slot.occupancy = Occupancy::Resting;
            return;
        }
        let notices = self.grant(slot, index);
        drop(sleepers);
        notices.send();
    }

    /// A thread that rested goes on. Says whether it has its slot still.
    #[must_use]
    pub(crate) fn stop_resting(&self, index: usize) -> bool {
        let slot = &mut self.sleepers.lock().slots[index];
        slot.resting -= 1;
        let has_slot = slot.occupancy == Occupancy::Resting;
        if has_slot {
            slot.occupancy = Occupancy::Held;
        }
        has_slot
    }

    /// A thread that has given its slot up wants it back. If it is not granted at once the thread is queued, and notified at
    /// `parker` when it is.
    pub(crate) fn return_to(&self, index: usize, parker: &Arc<Parker>, kind: Returner) -> ReturnState {
        let mut sleepers = self.sleepers.lock();
        let Sleepers { list, slots, .. } = &mut *sleepers;
        let slot = &mut slots[index];
        let is_free = match slot.occupancy {
            // An idle thread that was woken has work to look for. It gives way before its next job.
            Occupancy::Free if slot.is_attended() => {
                let is_asleep = remove(list, index);
                if is_asleep {
                    self.counters.went_away();
                }
                is_asleep
            }
            Occupancy::Free | Occupancy::Resting => true,
            Occupancy::Held | Occupancy::Dozing => false,
        };
        // It is on the list before it looks for the cached slot: the thread that leaves that later sees it.
        self.queue(slot, Returning { parker: Arc::clone(parker), kind });
        let is_granted = is_free || slot.occupancy == Occupancy::Held && self.counters.return_to_cached(index);
        if !is_granted {
            return ReturnState::Waiting;
        }
        // Before those who came earlier: they wait for the holder, and this thread has found none.
        let last = slot.returning.pop_back().expect("pushed just now");
        slot.returning.push_front(last);
        let notices = self.grant(slot, index);
        drop(sleepers);
        notices.send_to_dismissed();
        ReturnState::Granted
    }

    /// What has become of the wish of the thread that parks at `parker`.
    pub(crate) fn return_state(&self, index: usize, parker: &Arc<Parker>) -> ReturnState {
        match self.place_among_returning(&self.sleepers.lock(), index, parker) {
            Some(_) => ReturnState::Waiting,
            None => ReturnState::Granted,
        }
    }

    /// The thread waits no longer, unless it has been granted its slot.
    pub(crate) fn stop_waiting(&self, index: usize, parker: &Arc<Parker>) -> ReturnState {
        let mut sleepers = self.sleepers.lock();
        let Some(place) = self.place_among_returning(&sleepers, index, parker) else {
            return ReturnState::Granted;
        };
        sleepers.slots[index].returning.remove(place);
        self.returning.fetch_sub(1, Ordering::Relaxed);
        ReturnState::Waiting
    }

    fn place_among_returning(&self, sleepers: &Sleepers, index: usize, parker: &Arc<Parker>) -> Option<usize> {
        let is_it = |returning: &Returning| Arc::ptr_eq(&returning.parker, parker) && returning.kind != Returner::Idle;
        sleepers.slots[index].returning.iter().position(is_it)
    }

    /// A thread has nothing to do but wait, for work of its region among other things.
    pub(crate) fn restricted_waits(&self, kind: Restriction) {
        self.counters.restricted_waits(kind);
    }

    /// It goes on.
    pub(crate) fn restricted_goes_on(&self, kind: Restriction) {
        self.counters.restricted_goes_on(kind);
    }

    /// One that waits restricted is about to sleep. After this returns it must look for work of its region once more before it
    /// parks.
    pub(crate) fn register_restricted(&self, sleeper: RestrictedSleeper) {
        let mut sleepers = self.sleepers.lock();
        sleepers.restricted.push(sleeper);
        drop(sleepers);
        // Between getting on the list and the last look: pairs with `work_published`.
        fence(Ordering::SeqCst);
    }

    /// One that waits restricted wakes up, for whatever reason. The answer is whether a publisher has woken it, which
    /// then relies on it: it must look for that work, or pass the wake-up on.
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

    /// Makes the idle threads of a slot look up, asleep or not: there is mail, or the pool ends.
    pub(crate) fn notify(&self, index: usize) {
        self.parkers[index].notify();
        let standby = self.sleepers.lock().slots[index].standby.clone();
        if let Some(standby) = standby {
            standby.notify();
        }
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
    one_of_region(sleepers, region).or_else(|| sleepers.iter().position(|sleeper| sleeper.kind == Restriction::InJob))
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

/// Whether an idle worker may search.
#[must_use = "a worker counted as searching must end its search or register as sleeping"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchPermit {
    /// It is counted as searching, and publishers rely on it.
    Granted,
    /// As many search as should: it only looks round once more on its way to sleep.
    Refused,
}

/// Whether a thread has given way, and what it is now.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveWay {
    /// There is no thread that wants the slot back.
    ToNone,
    /// Another thread has the slot, and this one waits for it.
    Away,
    /// Another thread that belongs there has the slot: this standby thread is not needed any more.
    Dismissed,
}

/// Whether an idle thread that is away wants its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// It has mail, or its pool has ended.
    Slot,
    /// It waits until there is work.
    Nothing,
}

/// Whom to notify when the lock has been released.
#[must_use = "a thread that is granted its slot sleeps until it is notified"]
struct Notices {
    granted: Option<Arc<Parker>>,
    dismissed: Option<Arc<Parker>>,
}

impl Notices {
    fn send(self) {
        if let Some(granted) = &self.granted {
            granted.notify();
        }
        self.send_to_dismissed();
    }

    /// For a thread that has granted itself its slot.
    fn send_to_dismissed(self) {
        if let Some(dismissed) = self.dismissed {
            dismissed.notify();
        }
    }
}

/// Takes an index off the list, if it is there.
fn remove(list: &mut Vec<usize>, index: usize) -> bool {
    let place = list.iter().rposition(|&sleeper| sleeper == index);
    place.map(|place| list.remove(place)).is_some()
}
