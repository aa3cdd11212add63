//! A small random number generator, by which a thief chooses its victim.

use std::cell::Cell;

/// Marsaglia's xorshift64* (2003, with Vigna's multiplier, 2014): one word of state, a few instructions.
#[derive(Debug)]
pub(crate) struct XorShift64Star(Cell<u64>);

impl XorShift64Star {
    /// A generator. Its sequence depends on `seed` alone.
    pub(crate) fn new(seed: usize) -> Self {
        #[cfg(sim)]
        let seed = seed ^ crate::sync::sim::seed() as usize;
        // A zero state would stay zero for ever; an odd multiplier keeps different seeds apart.
        let state = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        XorShift64Star(Cell::new(state | 1))
    }

    /// A number from `0..bound`, close to evenly; `bound` must not be 0.
    pub(crate) fn below(&self, bound: usize) -> usize {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        let high = (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as usize;
        high % bound
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::XorShift64Star;

    #[test]
    fn every_victim_is_chosen_about_equally_often() {
        let rng = XorShift64Star::new(0);
        let mut hits = [0_u32; 7];
        for _ in 0..7000 {
            hits[rng.below(7)] += 1;
        }
        assert!(hits.iter().all(|&n| (800..1200).contains(&n)), "{hits:?}");
    }
}
