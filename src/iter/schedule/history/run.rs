//! Layer 4: one run of a loop, by its history.

#[cfg(all(test, not(loom)))]
use super::MOST_UNTIMED;
use super::{History, Site};
use crate::fork::{LoopContext, Served, Ticks, nesting};
use crate::iter::schedule::grain::{Cost, aligned};
use crate::iter::schedule::tuning::INLINE;
use crate::sync::local::thread_local;
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};

/// The number of sets of histories that a thread has. The loops of one set have two histories among them: a third pushes the
/// older one out.
const SETS: usize = 8;

/// Two histories, and which of them the next loop without one takes.
#[derive(Debug)]
struct Set {
    histories: [History; 2],
    next: Cell<usize>,
}

impl Set {
    const fn new() -> Self {
        Set { histories: [const { History::new() }; 2], next: Cell::new(0) }
    }

    /// The history of the loop at that site, if it has one.
    #[inline(always)]
    fn find(&self, site: Site) -> Option<&History> {
        let [first, second] = &self.histories;
        if first.site.get() == site {
            return Some(first);
        }
        (second.site.get() == site).then_some(second)
    }

    /// Gives the loop at that site a new history.
    #[cold]
    fn insert(&self, site: Site) {
        let next = self.next.get();
        self.next.set(1 - next);
        self.histories[next].begin_anew(site);
    }
}

thread_local! {
    /// Constant and without a destructor, so that finding a history takes a few instructions.
    static HISTORIES: [Set; SETS] = const { [const { Set::new() }; SETS] };
    /// The number of loops that the calling thread is in.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
    /// The inline run that runs on the calling thread.
    static INLINE_RUN: InlineRun = const { InlineRun::none() };
}

/// The current inline run, if there is one: the number of jobs on the thread's stack when it began. A job that the
/// thread takes from a queue while the run waits is not part of the run.
#[derive(Debug)]
struct InlineRun {
    /// The nesting of a run that is shared when a worker requests work.
    nesting: Cell<usize>,
    /// The nesting of a run that is alone, and is shared when it is late; and when it began.
    nesting_alone: Cell<usize>,
    since: Cell<Ticks>,
}

/// Greater than any nesting: there is no such run.
const NO_NESTING: usize = usize::MAX;

impl InlineRun {
    const fn none() -> Self {
        InlineRun {
            nesting: Cell::new(NO_NESTING),
            nesting_alone: Cell::new(NO_NESTING),
            since: Cell::new(Ticks::ZERO),
        }
    }

    #[inline(always)]
    fn end(&self) {
        self.nesting.set(NO_NESTING);
        self.nesting_alone.set(NO_NESTING);
    }

    /// True if it runs in the calling frame, and is not late.
    #[inline(never)]
    fn is_in_time(&self) -> bool {
        nesting() == Some(self.nesting_alone.get()) && !Ticks::now().is_past(self.since.get(), INLINE)
    }
}

/// Calls `f` with the inline run of the calling thread.
#[inline(always)]
fn with_inline_run<R>(f: impl FnOnce(&InlineRun) -> R) -> R {
    INLINE_RUN.try_with(f).expect("a thread-local without a destructor is always there")
}

/// True if the calling frame is within an inline run, and the rest of that run would not be shared now.
#[inline(always)]
pub(in super::super) fn is_within_inline_run() -> bool {
    with_inline_run(|run| {
        LoopContext::is_unasked_at(run.nesting.get()) || run.nesting_alone.get() != NO_NESTING && run.is_in_time()
    })
}

/// Begins an inline run that is shared when a worker requests work.
#[inline(always)]
pub(super) fn enter_inline_run() {
    with_inline_run(|run| {
        run.nesting.set(nesting().unwrap_or(NO_NESTING));
        run.nesting_alone.set(NO_NESTING);
    });
}

/// Begins an inline run that is shared when it is late.
pub(super) fn enter_run_alone(now: Ticks) {
    with_inline_run(|run| {
        run.nesting.set(NO_NESTING);
        run.nesting_alone.set(nesting().unwrap_or(NO_NESTING));
        run.since.set(now);
    });
}

/// The number of loops that the calling thread is in.
pub(in super::super) fn level() -> usize {
    LEVEL.get()
}

/// Sets the level of a thread while it runs a part of a loop that may have begun on another thread.
#[derive(Debug)]
pub(in super::super) struct AtLevel {
    before: usize,
}

impl AtLevel {
    /// Sets the level, if the part has come from another thread; otherwise the thread is at that level already.
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

/// The maximal length of the second block of an inline run, if at least [`FEW`] items are left.
const SECOND: usize = 4;
const FEW: usize = 16;

/// How a loop runs, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Course(usize);

impl Course {
    /// There is no history: the loop has a maximal length of parts, or its run was taken.
    pub(in super::super) const NO_HISTORY: Self = Course(0);
    /// Like any other loop: not inline.
    pub(super) const AFRESH: Self = Course(1);
    /// In one go: the loop is too short to be split, or there is no other worker.
    pub(in super::super) const UNCUT: Self = Course(2);
    /// Inline. The higher bits hold the length of the blocks.
    const INLINE: usize = 3;
    const IS_TIMED: usize = 4;
    const IS_EVEN: usize = 8;
    const BITS: u32 = 4;

    /// Inline, in blocks of at most `block` items. The clock is read between blocks if the run `is_timed`. If the loop
    /// `is_even`, no item ever takes much longer than the others.
    #[inline]
    pub(super) fn inline(block: usize, is_timed: bool, is_even: bool) -> Self {
        let block = block.min(usize::MAX >> Self::BITS) << Self::BITS;
        let bit = |is_set: bool, bit: usize| if is_set { bit } else { 0 };
        Course(block | bit(is_timed, Self::IS_TIMED) | bit(is_even, Self::IS_EVEN) | Self::INLINE)
    }

    /// True if the loop runs on the calling thread, in one go or inline.
    #[inline]
    pub(in super::super) fn is_here(self) -> bool {
        self.0 >= Self::UNCUT.0
    }

    /// The length of the first block of `len` items, and the requests that have been served when it begins.
    #[inline]
    pub(in super::super) fn begin_blocks(self, len: usize) -> (usize, Served) {
        if self == Self::UNCUT { (len, Served::NONE) } else { (self.first_block(len), Served::so_far()) }
    }

    /// The length of the first block of an inline run. The first item shows whether the items are unusually long this
    /// time.
    #[inline]
    fn first_block(self, len: usize) -> usize {
        if self.0 & Self::IS_EVEN != 0 { self.block().min(len) } else { len.min(1) }
    }

    /// The length of the next block of an inline run, of the loop with that `code`, when `ran` items have run and
    /// `left` are left. 0 if the rest must be shared after all. The loop must be the last one that has begun on this
    /// thread; `served` is the number of requests that had been served when it began.
    #[inline(never)]
    pub(in super::super) fn next_block(self, code: usize, served: Served, ran: usize, left: usize) -> usize {
        let is_asked = served.is_outdated();
        if (is_asked || self.is_timed()) && LoopRun::peek(code, |run| run.is_to_be_shared(ran, is_asked)) {
            return 0;
        }
        // If all items are unusually long, the first may end before another worker requests work.
        let most = if ran == 1 && left >= FEW { SECOND } else { usize::MAX };
        aligned(ran, self.block().min(most)).min(left)
    }

    /// The maximal length of the blocks of an inline run.
    #[inline]
    fn block(self) -> usize {
        self.0 >> Self::BITS
    }

    /// True if the loop runs on the calling thread, and `len` items would be one block.
    #[inline]
    pub(in super::super) fn is_one_block(self, len: usize) -> bool {
        self == Self::UNCUT || self.is_here() && self.block() >= len
    }

    /// True if the loop runs on the calling thread, `len` items would be one block, and no item takes longer than the
    /// others.
    #[inline]
    pub(in super::super) fn is_one_even_block(self, len: usize) -> bool {
        self == Self::UNCUT || self.is_one_block(len) && self.0 & Self::IS_EVEN != 0
    }

    /// True if the clock is read between the blocks of an inline run.
    #[inline]
    fn is_timed(self) -> bool {
        self.0 & Self::IS_TIMED != 0
    }

    /// True if there is a [`LoopRun`] of the loop.
    #[inline]
    pub(in super::super) fn is_run(self) -> bool {
        self == Self::AFRESH || self.0 >= Self::INLINE
    }
}

/// Calls `f` with the calling thread's set of histories for a site.
#[inline(always)]
fn with_set<R>(site: Site, f: impl FnOnce(&Set) -> R) -> R {
    // Code begins at multiples of 16. Unlike `with` this is always compiled into the caller.
    let result = HISTORIES.try_with(|sets| f(&sets[(site.0 / 16).wrapping_add(site.0) % SETS]));
    result.expect("a thread-local without a destructor is always there")
}

/// A run of a loop on the calling thread.
#[derive(Debug)]
pub(in super::super) struct LoopRun {
    site: Site,
    /// The history belongs to this thread.
    not_send: PhantomData<*mut ()>,
}

impl LoopRun {
    /// Begins a run of the loop with that code.
    #[inline(always)]
    pub(in super::super) fn begin(code: usize) -> Self {
        let level = LEVEL.get();
        LEVEL.set(level + 1);
        let site = Site(code.wrapping_add(level));
        with_set(site, |set| {
            if set.find(site).is_none() {
                set.insert(site);
            }
        });
        LoopRun { site, not_send: PhantomData }
    }

    /// Decides how the loop runs with `len` items, and pauses the run. [`go_on`](LoopRun::go_on) continues it later on
    /// this thread, when all runs that began in between have ended.
    #[inline(always)]
    pub(in super::super) fn pause(self, len: usize) -> Course {
        let course = self.history(|history| history.open(len)).unwrap_or(Course::AFRESH);
        mem::forget(self);
        course
    }

    /// Continues the last run that was paused, of the loop with that code.
    #[inline(always)]
    pub(in super::super) fn go_on(code: usize) -> Self {
        // The run ends now, or is no longer inline.
        with_inline_run(InlineRun::end);
        LoopRun::last(code)
    }

    #[inline(always)]
    fn last(code: usize) -> Self {
        let level = LEVEL.get().wrapping_sub(1);
        LoopRun { site: Site(code.wrapping_add(level)), not_send: PhantomData }
    }

    /// Calls `f` with the last run that was paused, which stays paused.
    pub(in super::super) fn peek<R>(code: usize, f: impl FnOnce(&Self) -> R) -> R {
        let run = ManuallyDrop::new(LoopRun::last(code));
        f(&run)
    }

    /// Calls `f` with its history, unless loops within it have pushed that out.
    #[inline(always)]
    fn history<R>(&self, f: impl FnOnce(&History) -> R) -> Option<R> {
        with_set(self.site, |set| set.find(self.site).map(f))
    }

    /// True if the run is expected to be inline, with `len` items.
    #[inline]
    pub(in super::super) fn is_expected_inline(&self, len: usize) -> bool {
        self.history(|history| len <= history.most.get()).unwrap_or(false)
    }

    /// True if the rest of an inline run must be shared, when `ran` items have run. `is_asked` tells whether another
    /// worker has requested work meanwhile.
    pub(in super::super) fn is_to_be_shared(&self, ran: usize, is_asked: bool) -> bool {
        self.history(|history| history.is_to_be_shared(ran, is_asked)).unwrap_or(is_asked)
    }

    /// When an inline run began, if the clock is read during it.
    pub(in super::super) fn timer(&self) -> Option<Ticks> {
        self.history(|history| history.timer.get()).flatten()
    }

    /// Ends an inline run of `items` items during which no request was seen. At its end the pending request was
    /// `requested_for` ticks old; 0 if there is none.
    #[inline(always)]
    pub(in super::super) fn end_inline(self, items: usize, requested_for: u64) {
        self.history(|history| history.note_inline(items, requested_for));
    }

    /// Ends a run that was inline until its rest was shared.
    #[cold]
    pub(in super::super) fn end_shared(self, is_worth_a_wake_up: bool) {
        if is_worth_a_wake_up {
            self.history(History::note_misprediction);
        }
    }

    /// Ends a run of `len` items that was expected to be inline, and began at `begun`. It consisted of two loops one
    /// after the other, and so did not check for requests itself.
    pub(in super::super) fn end_in_turn(self, begun: Ticks, len: usize) {
        self.history(|history| history.note_timed(begun, len));
    }

    /// Ends a run of `len` items that was not inline, and began at `begun`.
    pub(in super::super) fn end(self, begun: Ticks, len: usize) {
        let ticks = Ticks::now().since(begun);
        self.history(|history| history.note_run(Cost::of(len, ticks)));
    }
}

impl Drop for LoopRun {
    #[inline(always)]
    fn drop(&mut self) {
        LEVEL.set(LEVEL.get() - 1);
    }
}

#[cfg(all(test, not(loom)))]
thread_local! {
    static FIRST_ITEM_IS_UNTIMED: Cell<bool> = const { Cell::new(false) };
}

/// True if the clock is not read after the first items of inline runs, because of `leave_first_item_untimed`.
pub(super) fn is_first_item_untimed() -> bool {
    #[cfg(all(test, not(loom)))]
    return FIRST_ITEM_IS_UNTIMED.get();
    #[cfg(not(all(test, not(loom))))]
    false
}

/// From now on, the first items of the calling thread's inline runs are not timed. For tests, which cannot know how
/// long the items take.
#[cfg(all(test, not(loom)))]
pub(in super::super) fn leave_first_item_untimed() {
    FIRST_ITEM_IS_UNTIMED.set(true);
}

/// Sets all histories of the calling thread: runs of at most `most` items are expected to be inline, in blocks of
/// `block`, and runs of at most `unshared` items to be unshared. For tests, which cannot know how long anything takes.
#[cfg(all(test, not(loom)))]
pub(in super::super) fn expect_inline_runs(most: usize, block: usize, unshared: usize) {
    HISTORIES.with(|sets| {
        for history in sets.iter().flat_map(|set| &set.histories) {
            history.most.set(most);
            history.block.set(block);
            history.unshared.set(unshared);
            history.untimed.set(MOST_UNTIMED);
        }
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{AtLevel, Course, LoopRun, SETS, level};

    /// A code address that only these tests use.
    const CODE: usize = 16 * 1000;
    /// Added to that: the code of a loop that is in one loop, and of one that is in two, whose histories are of the same set.
    const SECOND_OF_SET: usize = 16 * (SETS - 1);
    const THIRD_OF_SET: usize = 2 * SECOND_OF_SET;

    fn expects_any(run: &LoopRun) -> bool {
        run.is_expected_inline(1)
    }

    fn expect_any(run: &LoopRun) {
        run.history(|history| history.most.set(1)).expect("it has just begun");
    }

    #[test]
    fn a_course_is_one_word() {
        let all = [
            Course::NO_HISTORY,
            Course::AFRESH,
            Course::UNCUT,
            Course::inline(1, false, false),
            Course::inline(9, true, false),
            Course::inline(5, true, true),
        ];
        assert_eq!(all.map(Course::is_run), [false, true, false, true, true, true]);
        assert_eq!(all.map(Course::is_here), [false, false, true, true, true, true]);
        assert_eq!(all.map(|course| course.is_one_block(9)), [false, false, true, false, true, false]);
        let is_one_even_block = |course: Course| course.is_one_even_block(5);
        assert_eq!(all.map(is_one_even_block), [false, false, true, false, false, true]);
        assert_eq!(all.map(Course::is_timed), [false, false, false, false, true, true]);
        assert_eq!(all.map(|course| course.begin_blocks(9).0)[2..], [9, 1, 1, 5]);
        assert_eq!(all.map(Course::block)[3..], [1, 9, 5]);
    }

    #[test]
    fn each_level_of_a_recursion_has_a_history_of_its_own() {
        let outer = LoopRun::begin(CODE);
        expect_any(&outer);
        let inner = LoopRun::begin(CODE);
        assert!(!expects_any(&inner));
        expect_any(&inner);
        drop(inner);
        assert_eq!(level(), 1);
        assert!(expects_any(&LoopRun::begin(CODE)));
        drop(outer);
        assert_eq!(level(), 0);
        assert!(expects_any(&LoopRun::begin(CODE)));
    }

    #[test]
    fn a_part_from_elsewhere_is_at_the_level_of_its_loop() {
        let outer = LoopRun::begin(CODE);
        let inner = LoopRun::begin(CODE);
        expect_any(&inner);
        drop((inner, outer));
        let stay = AtLevel::on_this_thread(1);
        assert!(expects_any(&LoopRun::begin(CODE)));
        drop(stay);
        assert_eq!(level(), 0);
    }

    #[test]
    fn two_loops_of_one_set_keep_their_histories() {
        let outer = LoopRun::begin(CODE);
        expect_any(&outer);
        expect_any(&LoopRun::begin(CODE + SECOND_OF_SET));
        assert!(expects_any(&outer));
        assert!(expects_any(&LoopRun::begin(CODE + SECOND_OF_SET)));
    }

    #[test]
    fn a_run_that_a_third_of_its_set_pushed_out_tells_the_others_nothing() {
        let untimed = |run: &LoopRun| run.history(|history| history.untimed.get());
        let run = LoopRun::begin(CODE);
        let second = LoopRun::begin(CODE + SECOND_OF_SET);
        let third = LoopRun::begin(CODE + THIRD_OF_SET);
        assert_eq!(untimed(&run), None);
        for other in [&second, &third] {
            other.history(|history| history.untimed.set(3));
        }
        run.end_inline(1, 0);
        assert_eq!([untimed(&second), untimed(&third)], [Some(3), Some(3)]);
        second.end_inline(1, 0);
        assert_eq!(untimed(&third), Some(3));
    }
}
