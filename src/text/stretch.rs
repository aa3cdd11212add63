//! Layer 5: stretches of a text; a sequential iterator reads each of them.

use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// Sends the items that `read` makes from a text to a consumer.
///
/// The text may be split between any two characters. `read` is called for each stretch, with the offset of the stretch
/// in the text.
pub(super) fn drive<'t, I, C>(text: &'t str, read: impl Fn(usize, &'t str) -> I + Sync, consumer: C) -> C::Result
where
    I: Iterator,
    C: UnindexedConsumer<I::Item>,
{
    bridge_unindexed(TextStretch { text, offset: 0, read: &read }, consumer)
}

/// Finds the last boundary between characters of `text` up to `index`.
pub(super) fn boundary_before(text: &str, index: usize) -> usize {
    let boundary = (0..=index).rev().find(|&index| text.is_char_boundary(index));
    boundary.unwrap_or_default()
}

/// Finds the first boundary between characters of `text` from `index` on.
fn boundary_after(text: &str, index: usize) -> usize {
    let boundary = (index..text.len()).find(|&index| text.is_char_boundary(index));
    boundary.unwrap_or(text.len())
}

struct TextStretch<'t, 'r, R> {
    text: &'t str,
    offset: usize,
    read: &'r R,
}

impl<'t, R, I> UnindexedProducer for TextStretch<'t, '_, R>
where
    R: Fn(usize, &'t str) -> I + Sync,
    I: Iterator,
{
    type Item = I::Item;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        let middle = boundary_before(self.text, self.text.len() / 2);
        if middle == 0 {
            return (self, None);
        }
        let (left, right) = self.text.split_at(middle);
        (Self { text: left, ..self }, Some(Self { text: right, offset: self.offset + middle, read: self.read }))
    }

    #[inline]
    fn fold_with<F: Folder<I::Item>>(self, folder: F) -> F {
        folder.consume_iter((self.read)(self.offset, self.text))
    }

    #[inline]
    fn fold_some<F: Folder<I::Item>>(self, len: usize, folder: F) -> (F, Option<Self>) {
        // Takes `len` bytes for `len` items, because a character has few bytes.
        let middle = boundary_after(self.text, len);
        let (left, right) = self.text.split_at(middle);
        let folder = folder.consume_iter((self.read)(self.offset, left));
        let right = Self { text: right, offset: self.offset + middle, read: self.read };
        (folder, (!right.text.is_empty()).then_some(right))
    }
}
