//! Layer 5: parallel iterators over the lines and the words of a text.

use super::pattern::Pattern;
use super::pieces::{self, Reading};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::UnindexedConsumer;

/// A parallel iterator over the lines of a string; made by [`par_lines`].
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

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        pieces::drive(self.text, &'\n', ByLine, consumer)
    }
}

#[derive(Clone, Copy)]
struct ByLine;

impl Reading for ByLine {
    fn closed<'t>(self, text: &'t str, line_feed: &impl Pattern) -> impl Iterator<Item = &'t str> {
        line_feed.terminated_in(text).map(ended_line)
    }

    fn last(self, piece: &str, body_len: usize) -> Option<&str> {
        let body = &piece[..body_len];
        let line = if body_len < piece.len() { ended_line(body) } else { body };
        (!piece.is_empty()).then_some(line)
    }
}

/// The line before a line feed. A carriage return is part of the line's end only before a line feed.
fn ended_line(body: &str) -> &str {
    body.strip_suffix('\r').unwrap_or(body)
}

/// A parallel iterator over the words of a string between any white space; made by [`par_split_whitespace`].
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

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        pieces::drive(self.text, &char::is_whitespace, Words, consumer)
    }
}

#[derive(Clone, Copy)]
struct Words;

impl Reading for Words {
    fn closed<'t>(self, text: &'t str, space: &impl Pattern) -> impl Iterator<Item = &'t str> {
        space.terminated_in(text).filter(|body| !body.is_empty())
    }

    fn last(self, piece: &str, body_len: usize) -> Option<&str> {
        word(&piece[..body_len])
    }
}

/// A parallel iterator over the words of a string between ASCII white space; made by [`par_split_ascii_whitespace`].
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

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<&'ch str>>(self, consumer: C) -> C::Result {
        let is_space = |char: char| char.is_ascii_whitespace();
        pieces::drive(self.text, &is_space, AsciiWords, consumer)
    }
}

#[derive(Clone, Copy)]
struct AsciiWords;

impl Reading for AsciiWords {
    fn closed<'t>(self, text: &'t str, _space: &impl Pattern) -> impl Iterator<Item = &'t str> {
        text.split_ascii_whitespace()
    }

    fn last(self, piece: &str, body_len: usize) -> Option<&str> {
        word(&piece[..body_len])
    }
}

/// The text between two spaces, unless it is empty.
fn word(body: &str) -> Option<&str> {
    (!body.is_empty()).then_some(body)
}
