//! The machinery of the benches: contenders are measured in turn within one process and compared by their medians.
//!
//! A [`Contest`] is one workload and the contenders that run it. It can be checked (every contender once, equal values),
//! measured in turn, which gives [`Standings`] and a table of ratios, or handed to criterion. [`Options`] says which.

#![allow(dead_code, unused_imports, reason = "every bench compiles this module and uses its own part of it")]

mod alone;
mod clock;
mod contest;
mod criterion_groups;
mod floor;
mod heap;
mod lineup;
mod measure;
mod neighbours;
mod options;
mod quantile;
mod switches;
mod table;

pub(crate) use alone::{Readings, alone};
pub(crate) use clock::{Stopwatch, ThreadClocks, processor_time};
pub(crate) use contest::{Contest, Rival, repeat};
pub(crate) use floor::{Bound, Floors};
pub(crate) use heap::{Heap, peak_of};
pub(crate) use lineup::{Lineup, efficiency};
pub(crate) use measure::{Measured, Standings};
pub(crate) use neighbours::Neighbours;
pub(crate) use options::{Options, default_workers};
pub(crate) use quantile::{Quartiles, quantile};
pub(crate) use switches::switches_of_others;
pub(crate) use table::{Table, scaling_table, span, time};

/// Takes a contest through whatever the command line asked for and prints the table of ratios.
pub(crate) fn run(options: &Options, contest: &mut Contest<'_>) {
    if options.checks() {
        contest.check();
    }
    if options.runs_criterion() {
        criterion_groups::register(options, contest);
    }
    if options.measures() && options.wants(contest.title()) {
        println!("{}", contest.measure().ratio_table());
    }
}
