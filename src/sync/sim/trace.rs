//! The trace of a run: the hash of all steps, optionally their text, and the last steps of each thread.

use std::fmt::Write;
use std::panic::Location;

/// The kind of a thread's operation at a point. The numbers of the kinds are part of a trace's hash: new ones must come
/// last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Load,
    Store,
    Rmw,
    Fence,
    HeavyFence,
    Clock,
    Spin,
    Yield,
    Lock,
    Unlock,
    Wait,
    Notify,
    Sleep,
    Spawn,
    Join,
    Begin,
    End,
    Point,
    Work,
    LightFence,
}

/// The identity of a thread within a run, in the order in which they were started. The program is 0.
pub(super) type ThreadId = usize;

/// The number of last steps that are kept for each thread.
const REMEMBERED: usize = 16;

/// A step, as it is kept for a thread.
#[derive(Debug, Clone, Copy)]
struct TraceStep {
    time: u64,
    access: Access,
    object: u32,
    place: &'static Location<'static>,
}

/// The last steps of one thread.
#[derive(Debug, Default)]
pub(super) struct LastSteps {
    steps: [Option<TraceStep>; REMEMBERED],
    count: usize,
}

impl LastSteps {
    #[inline]
    pub(super) fn note(&mut self, time: u64, access: Access, object: u32, place: &'static Location<'static>) {
        self.steps[self.count % REMEMBERED] = Some(TraceStep { time, access, object, place });
        self.count += 1;
    }

    /// As text, the oldest first.
    pub(super) fn lines(&self) -> Vec<String> {
        let places = (self.count.saturating_sub(REMEMBERED)..self.count).map(|place| place % REMEMBERED);
        let steps = places.filter_map(|place| self.steps[place]);
        steps.map(|step| format!("{} at {}", TraceLine(step.time, step.access, step.object), step.place)).collect()
    }
}

/// A step as text.
struct TraceLine(u64, Access, u32);

impl std::fmt::Display for TraceLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TraceLine(time, access, object) = self;
        write!(f, "{time} ns {access:?}")?;
        if *object == 0 { Ok(()) } else { write!(f, " #{object}") }
    }
}

/// The initial room of the text: if the text grew, it would take memory blocks that the program would otherwise have.
const LEAST_TEXT: usize = 1 << 20;

/// All steps of a run. It contains no addresses and no real times, so it is the same on every machine.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    text: Option<String>,
}

impl Trace {
    pub(super) fn new(keeps_text: bool) -> Self {
        // The offset and, below, the prime of FNV-1a, by words in place of bytes.
        Trace { hash: 0xCBF2_9CE4_8422_2325, text: keeps_text.then(|| String::with_capacity(LEAST_TEXT)) }
    }

    #[inline]
    pub(super) fn note(&mut self, time: u64, thread: ThreadId, core: usize, access: Access, object: u32) {
        let word = (u64::from(object) << 32) | ((thread as u64) << 8) | access as u64;
        self.hash = (self.hash ^ word).wrapping_mul(0x0000_0100_0000_01B3);
        // Mixes high bits down, because a product carries only upwards.
        self.hash ^= self.hash >> 29;
        if let Some(text) = &mut self.text {
            writeln!(text, "thread {thread} core {core}: {}", TraceLine(time, access, object))
                .expect("writing to a string cannot fail");
        }
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn take_text(&mut self) -> Option<String> {
        self.text.take()
    }
}
