//! Layer 5: the pieces of a text between delimiters, the base of all splitting of strings.

use super::pattern::Pattern;
use super::stretch::boundary_before;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// Makes items from the pieces of a text.
pub(super) trait Reading: Copy + Send + Sync {
    /// Reads the pieces of a text that ends with a delimiter, or is empty.
    fn closed<'t>(self, text: &'t str, delimiter: &impl Pattern) -> impl Iterator<Item = &'t str>;

    /// Reads the last piece of a text, with the delimiter at its end, if there is one; `body_len` is its length without
    /// the delimiter.
    fn last(self, piece: &str, body_len: usize) -> Option<&str>;
}

/// Sends the items from the pieces of a text to a consumer.
pub(super) fn drive<'t, P, R, C>(text: &'t str, delimiter: &P, reading: R, consumer: C) -> C::Result
where
    P: Pattern,
    R: Reading,
    C: UnindexedConsumer<&'t str>,
{
    let len = text.len();
    bridge_unindexed(TextPieces { text, delimiter, reading, body_len: len, searched_from: len }, consumer)
}

/// The assumed number of bytes for each piece.
const BYTES_PER_PIECE: usize = 16;

/// A part of a text.
///
/// It is split after a delimiter. The delimiter stays in the left part and ends its last piece. With it, that piece is
/// never empty.
struct TextPieces<'t, 'p, P, R> {
    text: &'t str,
    delimiter: &'p P,
    reading: R,
    /// The length of the text without the delimiter at its end, if the part was split off there.
    body_len: usize,
    /// No delimiter begins from here up to `body_len`. So no byte is searched twice, even if there are few delimiters.
    searched_from: usize,
}

impl<'t, P: Pattern, R: Reading> UnindexedProducer for TextPieces<'t, '_, P, R> {
    type Item = &'t str;

    /// Splits after the first delimiter in the second half, or else in the second quarter, and so on.
    #[inline]
    fn split(mut self) -> (Self, Option<Self>) {
        while self.searched_from > 0 {
            let middle = boundary_before(self.text, self.searched_from / 2);
            match self.cut_behind(middle) {
                (left, None) => self = left,
                halves => return halves,
            }
        }
        (self, None)
    }

    /// std's own iterators read all pieces but the last. The last piece may be long, and have been searched already.
    #[inline]
    fn fold_with<F: Folder<&'t str>>(self, folder: F) -> F {
        let Self { text, delimiter, reading, body_len, searched_from } = self;
        let last_start = delimiter.last_end_in(&text[..searched_from]).unwrap_or(0);
        let (closed, last) = text.split_at(last_start);
        let folder = folder.consume_iter(reading.closed(closed, delimiter));
        match reading.last(last, body_len - last_start) {
            Some(item) if !folder.full() => folder.consume(item),
            _ => folder,
        }
    }

    #[inline]
    fn fold_some<F: Folder<&'t str>>(self, len: usize, folder: F) -> (F, Option<Self>) {
        let from = len.saturating_mul(BYTES_PER_PIECE).min(self.searched_from);
        let from = boundary_before(self.text, from);
        let (first, rest) = self.cut_behind(from);
        (first.fold_with(folder), rest)
    }
}

impl<P: Pattern, R: Reading> TextPieces<'_, '_, P, R> {
    /// Splits after the first delimiter from an index on. If there is none, that stretch is not searched again.
    fn cut_behind(self, from: usize) -> (Self, Option<Self>) {
        let delimiter = self.delimiter.matches_in(&self.text[from..self.searched_from]).next();
        let Some((start, delimiter)) = delimiter else {
            return (Self { searched_from: from, ..self }, None);
        };
        let body_len = from + start;
        let (left, right) = self.text.split_at(body_len + delimiter.len());
        let left_part = Self { text: left, body_len, searched_from: from, ..self };
        let right_part = Self {
            text: right,
            body_len: self.body_len - left.len(),
            searched_from: self.searched_from - left.len(),
            ..self
        };
        (left_part, Some(right_part))
    }
}
