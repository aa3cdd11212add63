//! The command line of the tour: what it accepts, and how it says no.

use std::ffi::OsString;
use std::path::PathBuf;

/// Most threads that can be asked for.
const MAX_THREADS: usize = 1024;

/// Text read by default, in millions of bytes: enough to measure, and counted a dozen times in seconds.
const DEFAULT_LIMIT_MB: usize = 150;

/// Most text that can be asked for, in millions of bytes.
const MAX_LIMIT_MB: usize = 1_000_000;

pub(crate) const HELP: &str = "\
Counts the lines and words of text files, once on one thread and three ways in parallel, and compares the times.

Usage: cargo run --release --example tour -- [OPTIONS] [FOLDER]

Arguments:
  [FOLDER]       Where to look for text files
                 [default: this crate, and the sources and documentation of the Rust toolchain]

Options:
  --threads N    Size of the pools, 1 to 1024 [default: one thread per available processor]
  --limit MB     Stop reading after this many megabytes of text [default: 150]
  -h, --help     Print this help

Exit code: 0 if all the ways agree, 1 if one does not, 2 if the arguments make no sense.
";

pub(crate) enum Request {
    Help,
    Count(Options),
}

pub(crate) struct Options {
    /// `None` leaves the choice to the library.
    pub(crate) threads: Option<usize>,
    pub(crate) limit_mb: usize,
    pub(crate) folder: Option<PathBuf>,
}

impl Options {
    pub(crate) fn limit_bytes(&self) -> u64 {
        self.limit_mb as u64 * 1_000_000
    }
}

/// Reads the arguments, the program's name left out; the error is a sentence for the user.
pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut options = Options { threads: None, limit_mb: DEFAULT_LIMIT_MB, folder: None };
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (text.as_ref(), None),
        };
        let mut value = || {
            let next = || Some(arguments.next()?.to_string_lossy().into_owned());
            value.clone().or_else(next)
        };
        match name {
            "-h" | "--help" => return Ok(Request::Help),
            "--threads" => options.threads = Some(number("--threads", value(), MAX_THREADS)?),
            "--limit" => options.limit_mb = number("--limit", value(), MAX_LIMIT_MB)?,
            _ if name.starts_with('-') => return Err(format!("there is no argument `{text}`")),
            _ => set_folder(&mut options, PathBuf::from(&argument))?,
        }
    }
    Ok(Request::Count(options))
}

fn number(name: &str, value: Option<String>, max: usize) -> Result<usize, String> {
    let Some(value) = value else {
        return Err(format!("{name} needs a number after it"));
    };
    match value.parse() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ => Err(format!("{name} takes a whole number from 1 to {max}, not `{value}`")),
    }
}

fn set_folder(options: &mut Options, folder: PathBuf) -> Result<(), String> {
    let shown = folder.display();
    if let Some(first) = &options.folder {
        let first = first.display();
        return Err(format!("one FOLDER at a time, please: got `{first}` and `{shown}`"));
    }
    match std::fs::metadata(&folder) {
        Err(error) => return Err(format!("cannot read the FOLDER `{shown}`: {error}")),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(format!("the FOLDER `{shown}` is a file, not a folder"));
        }
        Ok(_) => {}
    }
    options.folder = Some(folder);
    Ok(())
}
