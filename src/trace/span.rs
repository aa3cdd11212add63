//! The events, and how the other layers report them.

use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::ticks::Ticks;
use crate::trace::origins;
use crate::trace::track::{Event, with_own};

/// The number of the recording that is on; 0 if none is.
///
/// Relaxed suffices: a thread that sees it late records a little less or more.
pub(super) static ON: StaticAtomicUsize = StaticAtomicUsize::new(0);

/// True if a recording is on. Never in a model and on the simulated machine.
#[inline(always)]
pub(super) fn is_on() -> bool {
    !cfg!(any(loom, sim)) && ON.load(Ordering::Relaxed) != 0
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum EventKind {
    /// A job: the second half of a `join`, or of a split of a loop.
    Fork,
    /// A job: a spawned closure.
    Spawn,
    /// A job: a task.
    Task,
    /// A job: a call from outside; on the caller's track, its lease of a slot.
    Call,
    /// A part of a loop.
    Loop,
    Wait,
    Sleep,
    Blocking,
    /// A call of the program with a name.
    Named,
    /// An arrow to a job that another thread made public.
    Steal,
}

impl EventKind {
    pub(super) const ALL: [Self; 10] = [
        Self::Fork,
        Self::Spawn,
        Self::Task,
        Self::Call,
        Self::Loop,
        Self::Wait,
        Self::Sleep,
        Self::Blocking,
        Self::Named,
        Self::Steal,
    ];

    pub(super) fn from_number(number: usize) -> Self {
        Self::ALL[number]
    }

    /// Its name in the file.
    pub(super) const fn name(self) -> &'static str {
        ["fork", "spawn", "task", "call", "loop", "wait", "sleep", "blocking", "named", "steal"][self as usize]
    }
}

/// A moment, as a word. On machines of 32 bits its unit is a thousand times as long, so that an hour fits.
#[inline]
fn word_of(moment: Ticks) -> usize {
    let ticks = moment.since(Ticks::ZERO);
    (if usize::BITS < u64::BITS { ticks / 1024 } else { ticks } as usize).max(1)
}

/// This moment.
#[inline]
pub(super) fn now() -> usize {
    word_of(Ticks::now())
}

/// The moment of a span that began without a recording.
const NOT_RECORDED: usize = 0;

/// An event that lasts as long as the value lives.
#[must_use]
#[derive(Debug)]
pub(crate) struct Span {
    kind: EventKind,
    begun: usize,
    /// When it ended, if its owner knows.
    ended: Option<usize>,
    count: usize,
}

impl Span {
    #[inline]
    pub(crate) fn begin(kind: EventKind) -> Self {
        Span { kind, begun: if is_on() { now() } else { NOT_RECORDED }, ended: None, count: 0 }
    }

    /// It ended at a moment that the calling thread has just read: the clock is half of what an event costs its thread.
    #[inline]
    pub(crate) fn ended_at(&mut self, moment: Ticks) {
        self.ended = Some(word_of(moment));
    }

    /// Stores the number of items.
    #[inline]
    pub(crate) fn count(&mut self, items: usize) {
        self.count = items;
    }
}

impl Drop for Span {
    #[inline]
    fn drop(&mut self) {
        if self.begun != NOT_RECORDED {
            end(self.kind, self.begun, self.ended, self.count);
        }
    }
}

/// Writes an event that ends now, or has ended, under the name that the thread is in.
#[inline(never)]
pub(super) fn end(kind: EventKind, begun: usize, ended: Option<usize>, count: usize) {
    with_own(|own| {
        let name = own.name;
        own.push(Event { kind, name, begun, ended: ended.unwrap_or_else(now), count });
    });
}

/// A job that runs on the calling thread.
#[must_use]
#[derive(Debug)]
pub(crate) struct JobSpan(Option<OuterJob>);

/// The job, its begin and the name, to which the thread goes back when a job has ended.
#[derive(Debug)]
struct OuterJob {
    begun: usize,
    kind: EventKind,
    name: usize,
}

impl JobSpan {
    /// Begins the job at `address`, a spawn unless [`job_is`] says otherwise.
    #[inline]
    pub(crate) fn begin(address: usize) -> Self {
        JobSpan(if is_on() { begin_job(address) } else { None })
    }
}

#[inline(never)]
fn begin_job(address: usize) -> Option<OuterJob> {
    with_own(|own| {
        let begun = now();
        let outer = OuterJob { begun: own.job_begun, kind: own.job, name: own.name };
        let origin = origins::take(address);
        (own.job_begun, own.job, own.name) = (begun, EventKind::Spawn, origin.map_or(0, |origin| origin.name));
        if let Some(origin) = origin.filter(|origin| origin.track != own.track_number() && origin.at <= begun) {
            let (kind, name) = (EventKind::Steal, own.name);
            own.push(Event { kind, name, begun: origin.at, ended: begun, count: origin.track });
        }
        outer
    })
}

impl Drop for JobSpan {
    #[inline]
    fn drop(&mut self) {
        if let Some(outer) = self.0.take() {
            end_job(&outer);
        }
    }
}

#[inline(never)]
fn end_job(outer: &OuterJob) {
    with_own(|own| {
        own.end_job(now());
        (own.job_begun, own.job, own.name) = (outer.begun, outer.kind, outer.name);
    });
}

/// Writes the event of the job that runs on the calling thread. To be called before another thread learns that the job has
/// ended, because that thread may end the recording.
#[inline]
pub(crate) fn job_ends() {
    if is_on() {
        with_own(|own| own.end_job(now()));
    }
}

/// Says what the job is that runs on the calling thread.
#[inline]
pub(crate) fn job_is(kind: EventKind) {
    if is_on() {
        with_own(|own| own.job = kind);
    }
}

/// Must be called before the job at `address` is made public.
#[inline]
pub(crate) fn published(address: usize) {
    if is_on() {
        with_own(|own| origins::store(address, own.track_number(), own.name));
    }
}

/// The calling thread, which is no worker, works in a pool from here on.
#[inline]
pub(crate) fn call_begins() {
    if is_on() {
        with_own(|own| own.call_begun = now());
    }
}

/// Ends what [`call_begins`] has begun.
#[inline]
pub(crate) fn call_ends() {
    if is_on() {
        with_own(|own| {
            let begun = std::mem::take(&mut own.call_begun);
            if begun != NOT_RECORDED {
                own.push(Event { kind: EventKind::Call, name: own.name, begun, ended: now(), count: 0 });
            }
        });
    }
}
