//! The command line of a bench.

use std::thread;
use std::time::Duration;

use super::contest::{Contest, Rival};
use super::measure::{BUDGET, Standings};
use super::table::Table;

const USAGE: &str = "Options:
  --ratios          measure in turn and print the tables only, without criterion
  --workers 1,2,4   numbers of workers to measure (implies --ratios)
  --only TEXT       only the tables whose title contains TEXT (implies --ratios)
  --small           smaller inputs, for machines with little memory (implies --ratios)
  --strict          exit with 1 where a floor is missed (implies --ratios)
  --alone PART:NAME what `idle` starts itself with: one contender, numbers only (implies --ratios)
  --test            run every contender once and compare their values
Other options are criterion's; with one of them the tables are left out.
Without any option, and without cargo's --bench, a bench runs as with --test.";

/// What a bench does when it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Runs every contender once, on small inputs, and compares the values.
    Check,
    /// Measures in turn and prints the tables.
    Ratios,
    /// Runs criterion alone, with criterion's own options.
    Criterion,
    /// Runs criterion, then prints the tables.
    Full,
}

/// What the command line asked for.
pub(crate) struct Options {
    mode: Mode,
    workers: Option<Vec<usize>>,
    only: Option<String>,
    small: bool,
    strict: bool,
    alone: Option<(String, Rival)>,
}

impl Options {
    /// Reads the arguments of this process; ends it with a message where they make no sense.
    pub(crate) fn from_args() -> Self {
        let mut options = Self::of(Mode::Check);
        let (mut bench, mut test, mut own, mut foreign) = (false, false, false, false);
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| refuse(&format!("{argument} needs a value")));
            own |=
                matches!(argument.as_str(), "--ratios" | "--workers" | "--only" | "--small" | "--strict" | "--alone");
            match argument.as_str() {
                "--bench" => bench = true,
                "--test" => test = true,
                "--ratios" => {}
                "--workers" => options.workers = Some(parse_workers(&value())),
                "--only" => options.only = Some(value()),
                "--alone" => options.alone = Some(parse_alone(&value())),
                "--small" => options.small = true,
                "--strict" => options.strict = true,
                "--help" | "-h" => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                _ => foreign = true,
            }
        }
        options.mode = match (test, own, bench, foreign) {
            (true, ..) | (false, false, false, _) => Mode::Check,
            (false, true, ..) => Mode::Ratios,
            (false, false, true, true) => Mode::Criterion,
            (false, false, true, false) => Mode::Full,
        };
        options
    }

    fn of(mode: Mode) -> Self {
        Self { mode, workers: None, only: None, small: false, strict: false, alone: None }
    }

    /// Whether contenders are only run once and compared.
    pub(crate) fn checks(&self) -> bool {
        self.mode == Mode::Check
    }

    /// Whether contenders are measured in turn.
    pub(crate) fn measures(&self) -> bool {
        matches!(self.mode, Mode::Ratios | Mode::Full)
    }

    /// Prints a table, or where values alone count only that its contenders ran.
    pub(crate) fn show(&self, table: &Table) {
        if self.measures() {
            println!("{table}");
        } else {
            println!("{}: all ran", table.title());
        }
    }

    /// Whether criterion runs.
    pub(crate) fn runs_criterion(&self) -> bool {
        matches!(self.mode, Mode::Criterion | Mode::Full)
    }

    /// Whether a table of this title was asked for.
    pub(crate) fn wants(&self, title: &str) -> bool {
        self.only.as_deref().is_none_or(|text| title.contains(text))
    }

    /// Whether a missed floor is a failure.
    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }

    /// The part and the contender that this process is for, if it is for one alone.
    pub(crate) fn alone(&self) -> Option<(&str, Rival)> {
        self.alone.as_ref().map(|(part, rival)| (part.as_str(), *rival))
    }

    /// The arguments with which another process measures, or only checks, as this one does.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &'static str> {
        let mode = if self.checks() { "--test" } else { "--ratios" };
        ["--bench", mode].into_iter().chain(self.small.then_some("--small"))
    }

    /// Measures a contest whose title was asked for; or only checks it and returns nothing.
    pub(crate) fn standings(&self, contest: &mut Contest<'_>) -> Option<Standings> {
        self.standings_within(BUDGET, contest)
    }

    /// The same in about that time, or a quarter of it where small inputs were asked for.
    pub(crate) fn standings_within(&self, budget: Duration, contest: &mut Contest<'_>) -> Option<Standings> {
        if self.checks() {
            contest.check();
        }
        let measured = self.measures() && self.wants(contest.title());
        measured.then(|| contest.measure_within(self.sized(budget, budget / 4, budget)))
    }

    /// The size of an input: `full` to measure, `small` if so asked, `check` where values alone count.
    pub(crate) fn sized<T>(&self, full: T, small: T, check: T) -> T {
        if self.checks() {
            check
        } else if self.small {
            small
        } else {
            full
        }
    }

    /// The numbers of workers asked for, else `default`.
    pub(crate) fn workers_or(&self, default: impl IntoIterator<Item = usize>) -> Vec<usize> {
        match &self.workers {
            Some(workers) => workers.clone(),
            None => default.into_iter().collect(),
        }
    }
}

/// The number of workers that a pool has by default.
pub(crate) fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn parse_workers(list: &str) -> Vec<usize> {
    let parse = |text: &str| match text.trim().parse::<usize>() {
        Ok(workers) if workers > 0 => workers,
        _ => refuse(&format!("--workers takes numbers above 0, not {text:?}")),
    };
    list.split(',').map(parse).collect()
}

fn parse_alone(text: &str) -> (String, Rival) {
    let parsed = text.split_once(':').and_then(|(part, name)| Some((part.to_owned(), Rival::named(name)?)));
    parsed.unwrap_or_else(|| refuse(&format!("--alone takes PART:NAME, not {text:?}")))
}

fn refuse(reason: &str) -> ! {
    eprintln!("{reason}\n\n{USAGE}");
    std::process::exit(2);
}
