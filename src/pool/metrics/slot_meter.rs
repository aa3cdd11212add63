//! `SlotMeter`: the counts and times that a slot keeps while the pool runs.

use crate::sync::owned_count::OwnedCount;
use crate::sync::ticks::Ticks;
use crossbeam_utils::CachePadded;

/// The numbers of one slot.
///
/// 1. Only the slot's holder changes `held`. Each holder acquires what the last one did (`Slot`, invariant 1), so no change
///    is lost though none is a read-modify-write.
/// 2. A thread that goes on without the slot (`Tenure::None`) counts in `beside`, by read-modify-writes: another thread may
///    hold the slot, and several may be without it. Its time is not measured.
/// 3. One of the `times` runs, that of the `activity`.
#[derive(Debug)]
pub(in crate::pool) struct SlotMeter {
    held: CachePadded<OfHolder>,
    beside: CachePadded<Tallies>,
}

#[derive(Debug)]
struct OfHolder {
    tallies: Tallies,
    times: [Stopwatch; 3],
    /// An [`Activity`] and a [`Holder`], added up.
    activity: OwnedCount,
}

/// How often each [`Tallied`] has happened.
#[derive(Debug)]
struct Tallies([OwnedCount; Tallied::ALL]);

/// A thing that happens at a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tallied {
    JobBegun,
    ForkPublished,
    Stolen,
    EmptyLook,
    Parked,
    WokenUp,
}

impl Tallied {
    const ALL: usize = 6;
}

/// What the holder of a slot does. A slot without one counts as asleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    Asleep,
    Searching,
    Busy,
}

/// Whether the holder of a slot is a thread of the pool, or there is none; or is an external caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    OfPool = 0,
    External = EXTERNAL as isize,
}

/// Greater than each [`Activity`].
const EXTERNAL: u64 = 4;

impl SlotMeter {
    /// For a slot that no thread has begun to use.
    pub(in crate::pool) fn new() -> Self {
        let tallies = || Tallies([const { OwnedCount::new() }; Tallied::ALL]);
        let held = OfHolder { tallies: tallies(), times: [const { Stopwatch::new() }; 3], activity: OwnedCount::new() };
        held.times[Activity::Asleep as usize].start(Ticks::now());
        SlotMeter { held: CachePadded::new(held), beside: CachePadded::new(tallies()) }
    }

    /// Only for the slot's holder.
    #[inline]
    pub(super) fn count(&self, event: Tallied, times: u64) {
        self.held.tallies.0[event as usize].add(times);
    }

    /// For a thread without the slot that has its index.
    #[cold]
    pub(super) fn count_beside(&self, event: Tallied, times: u64) {
        self.beside.0[event as usize].add_as_one_of_many(times);
    }

    /// The slot's holder turns to something else. Only for the holder.
    #[inline]
    pub(super) fn turn_to(&self, activity: Activity, by: Holder) {
        let (from, to) = (self.held.activity.get(), activity as u64 + by as u64);
        if from != to {
            self.held.activity.set(to);
            // Times do not fit into the counts of targets without atomics of 64 bits.
            if from % EXTERNAL != activity as u64 && cfg!(target_has_atomic = "64") {
                self.turn_clock((from % EXTERNAL) as usize, activity as usize);
            }
        }
    }

    /// An external caller, the new holder, has come to the slot, which is asleep. Its time does not count yet: to read the
    /// clock twice takes as long as a light call. Only for the holder.
    #[inline]
    pub(in crate::pool) fn lease(&self) {
        debug_assert_eq!(self.held.activity.get(), Activity::Asleep as u64, "the last holder has left");
        self.held.activity.set(EXTERNAL + Activity::Asleep as u64);
    }

    #[inline(never)]
    fn turn_clock(&self, from: usize, to: usize) {
        let now = Ticks::now();
        self.held.times[from].stop(now);
        self.held.times[to].start(now);
    }

    /// How often the event has happened.
    pub(super) fn counted(&self, event: Tallied) -> u64 {
        self.held.tallies.0[event as usize].get().wrapping_add(self.beside.0[event as usize].get())
    }

    /// For how many ticks the slot's holders had been at this, at a moment that the caller has just read.
    pub(super) fn time(&self, activity: Activity, now: Ticks) -> u64 {
        self.held.times[activity as usize].read(now)
    }

    /// True if the holder of the slot is at work, or is an external caller, whose light calls are not told apart.
    pub(in crate::pool) fn is_busy(&self) -> bool {
        let activity = self.held.activity.get();
        activity >= EXTERNAL || activity == Activity::Busy as u64
    }

    /// True if an external caller holds the slot.
    pub(super) fn is_held_by_external_caller(&self) -> bool {
        self.held.activity.get() >= EXTERNAL
    }
}

/// The sum of some stretches of time, in ticks, in one word: a reader sees the sum from before a change or from
/// after it, and nothing in between.
///
/// The lowest bit is 1 while the time runs. The others are the sum; while the time runs, the sum less the moment at which
/// it was started. They are a number modulo 2^63. (The counters of two processors can differ, so a sum that is next to
/// nothing may come out negative.)
#[derive(Debug)]
struct Stopwatch(OwnedCount);

impl Stopwatch {
    const fn new() -> Self {
        Stopwatch(OwnedCount::new())
    }

    /// Starts a stopwatch that is stopped. Only for the owner.
    #[inline]
    fn start(&self, now: Ticks) {
        self.0.set(self.0.get().wrapping_sub(now.since(Ticks::ZERO) << 1) | 1);
    }

    /// Stops a stopwatch that runs. Only for the owner.
    #[inline]
    fn stop(&self, now: Ticks) {
        self.0.set((self.0.get() & !1).wrapping_add(now.since(Ticks::ZERO) << 1));
    }

    /// The sum, up to `now` if the time runs.
    fn read(&self, now: Ticks) -> u64 {
        let word = self.0.get();
        let sum = if word & 1 == 0 { word } else { (word & !1).wrapping_add(now.since(Ticks::ZERO) << 1) };
        (sum as i64 >> 1).max(0) as u64
    }
}

#[cfg(all(test, not(loom), target_has_atomic = "64"))]
mod tests {
    use super::{Activity, Holder, SlotMeter, Stopwatch, Tallied};
    use crate::sync::ticks::Ticks;

    #[test]
    fn a_stopwatch_adds_up_what_lies_between_start_and_stop() {
        let stopwatch = Stopwatch::new();
        assert_eq!(stopwatch.read(Ticks::at(50)), 0);
        stopwatch.start(Ticks::at(100));
        assert_eq!([100, 130].map(|now| stopwatch.read(Ticks::at(now))), [0, 30]);
        stopwatch.stop(Ticks::at(140));
        assert_eq!([140, 1000].map(|now| stopwatch.read(Ticks::at(now))), [40, 40]);
        stopwatch.start(Ticks::at(2000));
        assert_eq!(stopwatch.read(Ticks::at(2005)), 45);
    }

    /// The counters of processors differ, and begin wherever they like.
    #[test]
    fn a_stopwatch_bears_any_moment() {
        let stopwatch = Stopwatch::new();
        stopwatch.start(Ticks::at(100));
        assert_eq!(stopwatch.read(Ticks::at(90)), 0, "the reader's counter is behind");
        stopwatch.stop(Ticks::at(90));
        assert_eq!(stopwatch.read(Ticks::at(500)), 0);
        stopwatch.start(Ticks::at(u64::MAX - 10));
        stopwatch.stop(Ticks::at(u64::MAX));
        assert_eq!(stopwatch.read(Ticks::at(0)), 0, "ten ticks back, and ten forth");
    }

    #[test]
    fn a_slot_counts_for_its_holder_and_for_those_beside() {
        let meter = SlotMeter::new();
        meter.count(Tallied::JobBegun, 2);
        meter.count_beside(Tallied::JobBegun, 3);
        meter.count(Tallied::Stolen, 1);
        assert_eq!([Tallied::JobBegun, Tallied::Stolen, Tallied::Parked].map(|event| meter.counted(event)), [5, 1, 0]);
    }

    #[test]
    fn one_time_runs_at_a_time() {
        let meter = SlotMeter::new();
        let running = || {
            let (now, later) = (Ticks::now(), Ticks::at(u64::MAX >> 2));
            let all = [Activity::Asleep, Activity::Searching, Activity::Busy];
            all.into_iter()
                .filter(|&activity| meter.time(activity, later) > meter.time(activity, now))
                .collect::<Vec<_>>()
        };
        assert_eq!(running(), [Activity::Asleep]);
        for activity in [Activity::Searching, Activity::Busy, Activity::Busy, Activity::Asleep] {
            meter.turn_to(activity, Holder::OfPool);
            assert_eq!(running(), [activity]);
        }
    }

    #[test]
    fn an_external_caller_holds_a_slot_until_it_leaves() {
        let meter = SlotMeter::new();
        let holds = |activity, by| {
            meter.turn_to(activity, by);
            meter.is_held_by_external_caller()
        };
        meter.lease();
        assert!(meter.is_held_by_external_caller(), "also before its time counts");
        assert!(holds(Activity::Busy, Holder::External));
        assert!(holds(Activity::Searching, Holder::External));
        assert!(!holds(Activity::Asleep, Holder::OfPool));
        assert!(!holds(Activity::Busy, Holder::OfPool));
    }
}
