//! A filter over the lines of a file, which is read from the system's cache: how many lines pass.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::grind::grind;
use crate::harness::{Contest, Rival, default_workers, repeat};
use paceline::extra::prelude::*;
use pariter::IteratorExt;

/// How many blocks are on their way.
const WINDOW: usize = 32;

/// What the contenders hand to their threads.
#[derive(Clone, Copy)]
pub(crate) enum Batch {
    /// One line after the other, as `lines` has them; ours makes blocks of them by itself.
    Lines,
    /// Blocks of whole lines, ours for all contenders.
    Blocks,
}

/// A file, which is removed at the end.
pub(crate) struct Log(PathBuf);

impl Log {
    /// Some megabytes of lines of some sixty bytes.
    pub(crate) fn with(megabytes: u64) -> io::Result<Self> {
        let log = Log(std::env::temp_dir().join(format!("paceline-bench-{}.log", std::process::id())));
        let mut out = BufWriter::new(File::create(&log.0)?);
        let (mut seed, mut written) = (0, 0);
        while written < megabytes << 20 {
            let line = format!("user-{} GET /riders/{} {}\n", grind(seed, 4), grind(seed, 5), grind(seed, 6) % 600);
            out.write_all(line.as_bytes())?;
            written += line.len() as u64;
            seed += 1;
        }
        out.flush()?;
        Ok(log)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

fn passes(line: &str) -> bool {
    line.chars().filter_map(|c| c.to_digit(10)).sum::<u32>() % 7 == 0
}

fn open(path: &Path) -> File {
    File::open(path).expect("the file is there")
}

fn plain(path: &Path) -> u64 {
    BufReader::new(open(path)).lines().filter(|line| passes(line.as_ref().expect("text"))).count() as u64
}

fn passing_in(block: io::Result<Vec<u8>>) -> u64 {
    let block = String::from_utf8(block.expect("bytes")).expect("text");
    block.lines().filter(|line| passes(line)).count() as u64
}

fn paceline(path: &Path, batch: Batch) -> u64 {
    match batch {
        Batch::Lines => {
            open(path).par_lines_ordered(WINDOW, passes).map(|passes| u64::from(passes.expect("text"))).sum()
        }
        Batch::Blocks => {
            paceline::in_place_scope(|s| open(path).line_blocks().par_map_ordered_in(s, WINDOW, passing_in).sum())
        }
    }
}

fn pariter(path: &Path, batch: Batch) -> u64 {
    match batch {
        Batch::Lines => {
            let options = |o: pariter::ParallelMapBuilder<_>| o.threads(default_workers()).buffer_size(1000 * WINDOW);
            let lines = BufReader::new(open(path)).lines();
            lines.parallel_map_custom(options, |line| u64::from(passes(&line.expect("text")))).sum()
        }
        Batch::Blocks => {
            let options = |o: pariter::ParallelMapBuilder<_>| o.threads(default_workers()).buffer_size(WINDOW);
            open(path).line_blocks().parallel_map_custom(options, passing_in).sum()
        }
    }
}

/// Such a filter over so many megabytes, from the main thread.
pub(crate) fn contest<'a>(title: String, log: &'a Log, megabytes: u64, batch: Batch) -> Contest<'a> {
    let mut contest = Contest::new(title, "megabyte", megabytes);
    let (workers, path) = (default_workers(), &log.0);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || plain(black_box(path))));
    contest.enter(Rival::Paceline, workers, move |times| repeat(times, || paceline(black_box(path), batch)));
    contest.enter(Rival::Pariter, workers, move |times| repeat(times, || pariter(black_box(path), batch)));
    contest
}
