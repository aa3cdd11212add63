//! Promises as bounds: each with what was measured, and whether it was kept.

use std::fmt;
use std::process::ExitCode;

use super::neighbours::Neighbours;
use super::options::Options;

/// The side of the bound on which a value passes.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One promise and how it was kept.
struct Floor {
    what: String,
    measured: f64,
    bound: Bound,
    unit: &'static str,
}

impl Floor {
    fn passes(&self) -> bool {
        match self.bound {
            Bound::AtMost(most) => self.measured <= most,
            Bound::AtLeast(least) => self.measured >= least,
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passes() { "PASS" } else { "miss" };
        let (side, bound) = match self.bound {
            Bound::AtMost(most) => ("at most", most),
            Bound::AtLeast(least) => ("at least", least),
        };
        let Self { what, measured, unit, .. } = self;
        write!(f, "{verdict}  {what}: {measured:.2} {unit} ({side} {bound:.2})")
    }
}

/// The promises of one bench.
pub(crate) struct Floors {
    floors: Vec<Floor>,
    neighbours: Neighbours,
}

impl Floors {
    /// No promises yet; watches the machine from here on.
    pub(crate) fn watch() -> Self {
        Self { floors: Vec::new(), neighbours: Neighbours::watch() }
    }

    /// Adds a promise and what was measured.
    pub(crate) fn push(&mut self, what: impl Into<String>, measured: f64, bound: Bound, unit: &'static str) {
        self.floors.push(Floor { what: what.into(), measured, bound, unit });
    }

    /// Prints a line for each promise and their count, and whether others blurred them; the process ends with the code.
    pub(crate) fn conclude(&self, options: &Options) -> ExitCode {
        let note = if options.measures() { self.neighbours.note() } else { None };
        self.conclude_noting(options, note)
    }

    /// The same where the bench itself knows whether others blurred its numbers.
    pub(crate) fn conclude_noting(&self, options: &Options, note: Option<String>) -> ExitCode {
        if !options.measures() {
            return ExitCode::SUCCESS;
        }
        for floor in &self.floors {
            println!("{floor}");
        }
        if let Some(note) = note {
            println!("{note}");
        }
        let missed = self.floors.iter().filter(|floor| !floor.passes()).count();
        println!("{} floors, {missed} missed", self.floors.len());
        if options.is_strict() && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
