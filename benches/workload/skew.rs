//! Items of very uneven weight, and where the heavy ones stand.

use super::grind::steps_in;

/// How long a heavy item takes, in nanoseconds.
const HEAVY: f64 = 200_000.0;

/// Where the heavy items stand.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    First64,
    Middle64,
    Last64,
    Last8,
    /// There are none: every item is heavier than the one before.
    Growing,
}

impl Shape {
    pub(crate) const ALL: [Self; 5] = [Self::First64, Self::Middle64, Self::Last64, Self::Last8, Self::Growing];

    /// The words for tables.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::First64 => "first 64 heavy",
            Self::Middle64 => "64 in the middle heavy",
            Self::Last64 => "last 64 heavy",
            Self::Last8 => "last 8 heavy",
            Self::Growing => "growing with the index",
        }
    }

    /// The weights of that many items, in steps, of which the light ones take `light` nanoseconds and the heavy ones,
    /// in the smaller form of the bench, the `ease`th part of what they should.
    pub(crate) fn weights(self, items: usize, light: f64, ease: f64) -> Vec<u32> {
        let heavy = match self {
            Self::First64 => 0..64,
            Self::Middle64 => items / 2 - 32..items / 2 + 32,
            Self::Last64 => items - 64..items,
            Self::Last8 => items - 8..items,
            Self::Growing => return growing(items, HEAVY / ease),
        };
        let (light, weight) = (steps_in(light), steps_in(HEAVY / ease));
        (0..items).map(|index| if heavy.contains(&index) { weight } else { light }).collect()
    }
}

/// As much work as in 64 heavy items, growing in proportion to the index.
fn growing(items: usize, heavy: f64) -> Vec<u32> {
    let last = 2.0 * 64.0 * heavy / items as f64;
    (1..=items).map(|place| steps_in(last * place as f64 / items as f64)).collect()
}
