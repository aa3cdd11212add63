//! Counts the words of the text files under some folders, each rank those of its block of the files, and compares the count
//! with that of the `tour` of `paceline`, which rank 0 makes on its own.
//!
//! ```text
//! mpirun -n 2 target/release/examples/word_count FOLDER...
//! ```
//!
//! Every rank lists all files, and reads its own. So the folders must be the same on all hosts, as on a shared file system.

#[allow(dead_code, reason = "the tour has a bar of its own")]
#[path = "../../../examples/tour/bar.rs"]
mod bar;
#[allow(dead_code, reason = "the tour compares counts of one kind")]
#[path = "../../../examples/tour/count.rs"]
mod count;
#[allow(dead_code, reason = "the tour reports what it has passed over")]
#[path = "../../../examples/tour/files.rs"]
mod files;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use paceline::prelude::*;
use paceline_mpi::{AcrossRanks, Transfer};

use count::Tally;
use files::Text;

/// Files that are counted into one map, before maps are merged.
const BATCH: usize = 16;

/// How many of the most frequent words are shown.
const TOP: usize = 5;

/// The count of some files, with the words in lower case.
#[derive(Default)]
struct Count {
    lines: u64,
    words: u64,
    by_word: HashMap<String, u64>,
}

impl Transfer for Count {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.lines.write(bytes);
        self.words.write(bytes);
        self.by_word.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        Count { lines: u64::read(bytes), words: u64::read(bytes), by_word: HashMap::read(bytes) }
    }
}

impl Count {
    /// Reads files and counts them, as the tour does: those that are no text do not count.
    fn of(files: Vec<&PathBuf>) -> Self {
        let texts: Vec<Text> = files.into_iter().filter_map(|path| read(path)).collect();
        let mut tally = Tally::default();
        texts.iter().for_each(|text| tally.add(text));
        Count { lines: tally.lines, words: tally.words, by_word: tally.ranking().into_iter().collect() }
    }

    /// The count of both.
    fn merge(mut self, other: Self) -> Self {
        self.lines += other.lines;
        self.words += other.words;
        for (word, count) in other.by_word {
            *self.by_word.entry(word).or_insert(0) += count;
        }
        self
    }

    /// All words, the most frequent first, equals by the alphabet.
    fn ranking(self) -> Vec<(String, u64)> {
        let mut ranking: Vec<(String, u64)> = self.by_word.into_iter().collect();
        ranking.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranking
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let world = paceline_mpi::init()?;
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let mut paths = Vec::new();
    for folder in &folders {
        list(folder, &mut paths)?;
    }

    let count = world.block(&paths).into_par_iter().chunks(BATCH).map(Count::of).reduce_all(
        &world,
        Count::default,
        Count::merge,
    );

    if world.rank() > 0 {
        return Ok(());
    }
    let library = files::read(folders, u64::MAX);
    let mut expected = Tally::default();
    library.texts.iter().for_each(|text| expected.add(text));
    let (lines, words) = (count.lines, count.words);
    let ranking = count.ranking();
    println!("{} files on {} ranks: {lines} lines, {words} words", paths.len(), world.size());
    for (word, count) in ranking.iter().take(TOP) {
        println!("{count:>8} {word}");
    }
    if (lines, words, ranking) != (expected.lines, expected.words, expected.ranking()) {
        return Err("the tour counts otherwise".into());
    }
    println!("equal to the tour's count of {} texts", library.texts.len());
    Ok(())
}

/// Lists the files that the tour would read, in an order that is the same on all ranks.
fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
            list(&entry.path(), paths)?;
        } else if kind.is_file() && entry.metadata()?.len() <= files::MAX_FILE_BYTES {
            paths.push(entry.path());
        }
    }
    Ok(())
}

/// A file that is text.
fn read(path: &Path) -> Option<Text> {
    let content = fs::read_to_string(path).ok().filter(|content| !content.contains('\0'))?;
    Some(Text { content, is_html: path.extension().is_some_and(|extension| extension == "html") })
}
