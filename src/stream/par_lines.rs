//! Layer 5: `par_lines_ordered`: the lines of a reader, worked on in parallel.

use crate::stream::line_blocks::LineBlocks;
use crate::stream::map::ParallelMap;
use crate::stream::output::ParMapOrdered;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::iter::FusedIterator;
use std::str;
use std::vec;

/// Works in parallel on the lines of a reader, such as a file or the standard input.
///
/// Implemented for every reader. It need not be buffered.
///
/// A line alone is too little work to be moved to another thread. So the reader is read in blocks of whole lines, some
/// 64 KiB each: one `read`, and the rest of the line at its end. A reader that gives less at a time, such as a pipe, makes
/// shorter blocks, so that lines do not wait for those behind them. A line that is longer makes its block longer.
///
/// # Examples
///
/// A filter that keeps all cores busy, and some blocks in memory, however long the file is:
///
/// ```
/// use paceline::extra::prelude::*;
///
/// # fn main() -> std::io::Result<()> {
/// let file = std::fs::File::open("Cargo.toml")?;
/// let mut found = 0;
/// let hits = file.par_lines_ordered(16, |line| line.contains("license").then(|| line.to_owned()));
/// for hit in hits {
///     found += usize::from(hit?.is_some());
/// }
/// assert_eq!(found, 1);
/// # Ok(())
/// # }
/// ```
///
/// With the least work for each line, by blocks; and in a scope, where the closure may borrow:
///
/// ```
/// use paceline::extra::prelude::*;
///
/// # fn main() -> std::io::Result<()> {
/// let word = String::from("license");
/// let found = paceline::in_place_scope(|s| -> std::io::Result<usize> {
///     let blocks = std::fs::File::open("Cargo.toml")?.line_blocks();
///     let found = blocks.par_map_ordered_in(s, 16, |block| {
///         let block = String::from_utf8(block?).map_err(std::io::Error::other)?;
///         Ok(block.lines().filter(|line| line.contains(&word)).count())
///     });
///     found.sum()
/// })?;
/// assert_eq!(found, 1);
/// # Ok(())
/// # }
/// ```
pub trait ParallelLines: Read + Sized {
    /// The contents of the reader, in blocks of whole lines.
    ///
    /// The last line may have no line end. An error comes behind the whole lines before it, and is the last item; the
    /// beginning of a line that was read before it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    ///
    /// let text = "3\n1\n2\n".repeat(100_000);
    /// let sums = std::io::Cursor::new(text).line_blocks().par_map_ordered(8, |block| {
    ///     let block = String::from_utf8(block.unwrap()).unwrap();
    ///     block.lines().map(|line| line.parse::<u64>().unwrap()).sum::<u64>()
    /// });
    /// assert_eq!(sums.sum::<u64>(), 600_000);
    /// ```
    fn line_blocks(self) -> LineBlocks<Self> {
        LineBlocks::new(self)
    }

    /// Maps the lines in parallel by `f`; the results come in the order of the lines.
    ///
    /// `window` is a number of blocks of 64 KiB: those that were read and the results of which were not handed out. The
    /// rest is as for [`par_map_ordered`](ParallelMap::par_map_ordered), which works on the blocks.
    ///
    /// Lines are as [`BufRead::lines`](std::io::BufRead::lines) has them, without their ends. A line that is not UTF-8 is
    /// an error of the kind `InvalidData` in its place. An error of the reader comes behind the lines before it, and ends
    /// the iterator. A panic of `f` goes on in the `next()` that comes to its block, and the block's results are lost.
    ///
    /// # Panics
    ///
    /// If `window` is 0, before anything is read.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let text = "row\nof\nriders\n";
    /// let lengths = text.as_bytes().par_lines_ordered(16, str::len).collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!(lengths, [3, 2, 6]);
    /// # Ok(())
    /// # }
    /// ```
    fn par_lines_ordered<F, R>(self, window: usize, f: F) -> ParLinesOrdered<R>
    where
        Self: Send + 'static,
        F: Fn(&str) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        let map =
            move |block: io::Result<Vec<u8>>| block.map_or_else(|error| vec![Err(error)], |block| lines(&block, &f));
        let blocks = self.line_blocks().par_map_ordered(window, map);
        ParLinesOrdered { blocks, ready: Vec::new().into_iter() }
    }
}

impl<I: Read> ParallelLines for I {}

/// The results of the lines of a block.
fn lines<R>(block: &[u8], f: impl Fn(&str) -> R) -> Vec<io::Result<R>> {
    if let Ok(text) = str::from_utf8(block) {
        return text.lines().map(|line| Ok(f(line))).collect();
    }
    let one = |line: &[u8]| match str::from_utf8(line) {
        Ok(line) => Ok(line.lines().next().map_or_else(|| f(""), &f)),
        Err(error) => Err(io::Error::new(ErrorKind::InvalidData, error)),
    };
    block.split_inclusive(|byte| *byte == b'\n').map(one).collect()
}

/// An iterator over results in the order of the lines: what [`par_lines_ordered`](ParallelLines::par_lines_ordered) makes.
///
/// # Examples
///
/// ```
/// use paceline::stream::{ParLinesOrdered, ParallelLines};
///
/// let mut lengths: ParLinesOrdered<usize> = "row\nof\n".as_bytes().par_lines_ordered(16, str::len);
/// assert_eq!(lengths.next().unwrap().unwrap(), 3);
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ParLinesOrdered<R> {
    blocks: ParMapOrdered<Vec<io::Result<R>>>,
    /// The results that are next.
    ready: vec::IntoIter<io::Result<R>>,
}

impl<R> Iterator for ParLinesOrdered<R> {
    type Item = io::Result<R>;

    fn next(&mut self) -> Option<io::Result<R>> {
        loop {
            if let Some(result) = self.ready.next() {
                return Some(result);
            }
            self.ready = self.blocks.next()?.into_iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ready.len(), if self.blocks.size_hint().1 == Some(0) { Some(self.ready.len()) } else { None })
    }
}

impl<R> FusedIterator for ParLinesOrdered<R> {}

impl<R> fmt::Debug for ParLinesOrdered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParLinesOrdered")
            .field("blocks", &self.blocks)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}
