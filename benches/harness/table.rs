//! Tables in Markdown, aligned so that they read well on a terminal too.

use std::fmt;

use super::contest::Rival;
use super::measure::{Measured, Standings};

/// A titled table; every column but the first is set to the right.
pub(crate) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
    note: Option<String>,
}

impl Table {
    /// A table with these column heads and no rows.
    pub(crate) fn new<S: Into<String>>(title: impl Into<String>, heads: impl IntoIterator<Item = S>) -> Self {
        Self { title: title.into(), rows: vec![heads.into_iter().map(Into::into).collect()], note: None }
    }

    /// Whether no row was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Adds a row with a cell for every head.
    pub(crate) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.rows[0].len(), "one cell for every head");
        self.rows.push(cells);
    }

    /// Sets a line to stand below the table.
    pub(crate) fn annotate(&mut self, note: Option<String>) {
        self.note = note;
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows[0].len();
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        writeln!(f, "\n{}\n", self.title)?;
        for (index, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(f, "| {cell:<width$} |")?,
                    _ => write!(f, " {cell:>width$} |")?,
                }
            }
            writeln!(f)?;
            if index == 0 {
                write!(f, "|{:-<1$}|", "", widths[0] + 2)?;
                for width in &widths[1..] {
                    write!(f, "{:->1$}|", ":", width + 2)?;
                }
                writeln!(f)?;
            }
        }
        if let Some(note) = &self.note {
            writeln!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// A time in nanoseconds with three digits or so.
pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        t if t < 100.0 => format!("{t:.2}"),
        t if t < 1000.0 => format!("{t:.1}"),
        t => format!("{t:.0}"),
    }
}

/// A time in nanoseconds, written in the unit that suits it.
pub(crate) fn span(nanoseconds: f64) -> String {
    match nanoseconds {
        t if t < 1e3 => format!("{t:.1} ns"),
        t if t < 1e6 => format!("{:.2} us", t / 1e3),
        t => format!("{:.2} ms", t / 1e6),
    }
}

fn factor(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}"))
}

impl Standings {
    /// The table that compares every contender with the plain one and with the rivals on as many workers.
    ///
    /// `time / plain` is best low, the two speeds are best high.
    pub(crate) fn ratio_table(&self) -> Table {
        let unit = self.unit;
        let heads = [
            "contender".into(),
            "workers".into(),
            format!("ns per {unit}"),
            "quartiles".into(),
            "time / plain".into(),
            "speed / rayon".into(),
            "speed / chili".into(),
            format!("cpu ns per {unit}"),
        ];
        let mut table = Table::new(self.title.as_str(), heads);
        table.annotate(self.note.clone());
        for row in &self.rows {
            let wall = row.wall;
            let speed_against = |rival| {
                let theirs = self.median(rival, row.workers)?;
                (row.rival != Rival::Plain).then(|| theirs / wall.median)
            };
            let plain = self.median(Rival::Plain, row.workers);
            table.push([
                row.rival.to_string(),
                row.workers.to_string(),
                time(wall.median),
                format!("{} … {}", time(wall.low), time(wall.high)),
                factor(plain.map(|plain| wall.median / plain)),
                factor(speed_against(Rival::Rayon)),
                factor(speed_against(Rival::Chili)),
                row.processor.map_or_else(|| "–".into(), time),
            ]);
        }
        table
    }
}

/// The table that shows how a whole call speeds up with the number of workers.
///
/// The efficiency is the speed-up against the plain loop for each worker.
pub(crate) fn scaling_table(standings: &Standings) -> Table {
    let heads = ["contender", "workers", "ms", "speed-up", "efficiency", "speed / rayon", "cpu ms"];
    let mut table = Table::new(standings.title.as_str(), heads);
    table.annotate(standings.note.clone());
    let milliseconds = |per_unit: f64| per_unit * standings.units as f64 / 1e6;
    for row @ Measured { rival, workers, .. } in &standings.rows {
        let median = row.wall.median;
        let against = |rival| Some(standings.median(rival, *workers)? / median);
        let speed_up = against(Rival::Plain);
        let efficiency = speed_up.map(|speed_up| 100.0 * speed_up / *workers as f64);
        let rayon = against(Rival::Rayon).filter(|_| *rival != Rival::Plain);
        table.push([
            rival.to_string(),
            workers.to_string(),
            format!("{:.2}", milliseconds(median)),
            factor(speed_up),
            efficiency.map_or_else(|| "–".into(), |percent| format!("{percent:.0} %")),
            factor(rayon),
            row.processor.map_or_else(|| "–".into(), |time| format!("{:.2}", milliseconds(time))),
        ]);
    }
    table
}
