//! A clock that is cheap to read and need not be exact.

use std::time::Duration;

/// A moment, in ticks of the processor's own counter where there is one: reading it costs a tenth of reading the
/// system's clock. (Miri, which interprets, has no such counter.) Only heuristics may rely on it. The counters of two
/// processors can differ, and a thread can move from one to the other. So a moment that was read before can be *ahead*
/// of one that is read now, by any number of ticks. Code that measures a time takes that for no time
/// ([`Ticks::since`]). Code that waits for a moment takes it for past ([`Ticks::is_past`]), since it would otherwise
/// wait for as long as the two differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks(u64);

impl Ticks {
    /// About so many ticks make a nanosecond: between two and four on the processors of the last decade.
    pub(crate) const PER_NANOSECOND: u64 = if cfg!(all(target_arch = "x86_64", not(any(miri, sim)))) { 3 } else { 1 };

    /// An arbitrary moment.
    pub(crate) const ZERO: Ticks = Ticks(0);

    /// The moment `ticks` ticks after [`Ticks::ZERO`].
    #[cfg(all(test, not(loom)))]
    pub(crate) fn at(ticks: u64) -> Self {
        Ticks(ticks)
    }

    /// Now.
    #[cfg(all(target_arch = "x86_64", not(any(miri, sim))))]
    #[inline(always)]
    pub(crate) fn now() -> Self {
        // SAFETY: the instruction is part of every x86-64 processor and touches no memory.
        Ticks(unsafe { std::arch::x86_64::_rdtsc() })
    }

    /// Now.
    #[cfg(not(any(sim, all(target_arch = "x86_64", not(miri)))))]
    #[inline]
    pub(crate) fn now() -> Self {
        use crate::sync::atomic::{Ordering, StaticAtomicPtr};
        use crate::sync::clock::Instant;
        use std::ptr;

        // There is no lock: a forked child could find it held by a thread that it does not have.
        static START: StaticAtomicPtr<Instant> = StaticAtomicPtr::new(ptr::null_mut());
        let mut start = START.load(Ordering::Acquire);
        if start.is_null() {
            let now = Box::into_raw(Box::new(Instant::now()));
            // A second thread takes the first one's value, and leaks its own. The exchange's release pairs with its
            // acquire on failure and with the load above.
            let set = START.compare_exchange(ptr::null_mut(), now, Ordering::AcqRel, Ordering::Acquire);
            start = set.map_or_else(|first| first, |_| now);
        }
        // SAFETY: it was leaked just now, or by the first thread.
        let start = unsafe { &*start };
        Ticks(start.elapsed().as_nanos() as u64)
    }

    /// Now.
    #[cfg(sim)]
    #[track_caller]
    pub(crate) fn now() -> Self {
        crate::sync::sim::clock::read();
        Ticks(crate::sync::sim::clock::nanoseconds())
    }

    /// The moment as a number that fits a word; the numbers wrap around.
    #[inline(always)]
    pub(crate) fn to_word(self) -> usize {
        self.0 as usize
    }

    /// The moment that [`Ticks::to_word`] gave; where a word has fewer bits than the counter, now.
    #[inline(always)]
    pub(crate) fn from_word(word: usize) -> Self {
        if usize::BITS < u64::BITS { Ticks::now() } else { Ticks(word as u64) }
    }

    /// About how long ago the moment was; no time if it is ahead.
    pub(crate) fn elapsed(self) -> Duration {
        Duration::from_nanos(Ticks::now().since(self) / Ticks::PER_NANOSECOND)
    }

    /// The ticks from `earlier` to this moment; 0 if `earlier` is ahead.
    #[inline(always)]
    pub(crate) fn since(self, earlier: Ticks) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// True if so many ticks have passed from `earlier` to this moment, or if `earlier` is ahead.
    #[inline(always)]
    pub(crate) fn is_past(self, earlier: Ticks, ticks: u64) -> bool {
        // The difference to a moment ahead wraps around to more than any time.
        self.0.wrapping_sub(earlier.0) >= ticks
    }

    /// As [`Ticks::is_past`], for a moment that [`Ticks::to_word`] gave.
    #[inline(always)]
    pub(crate) fn is_past_word(self, earlier: usize, ticks: usize) -> bool {
        self.to_word().wrapping_sub(earlier) >= ticks
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Ticks;

    #[test]
    fn they_pass() {
        let begun = Ticks::now();
        while Ticks::now().since(begun) == 0 {}
        assert_eq!(begun.since(Ticks::now()), 0, "time does not run backwards");
    }

    #[test]
    fn a_time_is_past_when_it_has_passed() {
        let (begun, now) = (Ticks::at(1000), Ticks::at(1500));
        assert_eq!([499, 500, 501].map(|ticks| now.is_past(begun, ticks)), [true, true, false]);
        assert_eq!([499, 500, 501].map(|ticks| now.is_past_word(begun.to_word(), ticks)), [true, true, false]);
        assert!(!now.is_past(now, 1) && now.is_past(now, 0));
    }

    /// As if the thread had been on a processor with a counter that is ahead by a tick, or by a day.
    #[test]
    fn what_is_ahead_is_past_and_measures_nothing() {
        let now = Ticks::at(1_000_000);
        for ahead in [1, 1_000_000_000_000] {
            let begun = Ticks::at(1_000_000 + ahead);
            assert_eq!(now.since(begun), 0);
            assert!(now.is_past(begun, 1_000_000_000));
            assert!(now.is_past_word(begun.to_word(), 1_000_000_000) || usize::BITS < u64::BITS);
        }
    }
}
