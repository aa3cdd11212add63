//! Layer 5: the ordered sink: the consumer and the folder by which a parallel iterator fills the segments of
//! `into_seq_iter`, and the reader's side.

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::iter::schedule::in_order::{self, Patience};
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::stream::pipeline::Due;
use crate::stream::segments::{PlaceGrant, ReaderTurn, SegmentEnd, SegmentId, SegmentList, Wakes};
use crate::sync::atomic::{AtomicBool, Ordering, spin_loop};
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use crate::sync::process;
use crate::sync::quiet::Quiet;
use crate::sync::thread;
use crate::sync::unwind::Payload;
use std::sync::Arc;

/// The state that the reader and the threads that work for it share.
pub(super) struct SharedSegments<T> {
    segments: Mutex<SegmentList<T>>,
    /// True if the reader, which waits, should look again. It is written under the lock, and orders nothing.
    is_due: AtomicBool,
    /// True if some segments are refused, because the reader is gone or because of a panic. It is written under the
    /// lock, and orders nothing: it saves folders the lock.
    is_cut_short: AtomicBool,
    /// The incarnation of the process that has the threads.
    process: usize,
}

impl<T: Send> SharedSegments<T> {
    /// For a window of `window` items. Also returns the consumer for all items.
    pub(super) fn new(window: usize) -> (Arc<Self>, OrderedSink<T>) {
        let (segments, segment) = SegmentList::new(window);
        let segments = Mutex::new(segments);
        let (is_due, is_cut_short) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = SharedSegments { segments, is_due, is_cut_short, process: process::incarnation() };
        let shared = Arc::new(shared);
        let part = SegmentPart::new(Arc::clone(&shared), segment);
        (shared, OrderedSink(part))
    }

    /// Notifies the folders and the reader that must look again. The reader's flag was set under the lock.
    fn notify(&self, folders: Wakes, reader: Wakes) {
        folders.notify();
        reader.notify();
    }

    /// The reader, if it must look again. The caller must hold the lock.
    fn due(&self, segments: &mut SegmentList<T>) -> Wakes {
        let reader = segments.wake_reader();
        if reader.has_reader() {
            self.is_due.store(true, Ordering::Relaxed);
        }
        reader
    }

    /// A thread must call this before it sleeps: the threads for which it would wait did not survive a fork.
    fn check_process(&self) {
        process::check(self.process, "the threads that make the items of this SeqIter, or the one that reads them,");
    }

    /// The work has ended, with a result or with a panic.
    pub(super) fn finish(&self, outcome: Result<(), Payload>) {
        let mut segments = self.segments.lock();
        segments.finish(outcome);
        let reader = self.due(&mut segments);
        drop(segments);
        reader.notify();
    }

    /// What the reader does next.
    fn turn(&self) -> (ReaderTurn<T>, Wakes) {
        let mut segments = self.segments.lock();
        let turn = segments.turn();
        let folder = if matches!(turn, ReaderTurn::Item(_)) { segments.wake_folder() } else { Wakes::default() };
        (turn, folder)
    }

    /// The next item, or `None` after the last. After an `Err` the caller must not ask again.
    pub(super) fn next(&self) -> Result<Option<T>, Payload> {
        let mut retries = Retries::new();
        loop {
            let (turn, folder) = self.turn();
            folder.notify();
            match turn {
                ReaderTurn::Item(item) => return Ok(Some(item.into_inner())),
                ReaderTurn::Over => return Ok(None),
                ReaderTurn::Panic(payload) => return Err(payload.into_inner()),
                ReaderTurn::Wait if retries.again() => {}
                // A worker sleeps here too. It may be called beneath a lock that other jobs want, as that of a
                // `par_bridge`, and threads of another pool than its own make the item for which it waits.
                ReaderTurn::Wait => with_parker(|parker| {
                    self.check_process();
                    let mut segments = self.segments.lock();
                    self.is_due.store(false, Ordering::Relaxed);
                    segments.reader_sleeps(parker);
                    // Its wake-up may be due already.
                    _ = self.due(&mut segments);
                    drop(segments);
                    let _listed = waits::list(Awaited::SeqItem);
                    Waiter::Outside(parker).wait_until(&Due(&self.is_due));
                }),
            }
        }
    }

    /// The reader is gone.
    pub(super) fn close(&self) {
        // In a forked child the segments may be lost.
        let Some(mut segments) = self.segments.lock_unless_abandoned() else { return };
        let rest = segments.close();
        self.is_cut_short.store(true, Ordering::Relaxed);
        let folders = segments.wake_folders();
        drop(segments);
        folders.notify();
        drop(rest);
    }
}

/// Counts how often a thread looks again before it sleeps: a sleep and a wake-up cost more than many an item.
struct Retries(u32);

/// `PAUSING` looks are further and further apart; `YIELDING` looks follow, each after other threads that are ready had
/// a chance to run.
const PAUSING: u32 = 6;
const YIELDING: u32 = 10;

impl Retries {
    /// There are none in a model, where each would be a further state.
    fn new() -> Self {
        Retries(if cfg!(loom) { PAUSING + YIELDING } else { 0 })
    }

    /// Lets a moment pass. False when it is time to sleep.
    fn again(&mut self) -> bool {
        match self.0 {
            round if round < PAUSING => (0..1 << round).for_each(|_| spin_loop()),
            round if round < PAUSING + YIELDING => thread::yield_now(),
            _ => return false,
        }
        self.0 += 1;
        true
    }
}

/// Calls `f` with a parker of the calling thread that is not its worker's.
fn with_parker<R>(f: impl FnOnce(&Arc<Parker>) -> R) -> R {
    if cfg!(loom) {
        // All threads of a model share std's thread-locals, so each wait has a parker of its own.
        let parker = Arc::new(Parker::new());
        return f(&parker);
    }
    Parker::with_own(f)
}

/// A part of the whole. Its segment ends when this is dropped.
struct SegmentPart<T: Send> {
    shared: Arc<SharedSegments<T>>,
    segment: SegmentId,
    /// True if the thread that made or began it was unwinding then: the part may run on top of a wait, and that panic
    /// is not its own.
    panicking_before: bool,
}

impl<T: Send> SegmentPart<T> {
    fn new(shared: Arc<SharedSegments<T>>, segment: SegmentId) -> Self {
        SegmentPart { shared, segment, panicking_before: thread::panicking() }
    }

    fn split_off_left(&self) -> Self {
        let segment = self.shared.segments.lock().split_before(self.segment);
        SegmentPart::new(Arc::clone(&self.shared), segment)
    }

    fn is_full(&self) -> bool {
        self.shared.is_cut_short.load(Ordering::Relaxed) && self.shared.segments.lock().is_refused(self.segment)
    }

    fn end(&self, end: SegmentEnd) {
        let mut segments = self.shared.segments.lock();
        let dropped = segments.end(self.segment, end);
        let folders = match end {
            SegmentEnd::Done => segments.wake_folder(),
            SegmentEnd::Panicked => {
                self.shared.is_cut_short.store(true, Ordering::Relaxed);
                segments.wake_folders()
            }
        };
        let reader = self.shared.due(&mut segments);
        drop(segments);
        self.shared.notify(folders, reader);
        drop(dropped);
    }
}

/// The consumer of a part.
pub(super) struct OrderedSink<T: Send>(SegmentPart<T>);

impl<T: Send> Drop for SegmentPart<T> {
    fn drop(&mut self) {
        let panics = thread::panicking() && !self.panicking_before;
        self.end(if panics { SegmentEnd::Panicked } else { SegmentEnd::Done });
    }
}

impl<T: Send> Consumer<T> for OrderedSink<T> {
    type Folder = SinkFolder<T>;
    type Reducer = Nothing;
    type Result = ();

    fn split_at(self, _: usize) -> (Self, Self, Nothing) {
        (self.split_off_left(), self, Nothing)
    }

    fn into_folder(mut self) -> SinkFolder<T> {
        // Another thread may have made it.
        self.0.panicking_before = thread::panicking();
        let patience = in_order::patience();
        self.0.shared.segments.lock().begin(self.0.segment, patience);
        SinkFolder { part: self.0, held: 0, patience }
    }

    fn full(&self) -> bool {
        self.0.is_full()
    }
}

impl<T: Send> UnindexedConsumer<T> for OrderedSink<T> {
    fn split_off_left(&self) -> Self {
        OrderedSink(self.0.split_off_left())
    }

    fn to_reducer(&self) -> Nothing {
        Nothing
    }
}

/// The results are units: the items are in the segments.
pub(super) struct Nothing;

impl Reducer<()> for Nothing {
    const IN_ORDER: bool = true;

    fn reduce(self, (): (), (): ()) {}
}

/// Puts the items of a part into its segment.
pub(super) struct SinkFolder<T: Send> {
    part: SegmentPart<T>,
    /// How many places it has taken: one or none.
    held: usize,
    patience: Patience,
}

impl<T: Send> SinkFolder<T> {
    /// Takes a place for the next item, and waits for one if it must and may. False if no item is wanted.
    fn take_place(&mut self) -> bool {
        if self.held == 1 {
            return true;
        }
        let mut retries = Retries::new();
        let mut place = self.ask(None);
        while place == PlaceGrant::Full && retries.again() {
            place = self.ask(None);
        }
        let granted = match place {
            PlaceGrant::Full => with_parker(|parker| {
                self.part.shared.check_process();
                let _listed = waits::list(Awaited::Place);
                loop {
                    match self.ask(Some(parker)) {
                        PlaceGrant::Full => parker.park(),
                        place => break place,
                    }
                }
            }),
            place => place,
        };
        self.held = usize::from(granted == PlaceGrant::Granted);
        self.held == 1
    }

    /// Asks for a place. If there is none now, the parker is notified when there is.
    fn ask(&self, parker: Option<&Arc<Parker>>) -> PlaceGrant {
        let mut segments = self.part.shared.segments.lock();
        let segment = self.part.segment;
        let place = segments.ask(segment);
        if let (PlaceGrant::Full, Some(parker)) = (place, parker) {
            segments.sleep(segment, parker);
        }
        place
    }

    /// Puts an item at the place that it has taken, and takes another place if there is one at once.
    fn put(&mut self, item: Quiet<T>) {
        let mut segments = self.part.shared.segments.lock();
        let unwanted = segments.put(self.part.segment, item);
        // A folder that may not wait takes no more places than it needs.
        let wants = self.patience != Patience::Nothing;
        self.held = usize::from(wants && segments.ask(self.part.segment) == PlaceGrant::Granted);
        let folder = if unwanted.is_some() { segments.wake_folder() } else { Wakes::default() };
        let reader = self.part.shared.due(&mut segments);
        drop(segments);
        self.part.shared.notify(folder, reader);
        drop(unwanted);
    }
}

impl<T: Send> Folder<T> for SinkFolder<T> {
    type Result = ();

    fn consume(mut self, item: T) -> Self {
        let item = Quiet::new(item);
        if self.take_place() {
            self.put(item);
        }
        self
    }

    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        let mut iter = iter.into_iter();
        // The place is taken before the item is made.
        while self.take_place() {
            match iter.next() {
                Some(item) => self.put(Quiet::new(item)),
                None => break,
            }
        }
        self
    }

    fn complete(self) {}

    fn full(&self) -> bool {
        self.part.is_full()
    }
}

impl<T: Send> Drop for SinkFolder<T> {
    fn drop(&mut self) {
        if self.held == 1 {
            self.give_back();
        }
    }
}

impl<T: Send> SinkFolder<T> {
    /// Gives back a place that it does not need. The segment ends next.
    #[cold]
    fn give_back(&mut self) {
        self.held = 0;
        let mut segments = self.part.shared.segments.lock();
        segments.give_back();
        let folder = segments.wake_folder();
        drop(segments);
        folder.notify();
    }
}
