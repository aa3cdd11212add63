//! The machine's counters for measuring: the use of the cores' time, and the lines and jobs that move between cores.

use super::trace::Access;
use std::collections::HashMap;
use std::ops::Sub;
use std::panic::Location;

/// The counters since the beginning of the run. The difference of two values covers the time between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// When this was counted, in virtual nanoseconds.
    pub now: u64,
    /// The total busy time of all cores: the sum of the times below.
    pub busy_ns: u64,
    /// The time in [`work`](super::work).
    pub work_ns: u64,
    /// The time of accesses to lines that the core holds, of read-modify-writes and of fences.
    pub access_ns: u64,
    /// The time until lines came from other cores.
    pub line_ns: u64,
    /// The time of iterations of spin loops.
    pub spin_ns: u64,
    /// The time of reading clocks.
    pub clock_ns: u64,
    /// The time of system calls: waits, wake-ups, started threads, fences of all threads.
    pub system_ns: u64,
    /// The time of switches from one thread to another on one core.
    pub switch_ns: u64,
    /// The number of times a line moved from one core to another.
    pub lines_moved: u64,
    /// The number of times a thread took jobs out of another thread's deque, one or a batch at once.
    pub steals: u64,
    /// The number of times a thread found no job in another thread's deque, or failed to take one.
    pub failed_steals: u64,
    /// The number of sleeping threads that other threads have woken.
    pub wake_ups: u64,
    /// The number of times a thread slept until another released a lock.
    pub lock_waits: u64,
}

macro_rules! difference {
    ($from:ident, $to:ident: $($field:ident)*) => {
        Counts { $($field: $to.$field.saturating_sub($from.$field)),* }
    };
}

impl Sub for Counts {
    type Output = Counts;

    fn sub(self, from: Counts) -> Counts {
        difference!(from, self: now busy_ns work_ns access_ns line_ns spin_ns clock_ns system_ns switch_ns
            lines_moved steals failed_steals wake_ups lock_waits)
    }
}

/// The cost of a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    /// The access itself.
    pub(super) own: u64,
    /// Until the line is there.
    pub(super) line: u64,
    /// True if the line came from another core.
    pub(super) moves: bool,
}

impl Counts {
    /// Counts a point.
    #[inline]
    pub(super) fn add(&mut self, access: Access, charge: Charge) {
        let time = match access {
            Access::Spin => &mut self.spin_ns,
            Access::Clock => &mut self.clock_ns,
            Access::Yield | Access::Wait | Access::Sleep | Access::Join | Access::Spawn | Access::HeavyFence => {
                &mut self.system_ns
            }
            Access::Work => &mut self.work_ns,
            _ => &mut self.access_ns,
        };
        *time += charge.own;
        self.line_ns += charge.line;
        self.lines_moved += u64::from(charge.moves);
    }
}

/// A line of the library's code, and the cost of its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceCost {
    /// The place in the source.
    pub at: &'static Location<'static>,
    /// The number of points.
    pub points: u64,
    /// Their cost, in nanoseconds, including fetched lines.
    pub ns: u64,
    /// The time until lines came from other cores.
    pub line_ns: u64,
    /// The number of lines that came.
    pub lines_moved: u64,
    /// The number of threads that were woken.
    pub wake_ups: u64,
    /// The number of times a thread slept there.
    pub sleeps: u64,
}

/// The places of a run, if [`Config::profile`](super::Config::profile) is set.
#[derive(Debug, Default)]
pub(super) struct Profile(HashMap<*const Location<'static>, PlaceCost>);

impl Profile {
    /// With enough room from the beginning, so that it does not change the addresses of the library's own memory.
    pub(super) fn new() -> Self {
        Profile(HashMap::with_capacity(4096))
    }

    #[inline]
    pub(super) fn at(&mut self, at: &'static Location<'static>) -> &mut PlaceCost {
        let none = PlaceCost { at, points: 0, ns: 0, line_ns: 0, lines_moved: 0, wake_ups: 0, sleeps: 0 };
        self.0.entry(at).or_insert(none)
    }

    #[inline]
    pub(super) fn add(&mut self, at: &'static Location<'static>, charge: Charge) {
        let place = self.at(at);
        place.points += 1;
        place.ns += charge.own + charge.line;
        place.line_ns += charge.line;
        place.lines_moved += u64::from(charge.moves);
    }

    /// The places, the most costly first. The same place may have been compiled more than once.
    pub(super) fn places(&self) -> Vec<PlaceCost> {
        let key = |place: &PlaceCost| (place.at.file(), place.at.line(), place.at.column());
        let mut places: Vec<PlaceCost> = self.0.values().copied().collect();
        places.sort_by_key(key);
        places.dedup_by(|next, first| {
            let is_same = key(next) == key(first);
            if is_same {
                first.points += next.points;
                first.ns += next.ns;
                first.line_ns += next.line_ns;
                first.lines_moved += next.lines_moved;
                first.wake_ups += next.wake_ups;
                first.sleeps += next.sleeps;
            }
            is_same
        });
        places.sort_by_key(|place| std::cmp::Reverse(place.ns));
        places
    }
}
