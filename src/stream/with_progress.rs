//! Layer 5: a sequential iterator that reports how many of its items are done.

use crate::fork::{Progress, Ticks, report};
use crate::iter::progress::{Pace, is_report_due};
use std::{fmt, mem};

/// Reports how many items are done; made by [`with_progress`](super::ParallelMap::with_progress).
///
/// ```
/// use paceline::ProgressCounter;
/// use paceline::extra::prelude::*;
/// use paceline::stream::ProgressIter;
///
/// let counter = ProgressCounter::new();
/// let mut words: ProgressIter<_, _> = ["row", "of", "riders"].into_iter().with_progress(&counter);
/// assert_eq!(words.by_ref().count(), 3);
/// assert_eq!(counter.done(), 3);
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ProgressIter<I, P: Progress> {
    iter: I,
    progress: P,
    state: Option<ProgressState>,
}

/// From the first call of `next` on.
struct ProgressState {
    pace: Pace,
    count: u64,
    reported: Ticks,
}

impl<I, P: Progress> ProgressIter<I, P> {
    pub(super) fn new(iter: I, progress: P) -> Self {
        ProgressIter { iter, progress, state: None }
    }

    fn report_rest(&mut self) {
        let count = self.state.as_mut().map_or(0, |state| mem::take(&mut state.count));
        report(&self.progress, count);
    }
}

impl<I: Iterator, P: Progress> Iterator for ProgressIter<I, P> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let state = self.state.get_or_insert_with(|| {
            let (least, most) = self.iter.size_hint();
            self.progress.begin(most.filter(|most| *most == least).map(|length| length as u64));
            let now = Ticks::now();
            ProgressState { pace: Pace::begun(now), count: 0, reported: now }
        });
        if state.pace.is_due() {
            let now = Ticks::now();
            if state.pace.look(now) || is_report_due(now, state.reported) {
                state.reported = now;
                report(&self.progress, mem::take(&mut state.count));
            }
        }
        match self.iter.next() {
            Some(item) => {
                state.pace.ran_one();
                state.count += 1;
                Some(item)
            }
            None => {
                self.report_rest();
                None
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<I: ExactSizeIterator, P: Progress> ExactSizeIterator for ProgressIter<I, P> {}

impl<I, P: Progress> Drop for ProgressIter<I, P> {
    fn drop(&mut self) {
        self.report_rest();
    }
}

impl<I: fmt::Debug, P: Progress> fmt::Debug for ProgressIter<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressIter").field("iter", &self.iter).finish_non_exhaustive()
    }
}
