//! What a wide pool costs that rests, or that gets next to nothing to do, or a burst of short jobs now and then.
//!
//! Each contender runs in a process of its own, in turn, so that no other's threads exist meanwhile. Criterion has no
//! part in it: it measures time that passes, and here processor time is the subject. With `--strict` a missed bound is an
//! exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Neighbours, Options, Readings, Rival, Table, alone, default_workers};
use workload::{resident, rest, small_sum, ticks, weights};

/// The contenders that have spawns and iterators.
const RIVALS: [Rival; 3] = [Rival::Plain, Rival::Paceline, Rival::Rayon];

fn main() -> ExitCode {
    let options = Options::from_args();
    if let Some((part, rival)) = options.alone() {
        measure_alone(&options, part, rival);
        return ExitCode::SUCCESS;
    }
    if !options.checks() && !options.measures() {
        return ExitCode::SUCCESS;
    }
    let mut floors = Floors::watch();
    for workers in options.workers_or([16]) {
        resting(&options, workers, &mut floors);
        spaced(&options, workers, &mut floors);
    }
    let mut widths = options.workers_or([default_workers(), 16]);
    widths.dedup();
    for workers in widths {
        bursts(&options, workers, &mut floors);
    }
    // The processes that measured watched the machine themselves, and said so.
    floors.conclude_noting(&options, None)
}

/// What a process does that is for one contender alone.
fn measure_alone(options: &Options, part: &str, rival: Rival) {
    let neighbours = Neighbours::watch();
    let workers = options.workers_or([16])[0];
    resident::settle(rival, workers);
    match part {
        "resting" => {
            let rest = rest::at_rest(|| resident::forks(rival), span(options));
            Readings::report("after work", milliseconds(rest.after_work));
            Readings::report("switches", rest.switches.map(|switches| switches as f64));
            Readings::report("asleep", milliseconds(rest.asleep));
        }
        "spaced" => {
            let (calls, sum) = (calls(options), small_sum::of(rival));
            // The first call of all makes what is made once.
            sum(&[1, 2, 3]);
            Readings::report("sums", milliseconds(rest::spaced(calls, || assert_eq!(sum(&[1; 16]), 16))));
            let spawn = resident::spawner(rival);
            Readings::report("spawns", milliseconds(rest::spaced_spawns(calls, &*spawn)));
        }
        "bursts" => {
            let count = options.sized(200, 50, 1);
            let cost = ticks::run(count, weights::of(rival));
            let bursts = ticks::bursts(count) as f64;
            Readings::report("wall", Some(cost.bursts.as_secs_f64() * 1e6 / bursts));
            Readings::report("cpu", milliseconds(cost.processor).map(|used| used / count as f64));
        }
        _ => panic!("{part:?} is no part of this bench"),
    }
    if let Some(note) = neighbours.note().filter(|_| options.measures()) {
        eprintln!("{part}, {rival}, {workers} workers. {note}");
    }
}

fn resting(options: &Options, workers: usize, floors: &mut Floors) {
    let title = format!(
        "{workers} workers at rest for {} ms after 50 ms of work, then as long again (plain: no pool)",
        span(options).as_millis()
    );
    if !options.wants(&title) {
        return;
    }
    let heads = ["contender", "cpu ms after work", "switches in the second half", "cpu ms asleep"];
    let mut table = Table::new(title, heads);
    let rivals = [Rival::Plain, Rival::Paceline, Rival::Rayon, Rival::Chili];
    for (rival, found) in alone(options, "resting", workers, rivals, turns(options)) {
        let (after_work, switches) = (found.median("after work"), found.greatest("switches"));
        let woken = switches.map_or_else(|| "–".into(), |switches| format!("{switches:.0}"));
        table.push([rival.to_string(), number(after_work), woken, number(found.median("asleep"))]);
        if rival == Rival::Paceline {
            let what = format!("{workers} workers, a second of rest after work");
            promise(floors, &what, after_work, 0.6, "ms of processor time");
            let what = format!("{workers} workers, second half of that rest");
            promise(floors, &what, switches, 0.0, "times that a thread woke and blocked again");
        }
    }
    options.show(&table);
}

fn spaced(options: &Options, workers: usize, floors: &mut Floors) {
    let calls = calls(options);
    let title = format!(
        "{calls} calls a millisecond apart on {workers} workers (plain: a loop, and a thread behind a channel)"
    );
    if !options.wants(&title) {
        return;
    }
    let heads = ["contender", "cpu ms of tiny sums", "us for each", "cpu ms of empty spawns", "us for each"];
    let mut table = Table::new(title, heads);
    let each = |milliseconds: Option<f64>| number(milliseconds.map(|used| used * 1e3 / calls as f64));
    for (rival, found) in alone(options, "spaced", workers, RIVALS, turns(options)) {
        let (sums, spawns) = (found.median("sums"), found.median("spawns"));
        table.push([rival.to_string(), number(sums), each(sums), number(spawns), each(spawns)]);
        if rival == Rival::Paceline {
            let what = |kind| format!("{workers} workers, {calls} {kind} a millisecond apart");
            promise(floors, &what("tiny sums"), sums, 40.0, "ms of processor time");
            promise(floors, &what("empty spawns"), spawns, 60.0, "ms of processor time");
        }
    }
    options.show(&table);
}

fn bursts(options: &Options, workers: usize, floors: &mut Floors) {
    let title = format!("12 bursts a tick of 36 jobs of 2 us, between serial 200 us, then 3 ms off; {workers} workers");
    if !options.wants(&title) {
        return;
    }
    let heads = ["contender", "wall us of a burst", "cpu ms of a tick", "wall / rayon", "cpu / rayon"];
    let mut table = Table::new(title, heads);
    let found = alone(options, "bursts", workers, RIVALS, turns(options));
    let rayon = &found.iter().find(|(rival, _)| *rival == Rival::Rayon).expect("rayon took part").1;
    for (rival, readings) in &found {
        let [(wall, walls), (cpu, cpus)] = ["wall", "cpu"].map(|name| {
            let used = readings.median(name);
            (used, used.zip(rayon.median(name)).map(|(used, theirs)| used / theirs))
        });
        table.push([rival.to_string(), number(wall), number(cpu), number(walls), number(cpus)]);
        if *rival == Rival::Paceline {
            let what = format!("bursts on {workers} workers");
            promise(floors, &what, walls, 1.0, "x rayon's wall time");
            // The bound allows for a worker that searches through the serial stretches, so that the bursts are short
            // (docs/decisions/2026-11-29-a-worker-searches-through-short-gaps.md).
            promise(floors, &what, cpus, 1.5, "x rayon's processor time");
        }
    }
    options.show(&table);
}

/// A floor, where the system tells what it is about.
fn promise(floors: &mut Floors, what: &str, measured: Option<f64>, most: f64, unit: &'static str) {
    match measured {
        Some(measured) => floors.push(what, measured, Bound::AtMost(most), unit),
        None => println!("{what}: this system does not tell"),
    }
}

/// How long pools rest.
fn span(options: &Options) -> Duration {
    Duration::from_millis(options.sized(1000, 1000, 10))
}

/// How many calls come a millisecond apart.
fn calls(options: &Options) -> usize {
    options.sized(1000, 1000, 10)
}

/// How often each contender has its turn.
fn turns(options: &Options) -> usize {
    options.sized(5, 1, 1)
}

fn milliseconds(time: Option<Duration>) -> Option<f64> {
    time.map(|time| time.as_secs_f64() * 1e3)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.3}"))
}
