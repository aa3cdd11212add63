//! Layer 5: parallel iterators over the matches of a pattern.

use super::pattern::Pattern;
use super::stretch;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// A parallel iterator over the parts of a string that match a pattern; made by [`par_matches`].
///
/// ```
/// use paceline::prelude::*;
///
/// let digits: String = "1 and 22".par_matches(char::is_numeric).collect();
/// assert_eq!(digits, "122");
/// ```
///
/// [`par_matches`]: super::parallel_string::ParallelString::par_matches
#[derive(Clone, Debug)]
pub struct Matches<'ch, P: Pattern> {
    pub(super) text: &'ch str,
    pub(super) pattern: P,
}

impl<'ch, P: Pattern> ParallelIterator for Matches<'ch, P> {
    type Item = &'ch str;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let Self { text, pattern } = self;
        stretch::drive(text, |_, text| pattern.matches_in(text).map(|(_, matched)| matched), consumer)
    }
}

/// A parallel iterator over the parts of a string that match a pattern and their positions; made by
/// [`par_match_indices`].
///
/// ```
/// use paceline::prelude::*;
///
/// let places: Vec<_> = "1 and 22".par_match_indices(['1', '2']).collect();
/// assert_eq!(places, [(0, "1"), (6, "2"), (7, "2")]);
/// ```
///
/// [`par_match_indices`]: super::parallel_string::ParallelString::par_match_indices
#[derive(Clone, Debug)]
pub struct MatchIndices<'ch, P: Pattern> {
    pub(super) text: &'ch str,
    pub(super) pattern: P,
}

impl<'ch, P: Pattern> ParallelIterator for MatchIndices<'ch, P> {
    type Item = (usize, &'ch str);

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<(usize, &'ch str)>>(self, consumer: C) -> C::Result {
        let Self { text, pattern } = self;
        let read = |offset, text| pattern.matches_in(text).map(move |(at, matched)| (offset + at, matched));
        stretch::drive(text, read, consumer)
    }
}
