//! A filter over a large file, at close to all cores and in bounded memory: the lines that pass, in order.
//!
//! `cargo run --release --example filter -- 4000` makes a file of 4000 MB in the directory for temporary files, counts the
//! lines that pass, and compares them with those of a plain loop. It also counts the bytes that are between the
//! file and the output: never more than a window of blocks.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use paceline::extra::prelude::*;

/// How many blocks may be between the file and the output.
const WINDOW: usize = 32;

/// The longest block: 64 KiB that are read at a time, and the beginning of a line from before.
const LONGEST_BLOCK: usize = (64 << 10) + 1000;

/// The file, which is removed at the end.
struct TempFile(PathBuf);

impl TempFile {
    /// Writes lines of an access log, some megabytes of them.
    fn with_log(megabytes: usize) -> io::Result<Self> {
        let file = TempFile(std::env::temp_dir().join(format!("paceline-filter-{}.log", std::process::id())));
        let mut out = BufWriter::new(File::create(&file.0)?);
        let (mut state, mut written) = (1_u64, 0);
        while written < megabytes << 20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (user, code, bytes) = (state >> 50, [200, 200, 304, 404, 500][(state >> 33) as usize % 5], state >> 44);
            let line = format!("user-{user} GET /riders/{}/stages?from={bytes:x} {code} {bytes}\n", state >> 40);
            out.write_all(line.as_bytes())?;
            written += line.len();
        }
        out.flush()?;
        Ok(file)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

/// True for a request that failed, if its digits add up to a multiple of `divisor`.
fn passes(line: &str, divisor: u32) -> bool {
    let failed = line.rsplit(' ').nth(1).is_some_and(|code| code == "404" || code == "500");
    failed && line.chars().filter_map(|c| c.to_digit(10)).sum::<u32>() % divisor == 0
}

/// The lines that pass, one after the other.
fn filter(path: &Path, divisor: u32, out: &mut impl Write) -> io::Result<usize> {
    let mut lines = 0;
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        if passes(&line, divisor) {
            writeln!(out, "{line}")?;
            lines += 1;
        }
    }
    Ok(lines)
}

/// As [`filter`], in parallel. Also returns how many bytes were between the file and `out` at most.
fn par_filter(path: &Path, divisor: u32, out: &mut impl Write) -> io::Result<(usize, usize)> {
    let (between, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut lines = 0;
    paceline::in_place_scope(|s| {
        let blocks = File::open(path)?.line_blocks().inspect(|block| {
            let length = block.as_ref().map_or(0, Vec::len);
            most.fetch_max(between.fetch_add(length, Relaxed) + length, Relaxed);
        });
        // The closure borrows; this thread alone reads, and writes.
        let passed = blocks.par_map_ordered_in(s, WINDOW, |block| {
            let block = String::from_utf8(block?).map_err(io::Error::other)?;
            let passing = || block.lines().filter(|line| passes(line, divisor));
            let text: String = passing().flat_map(|line| [line, "\n"]).collect();
            Ok::<_, io::Error>((block.len(), text))
        });
        for block in passed {
            let (length, text) = block?;
            between.fetch_sub(length, Relaxed);
            lines += text.lines().count();
            out.write_all(text.as_bytes())?;
        }
        Ok((lines, most.load(Relaxed)))
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let megabytes = std::env::args().nth(1).map_or(Ok(16), |argument| argument.parse())?;
    let file = TempFile::with_log(megabytes)?;
    let divisor = std::env::args().nth(2).map_or(Ok(7), |argument| argument.parse())?;

    let begun = Instant::now();
    let mut passed = Checksum::default();
    let (lines, most) = par_filter(&file.0, divisor, &mut passed)?;
    let parallel = begun.elapsed();
    println!("{lines} lines of {megabytes} MB passed, and at most {} KiB were in memory", most >> 10);
    if most > WINDOW * LONGEST_BLOCK {
        return Err("that is more than a window of blocks".into());
    }

    let begun = Instant::now();
    let mut expected = Checksum::default();
    let in_a_loop = filter(&file.0, divisor, &mut expected)?;
    println!("{parallel:.2?}; a plain loop takes {:.2?}", begun.elapsed());
    if (in_a_loop, expected.0) != (lines, passed.0) {
        return Err(format!("a plain loop lets {in_a_loop} lines pass, or other ones").into());
    }
    Ok(())
}

/// An output that keeps only a sum over its bytes and their order.
#[derive(Default)]
struct Checksum(u64);

impl Write for Checksum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(u64::from(*byte));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
