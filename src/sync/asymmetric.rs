//! Fences for two threads that pass them unequally often.
//!
//! Each of two threads writes something, and then looks at the other's write. A full fence in between on both sides
//! ensures that at least one of them sees the other's write. A fence costs more than many a short item does. So where
//! one thread passes its fence many times as often as the other, the system may spare it the fence: the other thread
//! makes every running thread of the process pass one, wherever that thread is. That takes a system call, and an
//! interrupt to each processor that runs another thread of the process.
//!
//! The idea, the names and their meanings are those of P1202R5, *Asymmetric Fences*; the system call is membarrier(2)
//! of Linux. Where it is missing both sides fence.

use crate::sync::atomic::{Ordering, compiler_fence, fence};

/// The kind of fences that the two sides of one protocol use. Both must use the same value, or copies of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fences {
    /// The frequent side needs none.
    is_spared: bool,
}

impl Fences {
    /// The cheapest kind that the system has. A model has plain fences, which make the same promise; so has Miri, which
    /// interprets no such system call.
    pub(crate) fn new() -> Self {
        Fences { is_spared: cfg!(not(loom)) && system::is_registered() }
    }

    /// The frequent side must call it between its write and its look.
    #[inline(always)]
    pub(crate) fn light(self) {
        if self.is_spared {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }

    /// The other side must call it between its write and its look. Every other thread then passes a full fence at some
    /// moment during this call.
    ///
    /// False if the system failed to do so, though it had promised. Then a look may miss a write just before it: a
    /// thread that waits for such a write must look again after a while.
    #[must_use]
    pub(crate) fn heavy(self) -> bool {
        fence(Ordering::SeqCst);
        !self.is_spared || system::fence_all()
    }
}

#[cfg(all(target_os = "linux", not(any(loom, miri, sim))))]
mod system {
    use crate::sync::atomic::{Ordering, StaticAtomicUsize};

    const UNKNOWN: usize = 0;
    const NO: usize = 1;
    const YES: usize = 2;

    /// True if the process is registered; its forked children are registered then too. Relaxed suffices: the flag
    /// orders nothing else, and a second thread may register once more, which does no harm.
    static REGISTERED: StaticAtomicUsize = StaticAtomicUsize::new(UNKNOWN);

    /// True if the process is registered for the fences of [`fence_all`], or could be registered now.
    pub(super) fn is_registered() -> bool {
        match REGISTERED.load(Ordering::Relaxed) {
            UNKNOWN => {
                let is_registered = membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
                REGISTERED.store(if is_registered { YES } else { NO }, Ordering::Relaxed);
                is_registered
            }
            known => known == YES,
        }
    }

    /// Makes every running thread of the process pass a full fence; other threads pass one before they run.
    #[cold]
    pub(super) fn fence_all() -> bool {
        membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
    }

    fn membarrier(command: libc::c_int) -> bool {
        let (flags, processor): (libc::c_uint, libc::c_int) = (0, 0);
        // SAFETY: a system call without pointers, which changes no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, flags, processor) == 0 }
    }
}

/// The simulated system has such fences on all targets.
#[cfg(sim)]
mod system {
    pub(super) use crate::sync::sim::atomic::fence_all;

    pub(super) fn is_registered() -> bool {
        true
    }
}

#[cfg(not(any(sim, all(target_os = "linux", not(any(loom, miri))))))]
mod system {
    pub(super) fn is_registered() -> bool {
        false
    }

    pub(super) fn fence_all() -> bool {
        true
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Fences;
    use crate::sync::atomic::{AtomicUsize, Ordering, spin_loop};
    use crossbeam_utils::Backoff;
    use std::thread;

    const ROUNDS: usize = if cfg!(miri) { 50 } else { 5000 };

    /// Waits for the other thread, which may have no processor to run on.
    fn await_round(number: &AtomicUsize, round: usize) {
        let backoff = Backoff::new();
        while number.load(Ordering::Acquire) != round {
            backoff.snooze();
        }
    }

    /// In each round each of two threads writes, fences and looks. It must never happen that neither sees the other's
    /// write. Without a fence in `heavy` it happened in some rounds of most runs, on two x86-64 processors.
    fn one_of_two_sees_the_other(fences: Fences) {
        let [begun, ended, often, seldom, seen_often] = [(); 5].map(|()| AtomicUsize::new(0));
        let missed = thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=ROUNDS {
                    await_round(&begun, round);
                    often.store(round, Ordering::Relaxed);
                    fences.light();
                    seen_often.store(seldom.load(Ordering::Relaxed), Ordering::Relaxed);
                    ended.store(round, Ordering::Release);
                }
            });
            let neither_saw = |&round: &usize| {
                begun.store(round, Ordering::Release);
                // So that each thread is the first in some rounds.
                (0..round % 64).for_each(|_| spin_loop());
                seldom.store(round, Ordering::Relaxed);
                let is_fenced = fences.heavy();
                let seen_seldom = often.load(Ordering::Relaxed);
                await_round(&ended, round);
                !is_fenced || seen_seldom != round && seen_often.load(Ordering::Relaxed) != round
            };
            (1..=ROUNDS).filter(neither_saw).count()
        });
        assert_eq!(missed, 0, "in {missed} of {ROUNDS} rounds neither saw the other");
    }

    #[test]
    fn with_the_systems_help_one_of_two_sees_the_other() {
        one_of_two_sees_the_other(Fences::new());
    }

    #[test]
    fn with_a_fence_on_both_sides_one_of_two_sees_the_other() {
        one_of_two_sees_the_other(Fences { is_spared: false });
    }
}
