//! Many small contests in one table, a row for each.

use super::contest::Rival;
use super::measure::{Measured, Standings};
use super::table::{Table, span};

/// Many contests in one table: times of a whole call, ratios, efficiencies and processor times.
pub(crate) struct Lineup {
    table: Table,
    note: Option<String>,
    rows: usize,
}

impl Lineup {
    /// A table without rows; `head` says what its cases are.
    pub(crate) fn new(title: impl Into<String>, head: &str) -> Self {
        let heads = [
            head,
            "plain",
            "paceline",
            "rayon",
            "time / plain",
            "rayon's",
            "time / rayon",
            "efficiency",
            "rayon's",
            "cpu / plain",
            "rayon's",
        ];
        Self { table: Table::new(title, heads), note: None, rows: 0 }
    }

    /// Adds a contest. `attainable` is the share of all workers' time that the best schedule uses, against which
    /// efficiency is measured; `None` where there is too little to share for that to mean anything.
    pub(crate) fn push(
        &mut self,
        case: impl Into<String>,
        standings: &Standings,
        workers: usize,
        attainable: Option<f64>,
    ) {
        let row = |rival| standings.row(rival, workers);
        let time = |rival| row(rival).map(|row| row.wall.median);
        let cell = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        let call = |rival| cell(time(rival).map(|per_unit| span(per_unit * standings.units as f64)));
        let ratio = |of, to| cell(time(of).zip(time(to)).map(|(of, to)| format!("{:.2}", of / to)));
        let percent = |rival| {
            let efficiency = attainable.and_then(|share| efficiency(standings, rival, workers, share));
            cell(efficiency.map(|share| format!("{:.0} %", 100.0 * share)))
        };
        let processor = |rival| {
            let used = |rival| row(rival).and_then(|row: &Measured| row.processor);
            cell(used(rival).zip(used(Rival::Plain)).map(|(of, to)| format!("{:.2}", of / to)))
        };
        self.table.push([
            case.into(),
            call(Rival::Plain),
            call(Rival::Paceline),
            call(Rival::Rayon),
            ratio(Rival::Paceline, Rival::Plain),
            ratio(Rival::Rayon, Rival::Plain),
            ratio(Rival::Paceline, Rival::Rayon),
            percent(Rival::Paceline),
            percent(Rival::Rayon),
            processor(Rival::Paceline),
            processor(Rival::Rayon),
        ]);
        self.rows += 1;
        if let Some(note) = &standings.note {
            self.note = Some(format!("In one row or more: {note}"));
        }
    }

    /// Prints the table if it has rows.
    pub(crate) fn print(mut self) {
        if self.rows > 0 {
            self.table.annotate(self.note.take());
            println!("{}", self.table);
        }
    }
}

/// Which share of what all workers could attain a contender did.
pub(crate) fn efficiency(standings: &Standings, rival: Rival, workers: usize, attainable: f64) -> Option<f64> {
    let speed_up = standings.median(Rival::Plain, workers)? / standings.median(rival, workers)?;
    Some(speed_up / (workers as f64 * attainable))
}
