//! Scoring documents in a pool of one's own, whose threads have names: `par_iter` maps documents to scores, and one
//! `reduce` finds both the best score and the total.
//!
//! ```text
//! cargo run --release --example scoring -- [DOCUMENTS]
//! ```
//!
//! Makes up DOCUMENTS texts (30,000 unless said), scores them for a query and prints the best, the total and the
//! times. The exit code is 1 if the sequential answer differs or a document was scored on a thread of another name.

#[path = "tour/bar.rs"]
mod bar;

use std::time::Instant;
use std::{env, process::ExitCode, thread};

use paceline::ThreadPoolBuilder;
use paceline::extra::prelude::*;
use paceline::prelude::*;

use bar::Bar;

const DEFAULT_DOCUMENTS: usize = 30_000;

/// Some ten gigabytes of text.
const MAX_DOCUMENTS: usize = 10_000_000;

const VOCABULARY: [&str; 8] = ["wind", "wheel", "rider", "front", "line", "turn", "pace", "lead"];

/// The words that are asked for, and what each is worth.
const QUERY: [(&str, u64); 3] = [("pace", 5), ("line", 3), ("rider", 1)];

/// What is known about some of the documents.
#[derive(Clone, Copy, Default)]
struct Summary {
    /// The best score, and the position of its document.
    best: (u64, usize),
    total: u64,
    /// How many were scored on a thread of the pool.
    on_scorers: usize,
}

impl Summary {
    fn of((position, text): (usize, &String)) -> Self {
        let score = score(text);
        let thread = thread::current();
        let on_scorer = thread.name().unwrap_or("").starts_with("scorer-");
        Summary { best: (score, position), total: score, on_scorers: on_scorer.into() }
    }

    fn merge(self, other: Self) -> Self {
        Summary {
            best: self.best.max(other.best),
            total: self.total + other.total,
            on_scorers: self.on_scorers + other.on_scorers,
        }
    }
}

fn main() -> ExitCode {
    let Some(number) = number_of_documents() else {
        eprintln!("scoring: DOCUMENTS must be a whole number up to {MAX_DOCUMENTS}");
        return ExitCode::from(2);
    };
    let documents: Vec<String> = (0..number).map(document).collect();
    let pool = ThreadPoolBuilder::new()
        .thread_name(|index| format!("scorer-{index}"))
        .build()
        .expect("the system starts the pool's threads");
    println!("Scoring {number} documents:");

    let expected = timed("on one thread", number, |bar| {
        let documents = documents.iter().enumerate();
        documents.map(Summary::of).with_progress(bar).fold(Summary::default(), Summary::merge)
    });
    let label = format!("on {} scorers", pool.current_num_threads());
    let found = timed(&label, number, |bar| {
        let documents = documents.par_iter().enumerate();
        pool.install(|| documents.map(Summary::of).with_progress(bar).reduce(Summary::default, Summary::merge))
    });

    let ((points, position), total) = (found.best, found.total);
    println!("The best is document {position} with {points} points of {total}.");
    if (found.best, total, found.on_scorers) != (expected.best, expected.total, number) {
        eprintln!("scoring: the sequential answer differs, or work was done outside of the pool");
        return ExitCode::FAILURE;
    }
    println!("The answers are the same, and all work was done on threads named scorer-N.");
    ExitCode::SUCCESS
}

/// Points per thousand words, so that a long text has no advantage.
fn score(text: &str) -> u64 {
    let (mut points, mut words) = (0, 0);
    for word in text.split(' ') {
        words += 1;
        for (wanted, worth) in QUERY {
            points += if word == wanted { worth } else { 0 };
        }
    }
    points * 1000 / words
}

/// A text of 100 to 355 words, drawn by a small generator.
fn document(seed: usize) -> String {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut draw = |below| {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let length = 100 + draw(256);
    let words: Vec<&str> = (0..length).map(|_| VOCABULARY[draw(8)]).collect();
    words.join(" ")
}

fn timed<T>(label: &str, number: usize, work: impl FnOnce(&Bar) -> T) -> T {
    let bar = Bar::new();
    bar.phase(label, Some(number as u64));
    let start = Instant::now();
    let result = work(&bar);
    let time = start.elapsed().as_secs_f64();
    drop(bar);
    println!("  {label:<16}{time:>8.3} s");
    result
}

fn number_of_documents() -> Option<usize> {
    match env::args().nth(1) {
        None => Some(DEFAULT_DOCUMENTS),
        Some(argument) => argument.parse().ok().filter(|number| *number <= MAX_DOCUMENTS),
    }
}
