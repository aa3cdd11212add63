//! Layer 5: the parallel iterator that takes a range of characters out of a string.

use std::ops::{Range, RangeBounds};

use super::chars::Chars;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::source::vec_drain::resolve;
use crate::iter::{ParallelDrainRange, ParallelIterator};

/// A parallel iterator that takes a range of characters out of a string.
///
/// When it is dropped, the whole range is removed, also characters that it has not given; if it is leaked, nothing is
/// removed.
///
/// ```
/// use paceline::prelude::*;
///
/// let mut text = "a few words".to_string();
/// let taken: String = text.par_drain(2..6).collect();
/// assert_eq!((&*taken, &*text), ("few ", "a words"));
/// ```
#[derive(Debug)]
pub struct Drain<'a> {
    string: &'a mut String,
    range: Range<usize>,
}

/// Takes characters out of a string, by a range of bytes.
///
/// # Panics
///
/// As [`par_drain`](ParallelDrainRange::par_drain), and if the range begins or ends within a character.
impl<'a> ParallelDrainRange<usize> for &'a mut String {
    type Iter = Drain<'a>;
    type Item = char;

    #[track_caller]
    fn par_drain<R: RangeBounds<usize>>(self, range: R) -> Drain<'a> {
        let range = resolve(&range, self.len());
        for bound in [range.start, range.end] {
            assert!(self.is_char_boundary(bound), "the range {range:?} cuts a character in two at {bound}");
        }
        Drain { string: self, range }
    }
}

impl ParallelIterator for Drain<'_> {
    type Item = char;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<char>>(self, consumer: C) -> C::Result {
        let text = &self.string[self.range.clone()];
        Chars { text }.drive_unindexed(consumer)
    }
}

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        self.string.drain(self.range.clone());
    }
}
