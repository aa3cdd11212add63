//! A contender in a process of its own, where the others' threads do not even sleep.

use std::process::{Command, Stdio};

use super::contest::Rival;
use super::options::Options;
use super::quantile::quantile;

/// The numbers, by name, that a contender found in a process of its own.
#[derive(Default)]
pub(crate) struct Readings(Vec<(String, f64)>);

impl Readings {
    /// Prints a number, in the process that is for one contender alone; nothing where the system does not tell it.
    pub(crate) fn report(name: &str, value: Option<f64>) {
        if let Some(value) = value {
            println!("{name}={value}");
        }
    }

    /// The median of the numbers of that name, if there are any.
    pub(crate) fn median(&self, name: &str) -> Option<f64> {
        let mut values: Vec<f64> = self.0.iter().filter(|(known, _)| known == name).map(|&(_, value)| value).collect();
        (!values.is_empty()).then(|| quantile(&mut values, 0.5))
    }

    /// The greatest of the numbers of that name, if there are any.
    pub(crate) fn greatest(&self, name: &str) -> Option<f64> {
        self.0.iter().filter(|(known, _)| known == name).map(|&(_, value)| value).max_by(f64::total_cmp)
    }
}

/// Runs `part` of this bench for each contender in a process of its own, in turn, and collects what they report.
pub(crate) fn alone<const N: usize>(
    options: &Options,
    part: &str,
    workers: usize,
    rivals: [Rival; N],
    turns: usize,
) -> [(Rival, Readings); N] {
    let mut found = rivals.map(|rival| (rival, Readings::default()));
    for _ in 0..turns {
        for (rival, readings) in &mut found {
            readings.0.extend(once(options, part, workers, *rival));
        }
    }
    found
}

fn once(options: &Options, part: &str, workers: usize, rival: Rival) -> Vec<(String, f64)> {
    let bench = std::env::current_exe().expect("a process knows its program");
    let output = Command::new(bench)
        .args(options.arguments())
        .args(["--alone", &format!("{part}:{rival}"), "--workers", &workers.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .expect("the bench starts once more");
    assert!(output.status.success(), "{part} of {rival} failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("readings are text");
    let reading = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    text.lines().map(|line| reading(line).unwrap_or_else(|| panic!("{line:?} is no reading"))).collect()
}
