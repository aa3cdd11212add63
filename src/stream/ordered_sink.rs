//! Layer 5: how a parallel iterator fills the segments of `into_seq_iter`: its consumer and folder, and who reads.

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::iter::schedule::in_order::{self, Patience};
use crate::pool::waiter::Waiter;
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

/// What the reader and the threads that work for it share.
pub(super) struct SharedSegments<T> {
    segments: Mutex<SegmentList<T>>,
    /// Whether the reader, which waits, should look again. It is written under the lock, and orders nothing.
    is_due: AtomicBool,
    /// Whether some segments are refused: because the reader is gone, or because of a panic. It is written under the lock,
    /// and orders nothing: it saves folders the lock.
    is_cut_short: AtomicBool,
    /// The incarnation of the process in which the threads are.
    process: usize,
}

impl<T: Send> SharedSegments<T> {
    /// For a window of so many items; with the consumer for all.
    pub(super) fn new(window: usize) -> (Arc<Self>, OrderedSink<T>) {
        let (segments, segment) = SegmentList::new(window);
        let segments = Mutex::new(segments);
        let (is_due, is_cut_short) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = SharedSegments { segments, is_due, is_cut_short, process: process::incarnation() };
        let shared = Arc::new(shared);
        let part = SegmentPart::new(Arc::clone(&shared), segment);
        (shared, OrderedSink(part))
    }

    /// Notifies those who are to look again. The reader's flag was set under the lock.
    fn notify(&self, folders: Wakes, reader: Wakes) {
        folders.notify();
        reader.notify();
    }

    /// The reader, if it is to look again. To be called under the lock.
    fn due(&self, segments: &mut SegmentList<T>) -> Wakes {
        let reader = segments.wake_reader();
        if reader.has_reader() {
            self.is_due.store(true, Ordering::Relaxed);
        }
        reader
    }

    /// To be called before a sleep: whom it would wait for did not survive a fork.
    fn check_process(&self) {
        process::check(self.process, "the threads that make the items of this SeqIter, or the one that reads them,");
    }

    /// The work has ended, well or with a panic.
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

    /// The next item, or `None` after the last. Whoever is told of a panic does not ask again.
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
                // A worker sleeps too. It may be called beneath a lock that other jobs want, as that of a `par_bridge`,
                // and what it waits for is made by other threads than its pool's.
                ReaderTurn::Wait => with_parker(|parker| {
                    self.check_process();
                    let mut segments = self.segments.lock();
                    self.is_due.store(false, Ordering::Relaxed);
                    segments.reader_sleeps(parker);
                    // It may have come since.
                    _ = self.due(&mut segments);
                    drop(segments);
                    Waiter::Outside(parker).wait_until(&Due(&self.is_due));
                }),
            }
        }
    }

    /// Nobody reads any more.
    pub(super) fn close(&self) {
        // In a forked child they may be lost.
        let Some(mut segments) = self.segments.lock_unless_abandoned() else { return };
        let rest = segments.close();
        self.is_cut_short.store(true, Ordering::Relaxed);
        let folders = segments.wake_folders();
        drop(segments);
        folders.notify();
        drop(rest);
    }
}

/// How often somebody looks again before it sleeps: a sleep and a wake-up cost more than many an item.
struct Retries(u32);

/// How many looks are further and further apart, and how many there are behind them, each when other threads that are
/// ready have had their chance.
const PAUSING: u32 = 6;
const YIELDING: u32 = 10;

impl Retries {
    /// None in a model, where it would be a state of its own each time.
    fn new() -> Self {
        Retries(if cfg!(loom) { PAUSING + YIELDING } else { 0 })
    }

    /// Lets a moment pass. Says no when it is time to sleep.
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

/// Calls `f` with a parker of the calling thread's that it does not use as a worker.
fn with_parker<R>(f: impl FnOnce(&Arc<Parker>) -> R) -> R {
    if cfg!(loom) {
        // std's locals are shared by all threads of a model, so each wait has a parker of its own.
        let parker = Arc::new(Parker::new());
        return f(&parker);
    }
    Parker::with_own(f)
}

/// A part of the whole, whose segment ends with this.
struct SegmentPart<T: Send> {
    shared: Arc<SharedSegments<T>>,
    segment: SegmentId,
    /// Whether the thread that made or began it was unwinding: it may run on top of a wait, and that panic is none of its own.
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

/// All that matters is in the segments.
pub(super) struct Nothing;

impl Reducer<()> for Nothing {
    const IN_ORDER: bool = true;

    fn reduce(self, (): (), (): ()) {}
}

/// Puts the items of a part into its segment.
pub(super) struct SinkFolder<T: Send> {
    part: SegmentPart<T>,
    /// How many places it holds: one or none.
    held: usize,
    patience: Patience,
}

impl<T: Send> SinkFolder<T> {
    /// Takes a place for the next item, and waits for one if it must and may. Says no if no item is wanted.
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

    /// Asks for a place, and has the parker notified if there is none now.
    fn ask(&self, parker: Option<&Arc<Parker>>) -> PlaceGrant {
        let mut segments = self.part.shared.segments.lock();
        let segment = self.part.segment;
        let place = segments.ask(segment);
        if let (PlaceGrant::Full, Some(parker)) = (place, parker) {
            segments.sleep(segment, parker);
        }
        place
    }

    /// Puts an item at the place that it holds, and takes another one if there is one at once.
    fn put(&mut self, item: Quiet<T>) {
        let mut segments = self.part.shared.segments.lock();
        let unwanted = segments.put(self.part.segment, item);
        // One that may not wait takes no more than it needs.
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
    /// Gives a place back that it does not need. The segment ends next.
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
