//! A pipeline over the lines of a file: read one after the other, worked on in parallel, written in order.
//!
//! `cargo run --release --example pipeline -- FILE` prints, for each line of the file, its number of bytes before and
//! after run-length encoding, and compares the total with that of a plain loop. No more than a window of lines is in
//! memory at any moment, however long the file is.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use paceline::extra::prelude::*;

/// How many lines may be between the file and the output.
const WINDOW: usize = 64;

/// Each run of equal bytes as its length, below 256, and the byte.
fn encode(line: &str) -> Vec<u8> {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for byte in line.bytes() {
        match runs.last_mut() {
            Some((length, last)) if *last == byte && *length < u8::MAX => *length += 1,
            _ => runs.push((1, byte)),
        }
    }
    runs.into_iter().flat_map(|(length, byte)| [length, byte]).collect()
}

/// The lines of the file, or what went wrong with one.
fn lines(path: &str) -> io::Result<impl Iterator<Item = io::Result<String>> + Send + 'static> {
    Ok(BufReader::new(File::open(path)?).lines())
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "Cargo.toml".to_owned());
    let encoded = lines(&path)?.par_map_ordered(WINDOW, |line| line.map(|line| (line.len(), encode(&line))));

    let mut out = io::BufWriter::new(io::stdout().lock());
    let (mut before, mut after) = (0, 0);
    for line in encoded {
        let (length, code) = line?;
        writeln!(out, "{length} {}", code.len())?;
        before += length;
        after += code.len();
    }
    writeln!(out, "{before} bytes in lines, {after} encoded")?;
    out.flush()?;

    let mut expected = 0;
    for line in lines(&path)? {
        expected += encode(&line?).len();
    }
    if after != expected {
        return Err(format!("a plain loop makes {expected} bytes of it").into());
    }
    Ok(())
}
