//! A clock that is cheap to read and need not be exact.

/// A moment, in ticks of the processor's own counter where there is one: reading it costs a tenth of what the system's
/// clock costs. (Miri, which interprets, has no such counter.) Heuristics alone may rest on it: counters of two processors can
/// differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks(u64);

impl Ticks {
    /// About so many ticks make a nanosecond: between two and four on the processors of the last decade.
    pub(crate) const PER_NANOSECOND: u64 = if cfg!(all(target_arch = "x86_64", not(miri))) { 3 } else { 1 };

    /// No moment in particular.
    pub(crate) const ZERO: Ticks = Ticks(0);

    /// So many ticks after [`Ticks::ZERO`].
    #[cfg(all(test, not(loom)))]
    pub(crate) fn at(ticks: u64) -> Self {
        Ticks(ticks)
    }

    /// Now.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    #[inline(always)]
    pub(crate) fn now() -> Self {
        // SAFETY: the instruction is part of every x86-64 processor and touches no memory.
        Ticks(unsafe { std::arch::x86_64::_rdtsc() })
    }

    /// Now.
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    #[inline]
    pub(crate) fn now() -> Self {
        use crate::sync::clock::Instant;
        use std::sync::OnceLock;

        static START: OnceLock<Instant> = OnceLock::new();
        Ticks(START.get_or_init(Instant::now).elapsed().as_nanos() as u64)
    }

    /// The moment as a number that fits a word; the numbers come round.
    #[inline(always)]
    pub(crate) fn to_word(self) -> usize {
        self.0 as usize
    }

    /// The moment that [`Ticks::to_word`] told; where a word has fewer bits than the counter, now.
    #[inline(always)]
    pub(crate) fn from_word(word: usize) -> Self {
        if usize::BITS < u64::BITS { Ticks::now() } else { Ticks(word as u64) }
    }

    /// The ticks from a moment that [`Ticks::to_word`] told, not too long ago, to this one; less than none if it was
    /// read later, or on another processor.
    #[inline(always)]
    pub(crate) fn since_word(self, earlier: usize) -> isize {
        self.to_word().wrapping_sub(earlier) as isize
    }

    /// The ticks from `earlier` to this moment; none if it was read later, on another processor.
    #[inline(always)]
    pub(crate) fn since(self, earlier: Ticks) -> u64 {
        self.0.saturating_sub(earlier.0)
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
}
