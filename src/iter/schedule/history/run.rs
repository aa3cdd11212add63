//! Layer 4: one run of a loop, by its history.

#[cfg(all(test, not(loom)))]
use super::MOST_UNTIMED;
use super::{Blocks, History, Site};
use crate::fork::{Asking, LoopContext, Ticks};
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::tuning::{BLOCK, CLOCK};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;

/// The number of histories of a thread. Two loops whose histories fall into one place push each other out.
const PLACES: usize = 16;

thread_local! {
    /// Constant and without a destructor, so that finding a history takes a few instructions.
    static HISTORIES: [History; PLACES] = const { [const { History::new() }; PLACES] };
    /// In how many loops the calling thread is.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// In how many loops the calling thread is.
pub(in super::super) fn level() -> usize {
    LEVEL.get()
}

/// A stay in a part of a loop that may have begun on another thread.
#[derive(Debug)]
pub(in super::super) struct AtLevel {
    before: usize,
}

impl AtLevel {
    /// In so many loops, if the part has come from another thread; else the thread is at that level.
    pub(in super::super) fn new(context: &LoopContext<'_>, level: usize) -> Option<Self> {
        context.is_migrated().then(|| AtLevel::on_this_thread(level))
    }

    fn on_this_thread(level: usize) -> Self {
        AtLevel { before: LEVEL.replace(level) }
    }
}

impl Drop for AtLevel {
    fn drop(&mut self) {
        LEVEL.set(self.before);
    }
}

/// How an inline run begins.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Start {
    /// A worker will ask for a part of it if it turns out to be long.
    Untimed,
    /// The same, and its cost is measured.
    Timed(Ticks),
    /// No worker will, so the clock must tell.
    Alone(Ticks),
}

/// When an inline run that began then reads the clock.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Timing {
    /// After its first item, since all may be long for once.
    AfterFirst(Ticks),
    /// After every block, since no worker will ask.
    AfterEach(Ticks),
}

impl Timing {
    /// When the run began, if the clock is to be read after its block of that number.
    #[inline]
    pub(in super::super) fn after(self, block: u64) -> Option<Ticks> {
        #[cfg(all(test, not(loom)))]
        if block == 1 && FIRST_ITEM_IS_UNTIMED.get() {
            return None;
        }
        match self {
            Timing::AfterFirst(begun) if block == 1 => Some(begun),
            Timing::AfterEach(begun) => Some(begun),
            Timing::AfterFirst(_) => None,
        }
    }
}

impl Start {
    /// When the run reads the clock.
    #[inline]
    pub(in super::super) fn timing(self) -> Timing {
        match self {
            Start::Alone(begun) => Timing::AfterEach(begun),
            Start::Timed(begun) => Timing::AfterFirst(begun),
            Start::Untimed => Timing::AfterFirst(Ticks::now()),
        }
    }

    /// Whether the sentinel is to know of it, as of one in some tens. Rare runs are not worth a sentinel.
    #[inline]
    pub(in super::super) fn is_news(self) -> bool {
        matches!(self, Start::Timed(_))
    }
}

/// The cost of a run that ends now.
fn cost_since(begun: Ticks, items: usize, blocks: u64) -> Cost {
    // The blocks of an inline run have less around them than others.
    let overhead = CLOCK + blocks.saturating_mul(BLOCK / 2);
    let ticks = Ticks::now().since(begun).saturating_sub(overhead).max(1);
    Cost { ticks, items: items as u64 }
}

/// Calls `f` with the history at a place of the calling thread's, modulo their number.
#[inline(always)]
fn with_history<R>(place: usize, f: impl FnOnce(&History) -> R) -> R {
    // Unlike `with` this is always compiled into the caller.
    let result = HISTORIES.try_with(|histories| f(&histories[place % PLACES]));
    result.expect("what has no destructor is always there")
}

/// A run of a loop on the calling thread.
#[derive(Debug)]
pub(in super::super) struct Run {
    site: Site,
    /// The history is this thread's.
    not_send: PhantomData<*mut ()>,
}

impl Run {
    /// Begins a run of the loop that has that code.
    #[inline(always)]
    pub(in super::super) fn begin(code: usize) -> Self {
        let level = LEVEL.get();
        LEVEL.set(level + 1);
        let site = Site(code.wrapping_add(level));
        let run = Run { site, not_send: PhantomData };
        with_history(run.place(), |history| {
            if history.site.get() != site {
                history.begin_anew(site);
            }
        });
        run
    }

    /// Leaves the run, to [go on](Run::go_on) with it later on this thread, when all that began in between have ended.
    #[inline(always)]
    pub(in super::super) fn pause(self) {
        mem::forget(self);
    }

    /// Goes on with the last run that was paused, of the loop that has that code.
    #[inline(always)]
    pub(in super::super) fn go_on(code: usize) -> Self {
        let level = LEVEL.get().wrapping_sub(1);
        Run { site: Site(code.wrapping_add(level)), not_send: PhantomData }
    }

    /// Where its history is.
    #[inline(always)]
    fn place(&self) -> usize {
        (self.site.0 / 16).wrapping_add(self.site.0)
    }

    /// Calls `f` with the history, as it is when a run begins.
    #[inline(always)]
    fn history<R>(&self, f: impl FnOnce(&History) -> R) -> R {
        with_history(self.place(), f)
    }

    /// Calls `f` with the history when the run ends, unless a loop within this one has taken its place.
    #[inline(always)]
    fn end_history(&self, f: impl FnOnce(&History)) {
        with_history(self.place(), |history| {
            if history.site.get() == self.site {
                f(history);
            }
        });
    }

    /// Whether it is expected to be inline, with `len` items.
    #[inline]
    pub(in super::super) fn is_expected_inline(&self, len: usize) -> bool {
        self.history(|history| len <= history.most.get())
    }

    /// Whether it is expected to be over before a thief could have a part of it, with `len` items.
    #[inline]
    pub(in super::super) fn is_below_a_steal(&self, len: usize) -> bool {
        self.history(|history| len <= history.one_block.get())
    }

    /// Whether it is one block with `len` items, and is not one of the runs that are timed.
    #[inline(always)]
    pub(in super::super) fn is_one_block(&self, len: usize) -> bool {
        self.history(|history| len <= history.one_block.get() && history.untimed.get() > 0)
    }

    /// Ends a run that was one block. At its end a worker had waited for `rung_for` ticks; 0 if none had.
    #[inline(always)]
    pub(in super::super) fn end_one_block(self, rung_for: u64) {
        self.end_history(|history| {
            history.untimed.set(history.untimed.get().saturating_sub(1));
            history.note_ring(rung_for);
        });
    }

    /// The blocks of an inline run.
    #[inline]
    pub(in super::super) fn blocks(&self) -> Blocks {
        self.history(|history| history.blocks.get())
    }

    /// How to begin an inline run; none if it is to be run like any other.
    #[inline]
    pub(in super::super) fn start_inline(&self, asking: Asking) -> Option<Start> {
        self.history(|history| match asking {
            Asking::Now => None,
            Asking::Later => Some(history.start_timer().map_or(Start::Untimed, Start::Timed)),
            Asking::Never => {
                let now = Ticks::now();
                (!history.comes_often(now)).then_some(Start::Alone(now))
            }
        })
    }

    /// Ends an inline run during which no request was heard. At its end a worker had waited for `rung_for` ticks; if the run
    /// was [alone](Start::Alone), perhaps since before it began.
    #[inline]
    pub(in super::super) fn end_inline(self, start: Start, items: usize, blocks: u64, rung_for: u64) {
        self.end_history(|history| {
            match start {
                Start::Alone(begun) if items > 0 => return history.note_cost_alone(cost_since(begun, items, blocks)),
                Start::Timed(begun) if items > 0 => history.note_cost(cost_since(begun, items, blocks)),
                Start::Alone(_) => return,
                Start::Timed(_) | Start::Untimed => {}
            }
            history.note_ring(rung_for);
        });
    }

    /// Ends a run that was inline until a worker requested work. It was worth a wake-up or not.
    #[cold]
    pub(in super::super) fn end_asked(self, is_worth_a_wake_up: bool) {
        if is_worth_a_wake_up {
            self.end_history(History::note_misprediction);
        }
    }

    /// Ends a run of so many items that was made like any other's, and began then.
    pub(in super::super) fn end(self, begun: Ticks, len: usize) {
        let ticks = Ticks::now().since(begun);
        self.end_history(|history| history.note_run(Cost { ticks, items: len as u64 }));
    }
}

impl Drop for Run {
    #[inline(always)]
    fn drop(&mut self) {
        LEVEL.set(LEVEL.get() - 1);
    }
}

#[cfg(all(test, not(loom)))]
thread_local! {
    static FIRST_ITEM_IS_UNTIMED: Cell<bool> = const { Cell::new(false) };
}

/// Has the first items of the calling thread's inline runs untimed from now on. For tests, which cannot know how long they
/// take.
#[cfg(all(test, not(loom)))]
pub(in super::super) fn leave_first_item_untimed() {
    FIRST_ITEM_IS_UNTIMED.set(true);
}

/// Expects the loops that the calling thread has run to be inline from now on if they have at most `most` items, each of them
/// a block, and to be one block if they have at most `one_block`. For tests, which cannot know how long
/// anything takes.
#[cfg(all(test, not(loom)))]
pub(in super::super) fn expect_inline_runs(most: usize, one_block: usize) {
    HISTORIES.with(|histories| {
        for history in histories {
            history.most.set(most);
            history.blocks.set(Blocks { len: 1, last: one_block.max(1) });
            history.one_block.set(one_block);
            history.untimed.set(MOST_UNTIMED);
        }
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{AtLevel, Blocks, PLACES, Run, level, with_history};

    /// Code whose history nothing else here uses.
    const CODE: usize = 16 * 1000;

    fn expects_any(run: &Run) -> bool {
        run.is_expected_inline(1)
    }

    fn expect_any(run: &Run) {
        run.history(|history| history.most.set(1));
    }

    #[test]
    fn each_level_of_a_recursion_has_a_history_of_its_own() {
        let outer = Run::begin(CODE);
        expect_any(&outer);
        let inner = Run::begin(CODE);
        assert!(!expects_any(&inner));
        expect_any(&inner);
        drop(inner);
        assert_eq!(level(), 1);
        assert!(expects_any(&Run::begin(CODE)));
        drop(outer);
        assert_eq!(level(), 0);
        assert!(expects_any(&Run::begin(CODE)));
    }

    #[test]
    fn a_part_from_elsewhere_is_at_the_level_of_its_loop() {
        let outer = Run::begin(CODE);
        let inner = Run::begin(CODE);
        expect_any(&inner);
        drop((inner, outer));
        let stay = AtLevel::on_this_thread(1);
        assert!(expects_any(&Run::begin(CODE)));
        drop(stay);
        assert_eq!(level(), 0);
    }

    #[test]
    fn a_run_whose_place_was_taken_tells_the_other_nothing() {
        let run = Run::begin(CODE);
        let other = Run::begin(CODE + 16 * (PLACES - 1));
        with_history(run.place(), |history| {
            history.blocks.set(Blocks { len: 1, last: 1 });
            history.untimed.set(3);
        });
        run.end_one_block(0);
        assert_eq!(other.history(|history| history.untimed.get()), 3);
        other.end_one_block(0);
        assert_eq!(with_history(CODE / 16, |history| history.untimed.get()), 2);
    }
}
