//! Layer 5: parallel iterators over the lines and the words of a text.

use super::pieces::{Piece, Pieces, Rest};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// A parallel iterator over the lines of a string: what [`par_lines`] makes.
///
/// ```
/// use paceline::prelude::*;
///
/// let longest = "one\r\nthree\nsix".par_lines().max_by_key(|line| line.len());
/// assert_eq!(longest, Some("three"));
/// ```
///
/// [`par_lines`]: super::parallel_string::ParallelString::par_lines
#[derive(Clone, Debug)]
pub struct Lines<'ch> {
    pub(super) text: &'ch str,
}

impl<'ch> ParallelIterator for Lines<'ch> {
    type Item = &'ch str;

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        Pieces::new(self.text, &'\n', Rest::IsPieceUnlessEmpty).map(line).drive_unindexed(consumer)
    }
}

/// The line without its end, of which a carriage return is part only before a line feed.
fn line(piece: Piece<'_>) -> &str {
    let body = piece.body();
    if piece.is_delimited() { body.strip_suffix('\r').unwrap_or(body) } else { body }
}

/// A parallel iterator over the words of a string between any white space: what [`par_split_whitespace`] makes.
///
/// ```
/// use paceline::prelude::*;
///
/// let shouted: Vec<_> = " to\tbe\u{3000}".par_split_whitespace().map(str::to_uppercase).collect();
/// assert_eq!(shouted, ["TO", "BE"]);
/// ```
///
/// [`par_split_whitespace`]: super::parallel_string::ParallelString::par_split_whitespace
#[derive(Clone, Debug)]
pub struct SplitWhitespace<'ch> {
    pub(super) text: &'ch str,
}

impl<'ch> ParallelIterator for SplitWhitespace<'ch> {
    type Item = &'ch str;

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        Pieces::new(self.text, &char::is_whitespace, Rest::IsPieceUnlessEmpty)
            .filter_map(word)
            .drive_unindexed(consumer)
    }
}

/// A parallel iterator over the words of a string between ASCII white space: what [`par_split_ascii_whitespace`] makes.
///
/// ```
/// use paceline::prelude::*;
///
/// assert_eq!(" to\tbe ".par_split_ascii_whitespace().count(), 2);
/// ```
///
/// [`par_split_ascii_whitespace`]: super::parallel_string::ParallelString::par_split_ascii_whitespace
#[derive(Clone, Debug)]
pub struct SplitAsciiWhitespace<'ch> {
    pub(super) text: &'ch str,
}

impl<'ch> ParallelIterator for SplitAsciiWhitespace<'ch> {
    type Item = &'ch str;

    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let is_space = |char: char| char.is_ascii_whitespace();
        Pieces::new(self.text, &is_space, Rest::IsPieceUnlessEmpty).filter_map(word).drive_unindexed(consumer)
    }
}

/// The word between two spaces, if there is one.
fn word(piece: Piece<'_>) -> Option<&str> {
    let word = piece.body();
    (!word.is_empty()).then_some(word)
}
