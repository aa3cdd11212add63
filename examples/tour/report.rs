//! What the tour prints: the sources, the reading, the table of times and the words.

use std::io::{self, Write};
use std::time::Duration;

use paceline::current_num_threads;

use crate::arguments::{HELP, Options};
use crate::count::Tally;
use crate::files::{Library, MAX_FILE_BYTES};
use crate::sources::Sources;
use crate::ways::Way;

/// How many of the most frequent words are shown.
const TOP: usize = 10;

/// Below this much text the times say little.
const FEW_BYTES: u64 = 10_000_000;

pub(crate) fn help(out: &mut impl Write) -> io::Result<()> {
    out.write_all(HELP.as_bytes())
}

pub(crate) fn sources(out: &mut impl Write, sources: &Sources) -> io::Result<()> {
    writeln!(out, "Looking for text in")?;
    for source in &sources.found {
        writeln!(out, "  {}, {}", source.path.display(), source.what)?;
    }
    for missing in &sources.missing {
        writeln!(out, "  (left out: {missing})")?;
    }
    Ok(())
}

pub(crate) fn reading(out: &mut impl Write, library: &Library, time: Duration, options: &Options) -> io::Result<()> {
    writeln!(
        out,
        "Read {}, {:.1} MB of text, in {} on {} ({:.0} MB/s).",
        plural(library.texts.len(), "file"),
        megabytes(library.bytes),
        seconds(time),
        plural(current_num_threads(), "thread"),
        megabytes(library.bytes) / time.as_secs_f64(),
    )?;
    if library.limited {
        let limit = options.limit_mb;
        writeln!(out, "  Stopped at {limit} MB, there is more; --limit MB moves the mark.")?;
    }
    let skipped = [
        (library.not_text, "not text".to_owned()),
        (library.too_large, format!("over {} MB", MAX_FILE_BYTES / 1_000_000)),
        (library.unreadable, "unreadable".to_owned()),
    ];
    let skipped: Vec<String> = skipped
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, why)| format!("{} {why}", grouped(number as u64)))
        .collect();
    if !skipped.is_empty() {
        writeln!(out, "  Skipped: {}.", skipped.join(", "))?;
    }
    if (1..FEW_BYTES).contains(&library.bytes) {
        writeln!(out, "  That is little text: the times below will vary a lot.")?;
    }
    writeln!(out)
}

/// The table; the first of `times` is what the others are compared with.
pub(crate) fn table(out: &mut impl Write, times: &[(Way, Duration)], bytes: u64, rounds: usize) -> io::Result<()> {
    let best = format!("best of {rounds}");
    writeln!(out, "{:<26}{best:>12}{:>11}{:>9}", "way of counting", "speed-up", "MB/s")?;
    writeln!(out, "{}", "-".repeat(58))?;
    let base = times.first().map_or(0.0, |(_, time)| time.as_secs_f64());
    for (way, time) in times {
        let taken = time.as_secs_f64();
        writeln!(
            out,
            "{:<26}{:>12}{:>10.2}x{:>9.0}",
            way.name(),
            seconds(*time),
            base / taken,
            megabytes(bytes) / taken,
        )?;
    }
    writeln!(out)
}

pub(crate) fn words(out: &mut impl Write, tally: &Tally<'_>) -> io::Result<()> {
    let ranking = tally.ranking();
    writeln!(
        out,
        "All four agree: {} lines, {} words, {} of them different. The most frequent:",
        grouped(tally.lines),
        grouped(tally.words),
        grouped(ranking.len() as u64),
    )?;
    for (place, (word, count)) in ranking.iter().take(TOP).enumerate() {
        writeln!(out, "{:>4}. {word:<14}{:>12}", place + 1, grouped(*count))?;
    }
    Ok(())
}

/// Megabytes are millions of bytes, here as in the table's speeds.
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn seconds(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{:.1} us", time.as_secs_f64() * 1e6)
    } else if time < Duration::from_millis(100) {
        format!("{:.2} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.3} s", time.as_secs_f64())
    }
}

/// A number of things, with the plural where it belongs.
fn plural(number: usize, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", grouped(number as u64))
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
