//! Layer 5: parallel iterators over the parts of a text that a pattern separates or ends.

use super::pattern::Pattern;
use super::pieces::{Piece, Pieces, Rest};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// A parallel iterator over the parts of a string between separators: what [`par_split`] makes.
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

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let pieces = Pieces::new(self.text, &self.separator, Rest::IsPiece);
        pieces.map(Piece::body).drive_unindexed(consumer)
    }
}

/// A parallel iterator over the parts of a string that separators end, with the separators: what
/// [`par_split_inclusive`] makes.
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

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let pieces = Pieces::new(self.text, &self.separator, Rest::IsPieceUnlessEmpty);
        pieces.map(Piece::whole).drive_unindexed(consumer)
    }
}

/// A parallel iterator over the parts of a string that terminators end: what [`par_split_terminator`] makes.
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

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let pieces = Pieces::new(self.text, &self.terminator, Rest::IsPieceUnlessEmpty);
        pieces.map(Piece::body).drive_unindexed(consumer)
    }
}
