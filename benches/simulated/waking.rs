//! The tables of latencies.

use super::latency::{Starts, all_sleepers, one_spawn, sleepers_of_a_loop, trickle};
use super::measure::Machine;
use super::options::Options;
use super::table::{print, span};

/// A latency's name, title and measurement.
type Case = (&'static str, &'static str, fn(Machine) -> Starts);

const CASES: [Case; 3] = [
    ("wake-one", "one spawn into a pool that rests", one_spawn),
    ("wake-all", "as many spawns of 5 ms as cores into a pool that rests, from the main thread", all_sleepers),
    (
        "wake-loop",
        "a loop of as many items of 5 ms as cores, from the main thread of a pool that rests",
        sleepers_of_a_loop,
    ),
];

/// The tables of those that were asked for.
pub(crate) fn print_all(options: &Options) {
    if options.topologies {
        return;
    }
    let is_wanted = |name: &str| options.only.as_deref().is_none_or(|text| name.contains(text));
    let machines: Vec<Machine> = options.cores.iter().map(|&cores| Machine::usual(cores, options.seed)).collect();
    for (name, title, measure) in CASES.into_iter().filter(|case| is_wanted(case.0)) {
        let heads = ["cores", "first begins", "median", "last begins", "begun", "wake-ups", "failed", "lines moved"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for &machine in &machines {
            let Starts { starts, counts } = measure(machine);
            let at = |place: usize| starts.get(place).map_or_else(|| "–".to_owned(), |&ns| span(ns));
            rows.push(vec![
                machine.cores.to_string(),
                at(0),
                at(starts.len() / 2),
                at(starts.len().wrapping_sub(1)),
                starts.len().to_string(),
                counts.wake_ups.to_string(),
                counts.failed_steals.to_string(),
                counts.lines_moved.to_string(),
            ]);
        }
        print(&format!("{name}: {title}"), &rows);
    }
    if is_wanted("trickle") {
        let heads = ["cores", "processor time", "spinning", "on lines", "system", "wake-ups", "failed", "lines moved"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for &machine in &machines {
            let counts = trickle(machine);
            rows.push(vec![
                machine.cores.to_string(),
                span(counts.busy_ns),
                span(counts.spin_ns),
                span(counts.line_ns),
                span(counts.system_ns + counts.switch_ns),
                counts.wake_ups.to_string(),
                counts.failed_steals.to_string(),
                counts.lines_moved.to_string(),
            ]);
        }
        print("trickle: an empty spawn each millisecond, 50 times", &rows);
    }
}
