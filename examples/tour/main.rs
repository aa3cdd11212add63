//! The tour: counts the words of a tree of text files, once on one thread and three ways on a pool, and compares.
//!
//! ```text
//! cargo run --release --example tour -- [--threads N] [--limit MB] [FOLDER]
//! ```
//!
//! Without a folder it reads this crate's own tree and the sources and documentation of the Rust toolchain. Reading
//! is done once, in parallel, and timed by itself. Then the sequential count, `par_iter` with `map` and `reduce`, a
//! recursive `join` and scoped spawns take turns, three rounds. It prints a table of times and the ten most frequent
//! words, and exits with 1 if an answer differs from the sequential one, with 2 if it was asked for the impossible.

mod arguments;
mod bar;
mod count;
mod files;
mod report;
mod sources;
mod ways;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use paceline::{ThreadPool, ThreadPoolBuilder};

use arguments::{Options, Request};
use bar::Bar;
use count::Tally;
use files::Library;
use ways::Way;

/// How often each way is run; the best time counts.
const ROUNDS: usize = 3;

/// Why the tour ends early.
enum Failure {
    /// The arguments ask for something that cannot be done.
    Usage(String),
    /// A check failed, or the system refused something.
    Run(String),
    /// Nobody reads the output any more, or it cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

fn main() -> ExitCode {
    let code = match run() {
        Ok(()) => 0,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Failure::Output(error)) => {
            eprintln!("tour: cannot write the output: {error}");
            1
        }
        Err(Failure::Run(message)) => {
            eprintln!("tour: {message}");
            1
        }
        Err(Failure::Usage(message)) => {
            eprintln!("tour: {message}\nTry `cargo run --release --example tour -- --help`.");
            2
        }
    };
    ExitCode::from(code)
}

fn run() -> Result<(), Failure> {
    let mut out = io::stdout();
    let options = match arguments::parse(std::env::args_os().skip(1)).map_err(Failure::Usage)? {
        Request::Help => return Ok(report::help(&mut out)?),
        Request::Count(options) => options,
    };
    let sources = match &options.folder {
        Some(folder) => sources::given(folder),
        None => sources::default_folders(),
    };
    report::sources(&mut out, &sources)?;
    let pool = build_pools(&options)?;

    let start = Instant::now();
    let folders: Vec<PathBuf> = sources.found.into_iter().map(|source| source.path).collect();
    let library = files::read(folders, options.limit_bytes());
    report::reading(&mut out, &library, start.elapsed(), &options)?;
    if library.texts.is_empty() {
        let place = options
            .folder
            .as_ref()
            .map_or("the default folders".into(), |folder| format!("the FOLDER `{}`", folder.display()));
        return Err(Failure::Usage(format!("there is no text to count in {place}")));
    }

    let (times, reference) = compare(&library, &pool)?;
    report::table(&mut out, &times, library.bytes, ROUNDS)?;
    Ok(report::words(&mut out, &reference)?)
}

/// Sets the size of the global pool and builds one more of that size for the scoped spawns.
fn build_pools(options: &Options) -> Result<ThreadPool, Failure> {
    let refused = |error| Failure::Run(format!("cannot start the threads: {error}"));
    let threads = options.threads.unwrap_or(0);
    ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(refused)?;
    ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("tour-{index}")).build().map_err(refused)
}

/// Runs every way in turn, `ROUNDS` times, checks each answer, and returns the best times and the sequential answer.
fn compare<'t>(library: &'t Library, pool: &ThreadPool) -> Result<([(Way, Duration); 4], Tally<'t>), Failure> {
    let bar = Bar::new();
    let mut times = Way::ALL.map(|way| (way, Duration::MAX));
    let mut reference = None;
    for round in 1..=ROUNDS {
        for (way, best) in &mut times {
            let label = format!("Counting, round {round} of {ROUNDS} ({})", way.name());
            bar.phase(&label, Some(library.bytes));
            let start = Instant::now();
            let tally = way.count(&library.texts, pool, &bar);
            *best = start.elapsed().min(*best);
            let expected = reference.get_or_insert_with(|| tally.clone());
            if let Some(difference) = tally.difference(expected) {
                let name = way.name();
                return Err(Failure::Run(format!("{name} differs from the sequential count: {difference}")));
            }
        }
    }
    let reference = reference.expect("at least one round ran");
    Ok((times, reference))
}
