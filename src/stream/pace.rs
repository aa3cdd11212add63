//! Layer 5: for how many results whoever asks for them sleeps at a time: one by one, each wake-up would cost more than a
//! small item.

use crate::sync::ticks::Ticks;
use std::time::Duration;

/// How long a sleep for several results is at most; then one is enough.
pub(super) const NAP: Duration = Duration::from_micros(100);

/// What a wake-up should cost no more than a part of: so much work is done between two.
const BETWEEN_WAKE_UPS: u64 = 40_000 * Ticks::PER_NANOSECOND;

/// How fast results have come since the last sleep.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    since: Option<Ticks>,
    count: usize,
}

impl Pace {
    pub(super) fn new(window: usize) -> Self {
        Pace { most: (window / 2).max(1), since: None, count: 0 }
    }

    /// A result was handed out.
    pub(super) fn count(&mut self) {
        self.count += 1;
    }

    /// For how many results to sleep now. They are expected to come as fast as those since this was asked last.
    pub(super) fn batch(&mut self) -> usize {
        if cfg!(loom) {
            return 1;
        }
        let now = Ticks::now();
        let count = std::mem::take(&mut self.count) as u64;
        let passed = self.since.replace(now).map(|since| now.since(since));
        match passed {
            Some(passed) if count > 0 => {
                let each = (passed / count).max(1);
                usize::try_from(BETWEEN_WAKE_UPS / each).unwrap_or(usize::MAX).clamp(1, self.most)
            }
            _ => 1,
        }
    }
}
