//! The bars of the crate `indicatif`.

use super::Progress;
use indicatif::ProgressBar;

/// Adds to the position. A bar that has no length takes that of the first loop of known length; a length that it has
/// stays as it is.
///
/// ```
/// use indicatif::ProgressBar;
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// // `ProgressBar::no_length()` would be shown.
/// let bar = ProgressBar::hidden();
/// let sum: u32 = (0..100_u32).into_par_iter().with_progress(&bar).sum();
/// assert_eq!((sum, bar.position(), bar.length()), (4950, 100, Some(100)));
/// ```
impl Progress for ProgressBar {
    fn begin(&self, length: Option<u64>) {
        if let (Some(length), None) = (length, self.length()) {
            self.set_length(length);
        }
    }

    fn add(&self, count: u64) {
        self.inc(count);
    }
}
