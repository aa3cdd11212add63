//! Layer 5: parallel iterators over the parts of a text that matches of a pattern separate or end.

use super::pattern::Pattern;
use super::pieces::{self, Reading};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// A parallel iterator over the parts of a string between separators; made by [`par_split`].
///
/// ```
/// use paceline::prelude::*;
///
/// let total: u32 = "1,2,39".par_split(',').map(|number| number.parse::<u32>().unwrap()).sum();
/// assert_eq!(total, 42);
/// ```
///
/// [`par_split`]: super::parallel_string::ParallelString::par_split
#[derive(Clone, Debug)]
pub struct Split<'ch, P: Pattern> {
    pub(super) text: &'ch str,
    pub(super) separator: P,
}

impl<'ch, P: Pattern> ParallelIterator for Split<'ch, P> {
    type Item = &'ch str;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        pieces::drive(self.text, &self.separator, Separated, consumer)
    }
}

/// The pieces without delimiters; also the last piece if it is empty.
#[derive(Clone, Copy)]
struct Separated;

impl Reading for Separated {
    fn closed<'t>(self, text: &'t str, delimiter: &impl Pattern) -> impl Iterator<Item = &'t str> {
        delimiter.terminated_in(text)
    }

    fn last(self, piece: &str, body_len: usize) -> Option<&str> {
        Some(&piece[..body_len])
    }
}

/// A parallel iterator over the parts of a string that end with separators, including the separators; made by
/// [`par_split_inclusive`].
///
/// ```
/// use paceline::prelude::*;
///
/// let sentences: Vec<_> = "Yes! No? Hm".par_split_inclusive(['!', '?']).collect();
/// assert_eq!(sentences, ["Yes!", " No?", " Hm"]);
/// ```
///
/// [`par_split_inclusive`]: super::parallel_string::ParallelString::par_split_inclusive
#[derive(Clone, Debug)]
pub struct SplitInclusive<'ch, P: Pattern> {
    pub(super) text: &'ch str,
    pub(super) separator: P,
}

impl<'ch, P: Pattern> ParallelIterator for SplitInclusive<'ch, P> {
    type Item = &'ch str;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        pieces::drive(self.text, &self.separator, Whole, consumer)
    }
}

/// The pieces with the delimiters at their ends.
#[derive(Clone, Copy)]
struct Whole;

impl Reading for Whole {
    fn closed<'t>(self, text: &'t str, delimiter: &impl Pattern) -> impl Iterator<Item = &'t str> {
        delimiter.inclusive_in(text)
    }

    fn last(self, piece: &str, _body_len: usize) -> Option<&str> {
        (!piece.is_empty()).then_some(piece)
    }
}

/// A parallel iterator over the parts of a string before terminators; made by [`par_split_terminator`].
///
/// ```
/// use paceline::prelude::*;
///
/// let statements: Vec<_> = "a = 1;b = 2;".par_split_terminator(';').collect();
/// assert_eq!(statements, ["a = 1", "b = 2"]);
/// ```
///
/// [`par_split_terminator`]: super::parallel_string::ParallelString::par_split_terminator
#[derive(Clone, Debug)]
pub struct SplitTerminator<'ch, P: Pattern> {
    pub(super) text: &'ch str,
    pub(super) terminator: P,
}

impl<'ch, P: Pattern> ParallelIterator for SplitTerminator<'ch, P> {
    type Item = &'ch str;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        pieces::drive(self.text, &self.terminator, Terminated, consumer)
    }
}

/// The pieces without delimiters; the last piece only if it has a character or a delimiter.
#[derive(Clone, Copy)]
struct Terminated;

impl Reading for Terminated {
    fn closed<'t>(self, text: &'t str, delimiter: &impl Pattern) -> impl Iterator<Item = &'t str> {
        delimiter.terminated_in(text)
    }

    fn last(self, piece: &str, body_len: usize) -> Option<&str> {
        (!piece.is_empty()).then(|| &piece[..body_len])
    }
}
