//! Finding and reading the text files of some folders, up to a limit.
//!
//! The walk is lazy, so that a limit also ends the search. It hands out batches; while one batch is read in parallel,
//! a `join` finds the next one.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use paceline::extra::prelude::*;
use paceline::join;
use paceline::prelude::*;

use crate::bar::Bar;

/// Larger files are skipped: they are mostly generated, and one of them would be the longest piece of the work.
pub(crate) const MAX_FILE_BYTES: u64 = 4_000_000;

/// A batch is full at this many files or bytes, whichever comes first.
const BATCH_FILES: usize = 1_000;
const BATCH_BYTES: u64 = 16_000_000;

/// Folders that are never entered: build outputs and version control.
const SKIPPED_FOLDERS: [&str; 2] = ["target", ".git"];

/// One file's text.
pub(crate) struct Text {
    pub(crate) content: String,
    /// Whether it is HTML, where what stands between angle brackets is not for the reader.
    pub(crate) is_html: bool,
}

impl Text {
    pub(crate) fn bytes(&self) -> u64 {
        self.content.len() as u64
    }
}

/// What was read, and what was passed over.
#[derive(Default)]
pub(crate) struct Library {
    pub(crate) texts: Vec<Text>,
    pub(crate) bytes: u64,
    pub(crate) not_text: usize,
    pub(crate) too_large: usize,
    pub(crate) unreadable: usize,
    /// Whether the limit ended the reading.
    pub(crate) limited: bool,
}

impl Library {
    /// Takes in a batch in its order, which makes what is kept the same from run to run.
    fn shelve(&mut self, batch: Vec<io::Result<Text>>, limit: u64) {
        for read in batch {
            if self.bytes >= limit {
                self.limited = true;
                return;
            }
            match read {
                // A NUL is valid UTF-8, but no text has one.
                Ok(text) if text.content.contains('\0') => self.not_text += 1,
                Ok(text) => {
                    self.bytes += text.bytes();
                    self.texts.push(text);
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => self.not_text += 1,
                Err(_) => self.unreadable += 1,
            }
        }
    }
}

/// Reads the text files under `folders`, in order, until `limit` bytes of text are there.
pub(crate) fn read(folders: Vec<PathBuf>, limit: u64) -> Library {
    let bar = Bar::new();
    bar.phase("Reading files", None);
    let mut library = Library::default();
    let mut walk = Walk::new(folders);
    let mut batch = walk.next_batch();
    while !batch.is_empty() && !library.limited {
        let (read, next) = join(|| read_batch(&batch, &bar), || walk.next_batch());
        library.shelve(read, limit);
        batch = next;
    }
    library.too_large = walk.too_large;
    library.unreadable += walk.unreadable;
    library
}

fn read_batch(batch: &[PathBuf], bar: &Bar) -> Vec<io::Result<Text>> {
    batch
        .par_iter()
        .map(|path| {
            let content = fs::read_to_string(path)?;
            Ok(Text { content, is_html: path.extension().is_some_and(|extension| extension == "html") })
        })
        .with_progress(bar)
        .collect()
}

/// A depth-first walk, by name within a folder, that follows no links.
struct Walk {
    /// Folders still to enter, the next one last.
    folders: Vec<PathBuf>,
    /// Files of the folders entered, with their sizes.
    files: VecDeque<(PathBuf, u64)>,
    too_large: usize,
    unreadable: usize,
}

impl Walk {
    fn new(mut folders: Vec<PathBuf>) -> Self {
        folders.reverse();
        Walk { folders, files: VecDeque::new(), too_large: 0, unreadable: 0 }
    }

    /// The next files to read; empty at the end of the walk.
    fn next_batch(&mut self) -> Vec<PathBuf> {
        let mut batch = Vec::new();
        let mut total = 0;
        while batch.len() < BATCH_FILES && total < BATCH_BYTES {
            if let Some((path, bytes)) = self.files.pop_front() {
                total += bytes;
                batch.push(path);
            } else if let Some(folder) = self.folders.pop() {
                if self.enter(&folder).is_err() {
                    self.unreadable += 1;
                }
            } else {
                break;
            }
        }
        batch
    }

    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let first_new = self.folders.len();
        for entry in entries {
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !SKIPPED_FOLDERS.iter().any(|name| entry.file_name() == *name) {
                    self.folders.push(entry.path());
                }
            } else if kind.is_file() {
                match entry.metadata() {
                    Ok(metadata) if metadata.len() > MAX_FILE_BYTES => self.too_large += 1,
                    Ok(metadata) => self.files.push_back((entry.path(), metadata.len())),
                    Err(_) => self.unreadable += 1,
                }
            }
        }
        self.folders[first_new..].reverse();
        Ok(())
    }
}
