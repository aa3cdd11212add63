//! Regions: which external call, spawn or isolated call a job descends from.

use crate::sync::atomic::{AtomicUsize, Ordering, StaticAtomicUsize};
use crate::sync::local::thread_local;
use std::cell::Cell;
use std::ptr;

/// The identity of the call or spawn that a job descends from: an external call into the pool, a detached spawn, or the
/// innermost isolated call.
///
/// While an external caller waits, it runs only jobs of its own call's region and of isolated calls within that. The
/// same holds for every thread that runs a job of an *isolated* region. Where `usize` has 32 bits the numbers repeat
/// after two billion regions; only those alive at the same time must differ.
///
/// 1. The lowest bit is set in isolated regions. Their other bits are the address of their [`Isolation`].
/// 2. An isolated call ends when all jobs of its region have ended; a job that may outlive the call that made it has a
///    region of its own. So the [`Isolation`] of a job that has not ended is alive, and so are those around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region(usize);

/// How many numbers a thread draws at once, so that the threads of a burst of spawns do not contend for one counter.
/// Few under Miri, where drawing more than one batch would take long.
const BATCH: usize = if cfg!(miri) { 8 } else { 1 << 12 };

static NEXT_BATCH: StaticAtomicUsize = StaticAtomicUsize::new(0);

thread_local! {
    /// The calling thread's next number; a multiple of [`BATCH`] when the batch is used up.
    static NEXT: Cell<usize> = const { Cell::new(0) };

    /// The region of the isolated call that the calling thread, which is no worker, is in; if it is in one.
    static OUTSIDE: Cell<Region> = const { Cell::new(Region::NONE) };
}

/// The bit of an isolated region (invariant 1).
const ISOLATED: usize = 1;

/// An isolated call. The value lies in the frame of that call.
#[derive(Debug)]
pub(crate) struct Isolation {
    /// The region around it.
    outer: Region,
}

impl Isolation {
    /// A call within a region. The caller must not move the value while the call lasts.
    pub(crate) fn within(outer: Region) -> Self {
        Isolation { outer }
    }

    /// The region of the call. A thread in it runs, while it waits, only jobs of the region and of those within.
    pub(crate) fn region(&self) -> Region {
        Region(ptr::from_ref(self).expose_provenance() | ISOLATED)
    }
}

const _: () = assert!(align_of::<Isolation>() > ISOLATED);

impl Region {
    /// The region of a worker that runs no job.
    pub(crate) const NONE: Region = Region(0);

    /// A region that no other call or spawn has.
    #[inline]
    pub(crate) fn fresh() -> Region {
        NEXT.with(|next| {
            if next.get() % BATCH == 0 {
                // Relaxed suffices: only uniqueness matters, and the counter orders nothing. A batch's first number is
                // never given out: it marks a batch that is used up, and the very first is `NONE`.
                next.set(NEXT_BATCH.fetch_add(BATCH, Ordering::Relaxed) + 1);
            }
            let region = next.get();
            next.set(region + 1);
            Region(region << 1)
        })
    }

    /// True if `self` is the other region, or that of an isolated call within it.
    ///
    /// # Safety
    ///
    /// A job of this region must not have ended.
    #[inline]
    pub(crate) unsafe fn is_within(self, other: Region) -> bool {
        let mut region = self;
        while region != other {
            if !region.is_isolated() {
                return false;
            }
            let isolation = ptr::with_exposed_provenance::<Isolation>(region.0 & !ISOLATED);
            // SAFETY: by invariants 1 and 2 the address is that of the isolated call, which has not ended.
            region = unsafe { &*isolation }.outer;
        }
        true
    }

    /// True if a thread that runs a job of this region runs no other region's jobs while it waits.
    #[inline]
    pub(crate) fn is_isolated(self) -> bool {
        self.0 & ISOLATED != 0
    }

    /// The region of a call into a pool by the calling thread, which is no worker.
    #[inline]
    pub(crate) fn of_call_from_outside() -> Region {
        let isolated = OUTSIDE.get();
        if isolated == Region::NONE { Region::fresh() } else { isolated }
    }

    /// Runs `f`. All calls into pools that the calling thread, which is no worker, makes meanwhile belong to one
    /// isolated region.
    pub(crate) fn isolate_outside<R>(f: impl FnOnce() -> R) -> R {
        struct RestoreRegion(Region);
        impl Drop for RestoreRegion {
            fn drop(&mut self) {
                OUTSIDE.set(self.0);
            }
        }
        let isolation = Isolation::within(OUTSIDE.get());
        let _restore = RestoreRegion(OUTSIDE.replace(isolation.region()));
        f()
    }
}

/// The region of the job that a worker runs, for other threads to look at. It orders nothing.
#[derive(Debug)]
pub(crate) struct RunningRegion(AtomicUsize);

impl RunningRegion {
    pub(crate) fn new() -> Self {
        RunningRegion(AtomicUsize::new(Region::NONE.0))
    }

    #[inline]
    pub(crate) fn get(&self) -> Region {
        Region(self.0.load(Ordering::Relaxed))
    }

    /// Only the owner of the slot may call it.
    #[inline]
    pub(crate) fn replace(&self, region: Region) -> Region {
        let before = self.get();
        self.0.store(region.0, Ordering::Relaxed);
        before
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{BATCH, Isolation, Region};
    use std::collections::HashSet;

    #[test]
    fn regions_differ_across_batches_and_threads() {
        let draw = || (0..2 * BATCH + 1).map(|_| Region::fresh().0).collect::<Vec<_>>();
        let other = std::thread::spawn(draw);
        let mut all: Vec<usize> = draw();
        all.extend(other.join().unwrap());
        all.push(Region::NONE.0);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    #[test]
    fn only_isolated_regions_are_isolated() {
        assert!(!Region::NONE.is_isolated());
        assert!(!Region::fresh().is_isolated());
        assert!(Isolation::within(Region::NONE).region().is_isolated());
    }

    #[test]
    fn an_isolated_region_is_within_those_around_it() {
        let (call, stranger) = (Region::fresh(), Region::fresh());
        let outer = Isolation::within(call);
        let (inner, sibling) = (Isolation::within(outer.region()), Isolation::within(outer.region()));
        // SAFETY: all of them are in this frame.
        let is_within = |region: Region, other| unsafe { region.is_within(other) };
        for around in [call, outer.region(), inner.region()] {
            assert!(is_within(inner.region(), around));
        }
        for other in [Region::NONE, stranger, sibling.region()] {
            assert!(!is_within(inner.region(), other));
        }
        assert!(!is_within(outer.region(), inner.region()));
        assert!(!is_within(call, outer.region()));
    }

    #[test]
    fn calls_from_within_an_isolated_call_outside_share_its_region() {
        assert!(!Region::of_call_from_outside().is_isolated());
        let (outer, inner) = Region::isolate_outside(|| {
            let inner = Region::isolate_outside(Region::of_call_from_outside);
            assert_eq!(Region::of_call_from_outside(), Region::of_call_from_outside());
            (Region::of_call_from_outside(), inner)
        });
        assert!(outer.is_isolated() && inner.is_isolated());
        assert_ne!(outer, inner);
        assert_ne!(Region::of_call_from_outside(), Region::of_call_from_outside());
    }
}
