//! Work that takes as long as one likes and nothing but a processor: dependent multiplications.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

/// Runs that many dependent steps and returns a value small enough for sums of many to fit.
///
/// A step is a multiplication, a shift and an exclusive or, some five cycles.
#[inline]
pub(crate) fn grind(seed: u64, steps: u32) -> u64 {
    let mut x = seed;
    for _ in 0..steps {
        x = (x ^ (x >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    x >> 32
}

/// How many steps take that long on this machine: at least one. Found out once for the whole process.
pub(crate) fn steps_in(nanoseconds: f64) -> u32 {
    static STEP: OnceLock<f64> = OnceLock::new();
    let step = *STEP.get_or_init(|| {
        const STEPS: u32 = 1 << 20;
        let sample = |_| {
            let start = Instant::now();
            black_box(grind(black_box(1), STEPS));
            start.elapsed().as_nanos() as f64 / f64::from(STEPS)
        };
        // Whatever else happens meanwhile only adds to a sample.
        (0..15).map(sample).fold(f64::INFINITY, f64::min)
    });
    ((nanoseconds / step).round() as u32).max(1)
}
