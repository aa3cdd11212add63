//! Layer 4: how the items of a loop are counted, and when they are reported.
//!
//! Each worker counts into a cell of its own, which is on a cache line of its own. The clock tells when to report. It is
//! read after so many items that the reading costs next to nothing; that is after each item if items are heavy.

use super::schedule::grain::Cost;
use super::schedule::tuning::{LOOK, REPORT_INTERVAL, WAKE_UP};
use crate::fork::{LoopContext, Progress, Ticks, current_num_threads, report};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::thread;
use crossbeam_utils::CachePadded;

#[cfg(all(test, not(loom)))]
mod tests;

/// After how many items one thread reads the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The number of items from one reading to the next.
    stride: usize,
    /// The number of items since the last reading.
    ran: usize,
    looked: Ticks,
}

impl Pace {
    /// Nothing is known: the clock is read after the first item.
    pub(crate) fn begun(now: Ticks) -> Self {
        Pace { stride: 1, ran: 0, looked: now }
    }

    /// Counts an item.
    #[inline]
    pub(crate) fn ran_one(&mut self) {
        self.ran += 1;
    }

    /// True if the clock is to be read.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.ran >= self.stride
    }

    /// Takes in a reading. Returns true if the items since the last one were heavy, so that they are worth a report.
    pub(crate) fn look(&mut self, now: Ticks) -> bool {
        let cost = Cost::of(self.ran, now.since(self.looked));
        (self.stride, self.ran, self.looked) = (cost.next_batch(LOOK), 0, now);
        !cost.fits(1, WAKE_UP)
    }
}

/// True if a report is due at `now`, the last one being of the moment `reported`.
pub(crate) fn is_report_due(now: Ticks, reported: Ticks) -> bool {
    now.is_past(reported, REPORT_INTERVAL)
}

/// One run of a loop. The items that have not been reported are reported when it is dropped.
pub(in crate::iter) struct LoopProgress<'p> {
    progress: &'p dyn Progress,
    /// A cell for each worker of the pool. Any thread may add to any of them; a thread of another pool does.
    cells: Box<[CachePadded<WorkerCell>]>,
    /// The moment of the last report of all cells.
    reported: AtomicUsize,
}

/// What a worker has counted and not reported, and its pace from one leaf or block to the next.
///
/// Two threads may use the same cell, and a thread may begin a leaf within another. Then the pace is that of either
/// leaf, but the count is right.
struct WorkerCell {
    count: AtomicUsize,
    stride: AtomicUsize,
    ran: AtomicUsize,
    /// 0 if the clock was not read yet.
    looked: AtomicUsize,
}

impl WorkerCell {
    fn new() -> Self {
        WorkerCell {
            count: AtomicUsize::new(0),
            stride: AtomicUsize::new(1),
            ran: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
        }
    }

    fn pace(&self) -> Pace {
        match self.looked.load(Ordering::Relaxed) {
            0 => Pace::begun(Ticks::now()),
            looked => Pace {
                stride: self.stride.load(Ordering::Relaxed),
                ran: self.ran.load(Ordering::Relaxed),
                looked: Ticks::from_word(looked),
            },
        }
    }

    fn set_pace(&self, pace: Pace) {
        self.stride.store(pace.stride, Ordering::Relaxed);
        self.ran.store(pace.ran, Ordering::Relaxed);
        self.looked.store(pace.looked.to_word(), Ordering::Relaxed);
    }

    fn take(&self) -> u64 {
        self.count.swap(0, Ordering::Relaxed) as u64
    }
}

impl<'p> LoopProgress<'p> {
    /// Begins a run of `length` items in the current pool.
    pub(in crate::iter) fn begin(progress: &'p dyn Progress, length: Option<usize>) -> Self {
        progress.begin(length.map(|length| length as u64));
        let cells = (0..current_num_threads()).map(|_| CachePadded::new(WorkerCell::new())).collect();
        LoopProgress { progress, cells, reported: AtomicUsize::new(Ticks::now().to_word()) }
    }

    fn own_cell(&self) -> &WorkerCell {
        &self.cells[LoopContext::index().unwrap_or(0) % self.cells.len()]
    }

    fn take_all(&self) -> u64 {
        self.cells.iter().map(|cell| cell.take()).sum()
    }

    /// Reports all cells if it is time to, else the given one if its items are heavy.
    fn report_if_due(&self, cell: &WorkerCell, is_heavy: bool, now: Ticks) {
        let reported = self.reported.load(Ordering::Relaxed);
        let is_due = is_report_due(now, Ticks::from_word(reported));
        // Relaxed: the exchange decides which thread reports, and orders nothing.
        if is_due
            && self.reported.compare_exchange(reported, now.to_word(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            report(self.progress, self.take_all());
        } else if is_heavy {
            report(self.progress, cell.take());
        }
    }
}

impl Drop for LoopProgress<'_> {
    fn drop(&mut self) {
        report(self.progress, self.take_all());
    }
}

/// Counts the items of a leaf, or of a block where producers make the items.
///
/// The caller adds to `count` for each item. The items are in the worker's cell when the clock was read, and at the end.
pub(crate) struct ItemCount<'r> {
    run: &'r LoopProgress<'r>,
    cell: &'r WorkerCell,
    pace: Pace,
    /// The number of items that are not in the cell yet.
    pub(in crate::iter) count: usize,
    /// The clock is read when `count` has come to this.
    limit: usize,
}

impl<'r> ItemCount<'r> {
    #[inline]
    pub(in crate::iter) fn begin(run: &'r LoopProgress<'r>) -> Self {
        let cell = run.own_cell();
        let pace = cell.pace();
        ItemCount { run, cell, pace, count: 0, limit: pace.stride.saturating_sub(pace.ran) }
    }

    /// The number of items that may run without a reading of the clock among them.
    #[inline]
    pub(in crate::iter) fn stride(&self) -> usize {
        self.pace.stride
    }

    /// The number of items until the clock is to be read.
    #[inline]
    pub(in crate::iter) fn left(&self) -> usize {
        self.limit.saturating_sub(self.count)
    }

    /// Reads the clock and reports, if it is time to. All items that were counted have ended.
    #[inline]
    pub(in crate::iter) fn look_if_due(&mut self) {
        if self.count >= self.limit {
            self.look();
        }
    }

    /// Moves the count to the cell.
    fn deposit(&mut self) {
        self.cell.count.fetch_add(self.count, Ordering::Relaxed);
        self.pace.ran += self.count;
        self.limit = self.limit.saturating_sub(self.count);
        self.count = 0;
    }

    #[cold]
    #[inline(never)]
    fn look(&mut self) {
        self.deposit();
        let now = Ticks::now();
        let is_heavy = self.pace.look(now);
        self.limit = self.pace.stride;
        self.run.report_if_due(self.cell, is_heavy, now);
    }
}

impl Drop for ItemCount<'_> {
    fn drop(&mut self) {
        // While a panic unwinds, the end of the run reports.
        if self.count >= self.limit && !thread::panicking() {
            self.look();
        } else {
            self.deposit();
        }
        self.cell.set_pace(self.pace);
    }
}
