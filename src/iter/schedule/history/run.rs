//! Layer 4: one run of a loop, by the profile that the calling thread has of it.

#[cfg(all(test, not(loom)))]
use super::MOST_UNTIMED;
use super::{Blocks, Profile, Site};
use crate::fork::{Asking, LoopContext, Ticks};
use crate::iter::schedule::grain::Cost;
use std::cell::Cell;
use std::marker::PhantomData;

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// So many loops of a thread are known at a time; fewer where two fall into one place.
const PLACES: usize = 16;

/// What reading the clock costs on a virtual processor, and about what a block costs beside its items.
const LOOK: u64 = 20 * NANOSECOND;
const BESIDE_A_BLOCK: u64 = 3 * NANOSECOND;

thread_local! {
    /// Constant and without a destructor, so that to find a profile is a few instructions.
    static PROFILES: [Profile; PLACES] = const { [const { Profile::new() }; PLACES] };
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

/// How a run begins that is expected to be light.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Start {
    /// Somebody will ask for a part of it if it turns out not to be.
    Untimed,
    /// The same, and it is seen what it costs.
    Timed(Ticks),
    /// Nobody will, so the clock must tell whether it is to be offered after all.
    Alone(Ticks),
}

impl Start {
    /// When it began, if nobody will ask for a part.
    #[inline]
    pub(in super::super) fn alarm(self) -> Option<Ticks> {
        if let Start::Alone(begun) = self { Some(begun) } else { None }
    }

    /// Whether whoever keeps watch is to take note of it: of one in some tens. What happens now and then is not worth a
    /// watch.
    #[inline]
    pub(in super::super) fn is_news(self) -> bool {
        matches!(self, Start::Timed(_))
    }
}

/// What a run has cost that ends now, in which so many items were run in so many blocks.
fn cost_since(begun: Ticks, items: usize, blocks: u64) -> Cost {
    let overhead = LOOK + blocks * BESIDE_A_BLOCK;
    let ticks = Ticks::now().since(begun).saturating_sub(overhead).max(1);
    Cost { ticks, items: items as u64 }
}

/// Calls `f` with the profile at a place of the calling thread's; the places come round.
#[inline(always)]
fn with_profile<R>(place: usize, f: impl FnOnce(&Profile) -> R) -> R {
    // Unlike `with` this is always compiled into the caller.
    let result = PROFILES.try_with(|profiles| f(&profiles[place % PLACES]));
    result.expect("what has no destructor is always there")
}

/// A run of a loop on the calling thread.
#[derive(Debug)]
pub(in super::super) struct Run {
    site: Site,
    /// The profile is this thread's.
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
        with_profile(run.place(), |profile| {
            if profile.site.get() != site {
                profile.begin_anew(site);
            }
        });
        run
    }

    /// Where its profile is.
    #[inline(always)]
    fn place(&self) -> usize {
        self.site.0 / 16 + self.site.0
    }

    /// Calls `f` with the profile, as it is when a run begins.
    #[inline(always)]
    fn profile<R>(&self, f: impl FnOnce(&Profile) -> R) -> R {
        with_profile(self.place(), f)
    }

    /// Calls `f` with the profile when the run ends, unless a loop within this one has taken its place.
    #[inline(always)]
    fn end_profile(&self, f: impl FnOnce(&Profile)) {
        with_profile(self.place(), |profile| {
            if profile.site.get() == self.site {
                f(profile);
            }
        });
    }

    /// Whether it is expected to be light if it is of so many items.
    #[inline]
    pub(in super::super) fn is_expected_to_be_light(&self, len: usize) -> bool {
        self.profile(|profile| len <= profile.most.get())
    }

    /// Whether it is expected to be over before anybody who is awake could take a part of it, if it is of so many items.
    #[inline]
    pub(in super::super) fn is_slight(&self, len: usize) -> bool {
        self.profile(|profile| profile.is_slight(len))
    }

    /// Whether it is expected to be a crumb if it is of so many items, and is not one of those that are timed.
    #[inline(always)]
    pub(in super::super) fn is_crumb(&self, len: usize) -> bool {
        self.profile(|profile| len <= profile.crumb.get() && profile.untimed.get() > 0)
    }

    /// Ends a run that was expected to be a crumb, and by the end of which somebody had asked for work for so many ticks.
    #[inline(always)]
    pub(in super::super) fn end_crumb(self, rung_for: u64) {
        self.end_profile(|profile| {
            profile.untimed.set(profile.untimed.get().saturating_sub(1));
            profile.note_ring(rung_for);
        });
    }

    /// In what blocks to run it, if it is expected to be light.
    #[inline]
    pub(in super::super) fn blocks(&self) -> Blocks {
        self.profile(|profile| profile.blocks.get())
    }

    /// How to begin it, if it is expected to be light; if not at all, like any other.
    #[inline]
    pub(in super::super) fn start_light(&self, asking: Asking) -> Option<Start> {
        self.profile(|profile| match asking {
            Asking::Now => None,
            Asking::Later => Some(profile.start_timer().map_or(Start::Untimed, Start::Timed)),
            Asking::Never => {
                let now = Ticks::now();
                (!profile.comes_often(now)).then_some(Start::Alone(now))
            }
        })
    }

    /// Ends a run that was expected to be light and, as far as anybody has heard, was. So many items were run in so many
    /// blocks, and by the end somebody had asked for work for so many ticks: perhaps before it began, if it was alone.
    #[inline]
    pub(in super::super) fn end_light(self, start: Start, items: usize, blocks: u64, rung_for: u64) {
        self.end_profile(|profile| {
            match start {
                Start::Alone(begun) if items > 0 => return profile.note_cost_alone(cost_since(begun, items, blocks)),
                Start::Timed(begun) if items > 0 => profile.note_cost(cost_since(begun, items, blocks)),
                Start::Alone(_) => return,
                Start::Timed(_) | Start::Untimed => {}
            }
            profile.note_ring(rung_for);
        });
    }

    /// Ends a run that was expected to be light until somebody asked for work, and was of weight or not.
    #[cold]
    pub(in super::super) fn end_asked(self, is_weighty: bool) {
        if is_weighty {
            self.end_profile(Profile::note_surprise);
        }
    }

    /// Ends a run of so many items that was made like any other's, and began then.
    pub(in super::super) fn end(self, begun: Ticks, len: usize) {
        let ticks = Ticks::now().since(begun);
        self.end_profile(|profile| profile.note_run(Cost { ticks, items: len as u64 }));
    }
}

impl Drop for Run {
    #[inline(always)]
    fn drop(&mut self) {
        LEVEL.set(LEVEL.get() - 1);
    }
}

/// Expects the loops that the calling thread has run to be light from now on if they are of no more than `most` items, of
/// which each is a block, and to be crumbs if they are of no more than `crumb`. For tests, which cannot know how long
/// anything takes.
#[cfg(all(test, not(loom)))]
pub(in super::super) fn expect_light_runs(most: usize, crumb: usize) {
    PROFILES.with(|profiles| {
        for profile in profiles {
            profile.most.set(most);
            profile.blocks.set(Blocks { len: 1, last: crumb.max(1) });
            profile.crumb.set(crumb);
            profile.untimed.set(MOST_UNTIMED);
        }
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{AtLevel, Blocks, PLACES, Run, level, with_profile};

    /// Code whose profile nothing else here uses.
    const CODE: usize = 16 * 1000;

    fn expects_any(run: &Run) -> bool {
        run.is_expected_to_be_light(1)
    }

    fn expect_any(run: &Run) {
        run.profile(|profile| profile.most.set(1));
    }

    #[test]
    fn each_level_of_a_recursion_has_a_profile_of_its_own() {
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
        with_profile(run.place(), |profile| {
            profile.blocks.set(Blocks { len: 1, last: 1 });
            profile.untimed.set(3);
        });
        run.end_crumb(0);
        assert_eq!(other.profile(|profile| profile.untimed.get()), 3);
        other.end_crumb(0);
        assert_eq!(with_profile(CODE / 16, |profile| profile.untimed.get()), 2);
    }
}
