//! The file of a recording: an array in JSON, complete after each write.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// What ends the file after each write. The next write begins where this did.
const END: &[u8] = b"\n]\n";

/// A write has no more bytes than a page, unless one line has: when the process is killed the system may cut a write
/// short between two pages.
const MOST_AT_ONCE: usize = 4096;

/// A file that is an array in JSON.
#[derive(Debug)]
pub(super) struct TraceFile {
    file: File,
    /// Where [`END`] begins.
    end: u64,
}

impl TraceFile {
    /// Creates the file, or empties it, with one line in the array.
    pub(super) fn create(path: &Path, line: &str) -> io::Result<Self> {
        let mut file = File::create(path)?;
        let mut text = format!("[\n{line}").into_bytes();
        let end = text.len() as u64;
        text.extend_from_slice(END);
        file.write_all(&text)?;
        Ok(TraceFile { file, end })
    }

    /// Appends lines, each of which ends with `,` and a line break.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut rest = lines;
        while !rest.is_empty() {
            let (piece, others) = rest.split_at(piece_len(rest));
            // The separator stands before the lines here, and not behind them.
            let lines = piece.strip_suffix(b",\n").unwrap_or(piece);
            let text = [b",\n".as_slice(), lines, END].concat();
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.write_all(&text)?;
            self.end += (text.len() - END.len()) as u64;
            rest = others;
        }
        Ok(())
    }
}

/// The length of the lines at the front that are written at once: as many as there is room for, and at least one.
fn piece_len(lines: &[u8]) -> usize {
    let room = MOST_AT_ONCE - 2 * END.len();
    let last = lines.len().min(room);
    let is_break = |&at: &usize| lines[at] == b'\n';
    let found = (0..last).rev().find(is_break).or_else(|| (last..lines.len()).find(is_break));
    found.map_or(lines.len(), |at| at + 1)
}

#[cfg(all(test, not(any(loom, sim, miri))))]
mod tests;
