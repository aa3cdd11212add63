//! A track: the events of one thread, which it writes without a lock, and which are moved to the file from time to time.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::local::thread_local;
use crate::sync::thread;
use crate::sync::ticks::Ticks;
use crate::trace::recorder::{Recorder, current};
use crate::trace::span::{EventKind, ON};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

#[cfg(all(test, loom))]
mod loom;

/// The number of events that a track holds. Few in a model, so that the ring goes round.
const EVENTS: usize = if cfg!(loom) { 2 } else { 1 << 10 };

/// The words of an event: its kind and name, its begin, its end, its count.
const WORDS: usize = 4;

/// The kind of an event is in so many of the lowest bits of its first word.
const KIND_BITS: u32 = 4;

/// A thread writes its events to the file when the first of them is so old, a quarter of a second.
const OLD: u64 = 250_000_000 * Ticks::PER_NANOSECOND / if usize::BITS < u64::BITS { 1024 } else { 1 };

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    /// The name that it is in; 0 for none.
    pub(super) name: usize,
    pub(super) begun: usize,
    pub(super) ended: usize,
    /// The number of items of a loop, and the track that a steal is from.
    pub(super) count: usize,
}

/// The events of one thread in one recording: a ring of words.
///
/// 1. The thread alone writes `words` and `written`. The words of the events from `read` to `written` do not change: the
///    thread writes none before `read` has passed it.
/// 2. Only the holder of the recording's file changes `read`.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) number: usize,
    pub(super) name: String,
    words: Box<[[AtomicUsize; WORDS]; EVENTS]>,
    written: AtomicUsize,
    read: AtomicUsize,
}

impl Track {
    pub(super) fn new(number: usize, name: String) -> Self {
        let words = (0..EVENTS).map(|_| [(); WORDS].map(|()| AtomicUsize::new(0))).collect::<Box<[_]>>();
        let words = words.try_into().expect("there is a place for each event");
        Track { number, name, words, written: AtomicUsize::new(0), read: AtomicUsize::new(0) }
    }

    #[inline]
    fn words(&self, place: usize) -> &[AtomicUsize; WORDS] {
        &self.words[place % EVENTS]
    }

    /// True if there is no room for another event.
    #[inline]
    fn is_full(&self) -> bool {
        // Acquire pairs with the release in `drain`: its loads of these words come before the stores in `push`.
        self.written.load(Ordering::Relaxed).wrapping_sub(self.read.load(Ordering::Acquire)) == EVENTS
    }

    /// Only for the track's thread, and if it is not full.
    #[inline]
    pub(super) fn push(&self, event: Event) {
        let place = self.written.load(Ordering::Relaxed);
        let values = [event.kind as usize | event.name << KIND_BITS, event.begun, event.ended, event.count];
        for (word, value) in self.words(place).iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
        // Release pairs with the acquire in `drain`, which makes the words visible.
        self.written.store(place.wrapping_add(1), Ordering::Release);
    }

    /// Takes all events out, the oldest first. Only for the holder of the recording's file.
    pub(super) fn drain(&self, mut take: impl FnMut(Event)) {
        let (read, written) = (self.read.load(Ordering::Relaxed), self.written.load(Ordering::Acquire));
        for place in 0..written.wrapping_sub(read) {
            let words = self.words(read.wrapping_add(place));
            let [first, begun, ended, count] = [0, 1, 2, 3].map(|word| words[word].load(Ordering::Relaxed));
            let kind = EventKind::from_number(first & ((1 << KIND_BITS) - 1));
            take(Event { kind, name: first >> KIND_BITS, begun, ended, count });
        }
        self.read.store(written, Ordering::Release);
    }
}

/// What the calling thread knows of its own track.
#[derive(Debug)]
pub(super) struct OwnTrack {
    track: Arc<Track>,
    recorder: Arc<Recorder>,
    /// The recorder's.
    session: usize,
    /// The kind of the job that runs.
    pub(super) job: EventKind,
    /// When it began; 0 if there is none, or if its event has been written.
    pub(super) job_begun: usize,
    /// The innermost name that the thread is in; 0 for none.
    pub(super) name: usize,
    /// When the call that the thread makes from outside began.
    pub(super) call_begun: usize,
    /// The end of the first event that is not in the file; 0 if there is none.
    oldest: usize,
}

impl OwnTrack {
    fn begin(session: usize) -> Option<Self> {
        let recorder = current().filter(|recorder| recorder.session == session)?;
        let track = recorder.add_track(thread_name());
        Some(OwnTrack {
            track,
            recorder,
            session,
            job: EventKind::Spawn,
            job_begun: 0,
            name: 0,
            call_begun: 0,
            oldest: 0,
        })
    }

    pub(super) fn track_number(&self) -> usize {
        self.track.number
    }

    /// Writes the event of the job that runs, unless that has been done.
    pub(super) fn end_job(&mut self, ended: usize) {
        let begun = std::mem::take(&mut self.job_begun);
        if begun != 0 {
            self.push(Event { kind: self.job, name: self.name, begun, ended, count: 0 });
        }
    }

    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        if self.track.is_full() {
            self.write();
        }
        self.track.push(event);
        if self.oldest == 0 {
            self.oldest = event.ended;
        } else if event.ended.saturating_sub(self.oldest) as u64 > OLD {
            self.write();
        }
    }

    #[cold]
    fn write(&mut self) {
        self.recorder.write(&self.track);
        self.oldest = 0;
    }
}

impl Drop for OwnTrack {
    fn drop(&mut self) {
        self.recorder.remove_track(&self.track);
    }
}

thread_local! {
    static OWN: RefCell<Option<OwnTrack>> = const { RefCell::new(None) };
    /// What the thread is in a pool.
    static LABEL: Cell<Option<ThreadLabel>> = const { Cell::new(None) };
}

/// Calls `f` with the calling thread's track of the recording that is on. `None` if there is no recording, or if the
/// thread is at its very end.
#[inline]
pub(super) fn with_own<R>(f: impl FnOnce(&mut OwnTrack) -> R) -> Option<R> {
    let with = |own: &RefCell<Option<OwnTrack>>| {
        let mut own = own.try_borrow_mut().ok()?;
        let session = ON.load(Ordering::Relaxed);
        if own.as_ref().is_none_or(|own| own.session != session) {
            begin_anew(&mut own, session);
        }
        own.as_mut().map(f)
    };
    OWN.try_with(with).ok().flatten()
}

#[cold]
#[inline(never)]
fn begin_anew(own: &mut Option<OwnTrack>, session: usize) {
    *own = OwnTrack::begin(session);
}

/// What a thread of a pool is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ThreadLabel {
    /// The thread of the slot of that index, in the pool of that number.
    Worker(usize, usize),
    /// A standby thread.
    Standby,
}

/// Says what the calling thread is, for the name of its track.
pub(crate) fn set_label(label: ThreadLabel) {
    _ = LABEL.try_with(|now| now.set(Some(label)));
}

/// The name of the calling thread's track.
fn thread_name() -> String {
    match (thread::current_name(), LABEL.try_with(Cell::get).ok().flatten()) {
        (Some(name), Some(ThreadLabel::Standby)) => format!("{name} (standby)"),
        (Some(name), _) => name.into(),
        (None, Some(ThreadLabel::Worker(pool, index))) => format!("pool {pool} worker {index}"),
        (None, Some(ThreadLabel::Standby)) => "a standby thread".to_owned(),
        (None, None) => "a thread without a name".to_owned(),
    }
}
