//! The file of a recording: an array in JSON, complete after each write.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// What ends the file after each write. The next write begins where this did.
const END: &[u8] = b"\n]\n";

/// What stands before each element but the first.
pub(super) const SEPARATOR: &str = ",\n";

/// A write has no more bytes than a page, unless one element has: when the process is killed the system may cut a write
/// short between two pages.
const MOST_AT_ONCE: usize = 4096;

/// The file grows by so many bytes at a time, which are white space behind its end: with one byte more at each write, the
/// system would take twice as long for a write.
const GROWTH: usize = 1 << 16;

/// A file that is an array in JSON.
#[derive(Debug)]
pub(super) struct TraceFile {
    file: File,
    /// Where [`END`] begins.
    end: u64,
    /// The length of the file. Behind [`END`] it is white space.
    len: u64,
    /// Elements that are not in the file yet, each after a [`SEPARATOR`].
    page: Vec<u8>,
}

impl TraceFile {
    /// Creates the file, or empties it, with one element in the array.
    pub(super) fn create(path: &Path, element: &str) -> io::Result<Self> {
        let mut file = File::create(path)?;
        let mut text = format!("[\n{element}").into_bytes();
        let end = text.len() as u64;
        text.extend_from_slice(END);
        file.write_all(&text)?;
        Ok(TraceFile { file, end, len: text.len() as u64, page: Vec::with_capacity(MOST_AT_ONCE) })
    }

    /// Appends what `write` appends to the vector: elements, each after a [`SEPARATOR`]. They are in the file after
    /// [`TraceFile::flush`] at the latest.
    #[inline]
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let begin = self.page.len();
        write(&mut self.page);
        if self.page.len() + END.len() > MOST_AT_ONCE { self.write_first(begin) } else { Ok(()) }
    }

    /// Writes the elements that are not in the file yet.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write_first(self.page.len())
    }

    /// Writes the elements that are not in the file yet, and takes the white space away.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.file.set_len(self.end + END.len() as u64)
    }

    /// Writes so many of the bytes; all others stay.
    #[cold]
    fn write_first(&mut self, len: usize) -> io::Result<()> {
        if len == 0 {
            return Ok(());
        }
        let others = self.page.split_off(len);
        self.page.extend_from_slice(END);
        while self.end + self.page.len() as u64 > self.len {
            self.file.seek(SeekFrom::Start(self.len))?;
            self.file.write_all(&[b' '; GROWTH])?;
            self.len += GROWTH as u64;
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&self.page)?;
        self.end += len as u64;
        self.page.clear();
        self.page.extend_from_slice(&others);
        Ok(())
    }
}

#[cfg(all(test, not(any(loom, sim, miri))))]
mod tests;
