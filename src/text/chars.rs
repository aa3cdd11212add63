//! Layer 5: parallel iterators over the characters of a text, and over its bytes and UTF-16 code units.

use super::stretch;
use crate::iter::adaptor::bridged::bridged;
use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IntoParallelRefIterator, ParallelIterator};

/// A parallel iterator over the characters of a string; made by [`par_chars`].
///
/// ```
/// use paceline::prelude::*;
///
/// let loud: String = "häuser".par_chars().flat_map_iter(char::to_uppercase).collect();
/// assert_eq!(loud, "HÄUSER");
/// ```
///
/// [`par_chars`]: super::parallel_string::ParallelString::par_chars
#[derive(Clone, Debug)]
pub struct Chars<'ch> {
    pub(super) text: &'ch str,
}

impl ParallelIterator for Chars<'_> {
    type Item = char;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<char>>(self, consumer: C) -> C::Result {
        stretch::drive(self.text, |_, text| text.chars(), consumer)
    }
}

/// A parallel iterator over the characters of a string and their positions; made by [`par_char_indices`].
///
/// ```
/// use paceline::prelude::*;
///
/// let places: Vec<_> = "häu".par_char_indices().collect();
/// assert_eq!(places, [(0, 'h'), (1, 'ä'), (3, 'u')]);
/// ```
///
/// [`par_char_indices`]: super::parallel_string::ParallelString::par_char_indices
#[derive(Clone, Debug)]
pub struct CharIndices<'ch> {
    pub(super) text: &'ch str,
}

impl<'ch> ParallelIterator for CharIndices<'ch> {
    type Item = (usize, char);

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<(usize, char)>>(self, consumer: C) -> C::Result {
        let read = |offset, text: &'ch str| text.char_indices().map(move |(index, char)| (offset + index, char));
        stretch::drive(self.text, read, consumer)
    }
}

/// A parallel iterator over the bytes of a string; made by [`par_bytes`].
///
/// ```
/// use paceline::prelude::*;
///
/// let first = "no spaces here".par_bytes().position_first(|byte| byte == b' ');
/// assert_eq!(first, Some(2));
/// ```
///
/// [`par_bytes`]: super::parallel_string::ParallelString::par_bytes
#[derive(Clone, Debug)]
pub struct Bytes<'ch> {
    pub(super) text: &'ch str,
}

bridged! {
    impl['ch] Bytes<'ch>
    where []
    item: u8,
    len: |this| this.text.len(),
    producer: |this, callback| this.text.as_bytes().par_iter().copied().with_producer(callback),
}

/// A parallel iterator over the code units of a string in UTF-16; made by [`par_encode_utf16`].
///
/// ```
/// use paceline::prelude::*;
///
/// let wide: Vec<u16> = "𝄞 music".par_encode_utf16().collect();
/// assert_eq!(String::from_utf16(&wide).unwrap(), "𝄞 music");
/// ```
///
/// [`par_encode_utf16`]: super::parallel_string::ParallelString::par_encode_utf16
#[derive(Clone, Debug)]
pub struct EncodeUtf16<'ch> {
    pub(super) text: &'ch str,
}

impl ParallelIterator for EncodeUtf16<'_> {
    type Item = u16;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<u16>>(self, consumer: C) -> C::Result {
        stretch::drive(self.text, |_, text| text.encode_utf16(), consumer)
    }
}
