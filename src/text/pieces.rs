//! Layer 5: the pieces of a text that lie between delimiters, on which all splitting of strings is built.

use std::iter;

use super::pattern::Pattern;
use super::stretch::boundary_before;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// What lies between two delimiters.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    text: &'t str,
    start: usize,
    body_end: usize,
    /// Behind the delimiter; the end of the body if the text ends it.
    end: usize,
}

impl<'t> Piece<'t> {
    /// The piece without the delimiter that ends it.
    pub(super) fn body(self) -> &'t str {
        &self.text[self.start..self.body_end]
    }

    /// The piece with the delimiter that ends it.
    pub(super) fn whole(self) -> &'t str {
        &self.text[self.start..self.end]
    }

    /// Whether a delimiter ends the piece.
    pub(super) fn is_delimited(self) -> bool {
        self.body_end < self.end
    }
}

/// Whether what follows the last delimiter of a text is a piece.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    /// Also if it is empty.
    IsPiece,
    /// Unless it is empty.
    IsPieceUnlessEmpty,
}

/// A parallel iterator over the pieces of a text.
///
/// It is cut behind a delimiter. The delimiter stays in the left part and ends its last piece, which with it is never
/// empty.
pub(super) struct Pieces<'t, 'p, P> {
    text: &'t str,
    pattern: &'p P,
    rest: Rest,
    /// The length of the text without the delimiter at its end, if the part was cut off there.
    body_len: usize,
    /// No delimiter begins from here up to `body_len`, so that no byte is searched for two cuts, however few the
    /// delimiters are.
    searched_from: usize,
}

impl<'t, 'p, P: Pattern> Pieces<'t, 'p, P> {
    pub(super) fn new(text: &'t str, pattern: &'p P, rest: Rest) -> Self {
        Self { text, pattern, rest, body_len: text.len(), searched_from: text.len() }
    }

    /// Cuts behind the first delimiter in the second half, or else in the second quarter, and so on.
    fn cut(self) -> (Self, Option<Self>) {
        let mut searched_from = self.searched_from;
        while searched_from > 0 {
            let middle = boundary_before(self.text, searched_from / 2);
            let delimiter = self.pattern.matches_in(&self.text[middle..searched_from]).next();
            if let Some((start, delimiter)) = delimiter {
                let body_len = middle + start;
                let (left, right) = self.text.split_at(body_len + delimiter.len());
                let left_part = Self { text: left, body_len, searched_from: middle, ..self };
                let right_part = Self {
                    text: right,
                    body_len: self.body_len - left.len(),
                    searched_from: searched_from - left.len(),
                    ..self
                };
                return (left_part, Some(right_part));
            }
            searched_from = middle;
        }
        (Self { searched_from, ..self }, None)
    }
}

impl<'t, P: Pattern> ParallelIterator for Pieces<'t, '_, P> {
    type Item = Piece<'t>;

    fn drive_unindexed<C: UnindexedConsumer<Piece<'t>>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }
}

impl<'t, P: Pattern> UnindexedProducer for Pieces<'t, '_, P> {
    type Item = Piece<'t>;

    fn split(self) -> (Self, Option<Self>) {
        self.cut()
    }

    fn fold_with<F: Folder<Piece<'t>>>(self, folder: F) -> F {
        let Self { text, pattern, rest, body_len, searched_from } = self;
        let mut delimiters = pattern.matches_in(&text[..searched_from]);
        let mut next_start = 0;
        let mut is_over = false;
        folder.consume_iter(iter::from_fn(|| {
            if is_over {
                return None;
            }
            let start = next_start;
            if let Some((body_end, delimiter)) = delimiters.next() {
                next_start = body_end + delimiter.len();
                return Some(Piece { text, start, body_end, end: next_start });
            }
            is_over = true;
            let is_piece = matches!(rest, Rest::IsPiece) || start < text.len();
            is_piece.then_some(Piece { text, start, body_end: body_len, end: text.len() })
        }))
    }
}
