//! One workload and the contenders that run it.

use std::fmt;
use std::hint::black_box;

use super::clock::Stopwatch;

/// Whose code a contender runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rival {
    /// The plain loop or the plain call: what one would write without any library.
    Plain,
    Paceline,
    Rayon,
    Chili,
    Tokio,
    Pariter,
    /// Ours, in a phase.
    Phased,
    ForkUnion,
    OpenMp,
}

impl fmt::Display for Rival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Paceline => "paceline",
            Self::Rayon => "rayon",
            Self::Chili => "chili",
            Self::Tokio => "tokio",
            Self::Pariter => "pariter",
            Self::Phased => "in a phase",
            Self::ForkUnion => "fork_union",
            Self::OpenMp => "OpenMP",
        })
    }
}

impl Rival {
    /// The contender of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Plain, Self::Paceline, Self::Rayon, Self::Chili, Self::Tokio, Self::Pariter]
            .into_iter()
            .find(|rival| rival.to_string() == name)
    }
}

/// Does the work that many times and returns its value; restarts the watch if it had to prepare something.
type Sample<'a> = Box<dyn FnMut(u64, &mut Stopwatch) -> u64 + 'a>;

/// One way to do the work.
pub(crate) struct Contender<'a> {
    pub(super) rival: Rival,
    pub(super) workers: usize,
    pub(super) sample: Sample<'a>,
    /// Whether each call is measured by itself.
    pub(super) singly: bool,
}

impl Contender<'_> {
    /// Has each call measured by itself, however short it is.
    pub(crate) fn singly(&mut self) {
        self.singly = true;
    }
}

/// One workload and the contenders that run it.
pub(crate) struct Contest<'a> {
    pub(super) title: String,
    pub(super) unit: &'static str,
    /// How many units a single call works through.
    pub(super) units: u64,
    pub(super) contenders: Vec<Contender<'a>>,
}

impl<'a> Contest<'a> {
    /// A contest without contenders; `units` of `unit` are done by one call of the workload.
    pub(crate) fn new(title: impl Into<String>, unit: &'static str, units: u64) -> Self {
        Self { title: title.into(), unit, units, contenders: Vec::new() }
    }

    /// Adds a contender; `sample(n)` runs the workload n times and returns its value, which all contenders must share.
    ///
    /// The repetition is the contender's own so that it can enter its pool once for all of them.
    pub(crate) fn enter(&mut self, rival: Rival, workers: usize, mut sample: impl FnMut(u64) -> u64 + 'a) {
        self.enter_prepared(rival, workers, move |times, _| sample(times));
    }

    /// Adds a contender that restarts the watch once it has prepared its sample.
    pub(crate) fn enter_prepared(
        &mut self,
        rival: Rival,
        workers: usize,
        sample: impl FnMut(u64, &mut Stopwatch) -> u64 + 'a,
    ) -> &mut Contender<'a> {
        self.contenders.push(Contender { rival, workers, sample: Box::new(sample), singly: false });
        self.contenders.last_mut().expect("one was added")
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Runs every contender once, panics where two values differ, and says that they do not.
    pub(crate) fn check(&mut self) {
        self.agree();
        println!("{}: {} contenders agree", self.title, self.contenders.len());
    }

    /// Runs every contender once and panics where two values differ.
    pub(super) fn agree(&mut self) {
        let mut expected = None;
        for contender in &mut self.contenders {
            let value = (contender.sample)(1, &mut Stopwatch::start());
            assert_eq!(
                value,
                *expected.get_or_insert(value),
                "{}: {} with {} workers found another value",
                self.title,
                contender.rival,
                contender.workers,
            );
        }
    }
}

/// Runs `work` that many times and returns the last value, hiding each from the optimiser.
pub(crate) fn repeat(times: u64, mut work: impl FnMut() -> u64) -> u64 {
    let mut value = 0;
    for _ in 0..times {
        value = black_box(work());
    }
    value
}
