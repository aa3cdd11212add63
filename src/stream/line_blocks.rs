//! Layer 5: `line_blocks`: a reader in blocks of whole lines, so that a job has many lines at a time.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::iter::FusedIterator;
use std::mem;

/// How much is read at a time: a block takes a job some tens of microseconds, and a window of them fits into the caches.
const BLOCK: usize = 64 << 10;

/// An iterator over blocks of whole lines, of some 64 KiB each: what
/// [`line_blocks`](crate::stream::ParallelLines::line_blocks) makes.
///
/// # Examples
///
/// ```
/// use paceline::stream::{LineBlocks, ParallelLines};
///
/// # fn main() -> std::io::Result<()> {
/// let text = "row\nof\nriders";
/// let blocks: LineBlocks<&[u8]> = text.as_bytes().line_blocks();
/// let bytes = blocks.collect::<Result<Vec<_>, _>>()?.concat();
/// assert_eq!(bytes, text.as_bytes());
/// # Ok(())
/// # }
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct LineBlocks<I> {
    reader: I,
    size: usize,
    /// The beginning of a line that has not been read to its end.
    rest: Vec<u8>,
    is_over: bool,
}

impl<I: Read> LineBlocks<I> {
    pub(super) fn new(reader: I) -> Self {
        LineBlocks { reader, size: BLOCK, rest: Vec::new(), is_over: false }
    }

    /// Reads up to `bytes` bytes at a time, instead of 64 KiB.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::stream::ParallelLines;
    ///
    /// let text = "row\nof\nriders\n";
    /// let blocks = text.as_bytes().line_blocks().block_size(8);
    /// let blocks: Vec<_> = blocks.map(|block| String::from_utf8(block.unwrap()).unwrap()).collect();
    /// assert_eq!(blocks, ["row\nof\n", "riders\n"]);
    /// ```
    pub fn block_size(self, bytes: usize) -> Self {
        assert!(bytes > 0, "the argument `bytes` is 0: nothing could ever be read");
        LineBlocks { size: bytes, ..self }
    }

    /// Reads once, behind what `block` has. Returns how much there was; nothing if the input has ended.
    fn read(&mut self, block: &mut Vec<u8>) -> io::Result<usize> {
        let begun = block.len();
        block.resize(begun + self.size, 0);
        loop {
            match self.reader.read(&mut block[begun..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => {
                    // A reader may say that it has read more than there was room for.
                    let read = outcome.map(|read| read.min(self.size));
                    block.truncate(begun + *read.as_ref().unwrap_or(&0));
                    return read;
                }
            }
        }
    }
}

impl<I: Read> Iterator for LineBlocks<I> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let mut block = mem::take(&mut self.rest);
        while !self.is_over {
            let begun = block.len();
            match self.read(&mut block) {
                Ok(0) => self.is_over = true,
                Ok(_) => {
                    if let Some(end) = block[begun..].iter().rposition(|byte| *byte == b'\n') {
                        self.rest = block.split_off(begun + end + 1);
                        return Some(Ok(block));
                    }
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
        (!block.is_empty()).then_some(Ok(block))
    }
}

impl<I: Read> FusedIterator for LineBlocks<I> {}

impl<I> fmt::Debug for LineBlocks<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineBlocks")
            .field("block_size", &self.size)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
