//! Layer 4: the parallel iterator over a range of characters.

use std::ops::Range;

use super::range::Iter;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelIterator};

/// The first surrogate code point: surrogates are no characters.
const GAP_START: u32 = 0xD800;

/// The number of surrogate code points.
const GAP_LEN: u32 = 0x800;

/// The number of characters with a smaller code point.
pub(super) fn rank(c: char) -> u32 {
    let code = u32::from(c);
    if code < GAP_START { code } else { code - GAP_LEN }
}

/// The character with a given rank.
pub(super) fn unrank(rank: u32) -> char {
    let code = if rank < GAP_START { rank } else { rank + GAP_LEN };
    char::from_u32(code).expect("a rank that a character has does not fall into the gap")
}

fn chars(range: &Range<char>) -> impl IndexedParallelIterator<Item = char> {
    (rank(range.start)..rank(range.end)).into_par_iter().map(unrank)
}

impl ParallelIterator for Iter<char> {
    type Item = char;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<char>>(self, consumer: C) -> C::Result {
        self.drive(consumer)
    }

    const __KNOWS_LEN: KnowsLen = KnowsLen::Always;

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl IndexedParallelIterator for Iter<char> {
    fn len(&self) -> usize {
        chars(&self.range).len()
    }

    #[inline]
    fn drive<C: Consumer<char>>(self, consumer: C) -> C::Result {
        chars(&self.range).drive(consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<char>>(self, callback: CB) -> CB::Output {
        chars(&self.range).with_producer(callback)
    }
}
