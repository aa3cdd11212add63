//! Hunting: random programs on random machines, with everything checked that can be. `ci/sim.sh` says how to hunt.

mod event;
mod generate;
mod minimise;
mod polled;
mod program;
mod report;
mod rules;
mod run;
mod scopes;
mod workers;
mod world;

use self::generate::generate;
use self::minimise::{Found, minimise};
use self::rules::{GATES, Gate, Open};
use self::run::{Kind, run};
use crate::dice::{Dice, scramble};
use paceline::sim::{Config, Schedule};
use std::time::{Duration, Instant};

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// The machine of a seed: cores, schedule, store buffers.
fn machine(seed: u64) -> Config {
    let mut dice = Dice::of(scramble(seed));
    let schedule = if dice.one_in(2) {
        Schedule::Uniform
    } else {
        Schedule::Pct { depth: 2 + dice.below(4) as u32, length: dice.pick(&[300, 3_000, 20_000]) }
    };
    let cores = dice.pick(&[1, 1, 2, 2, 3, 4, 6, 8]);
    Config::new(seed, cores).schedule(schedule).store_buffers(dice.one_in(2))
}

/// What came of a hunt.
#[derive(Default)]
struct Hunt {
    programs: u64,
    steps: u64,
    jobs: usize,
    depth: usize,
    found: Option<Found>,
}

/// Runs a program for each seed until one has a fault, there have been so many, or the time is over.
fn hunt(open: Open, first: u64, most: u64, until: Option<Instant>) -> Hunt {
    let mut hunt = Hunt::default();
    for seed in first..first.saturating_add(most) {
        if until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        let (program, config) = (generate(seed, open), machine(seed));
        // A crash of the process has no report: the script shows the seed.
        if std::env::var_os("HUNT_SAY").is_some() {
            eprintln!("hunt: seed {seed}");
        }
        let outcome = run(&program, config.clone());
        hunt.programs += 1;
        hunt.steps += outcome.steps;
        hunt.jobs += outcome.findings.jobs;
        hunt.depth = hunt.depth.max(outcome.findings.depth);
        if let Some(kind) = outcome.kind() {
            hunt.found = Some(Found { program, config, outcome, kind });
            break;
        }
    }
    hunt
}

/// So many runs are made to find a smaller program: HUNT_TRIES, or 2,000.
fn most_tries() -> usize {
    number("HUNT_TRIES", 2_000) as usize
}

/// With HUNT_SECONDS it goes on until then, else there are HUNT_PROGRAMS, from HUNT_FIRST_SEED on.
#[test]
fn programs_end() {
    let (first, seconds) = (number("HUNT_FIRST_SEED", 0), number("HUNT_SECONDS", 0));
    let most = number("HUNT_PROGRAMS", if cfg!(debug_assertions) { 100 } else { 5_000 });
    let until = (seconds > 0).then(|| Instant::now() + Duration::from_secs(seconds));
    let hunt = hunt(Open::default(), first, if seconds > 0 { u64::MAX } else { most }, until);
    let Hunt { programs, steps, jobs, depth, found } = hunt;
    println!("hunt: {programs} programs, {jobs} jobs, {steps} points, stacks of at most {depth} bytes");
    if let Some(found) = found {
        let seed = found.config.seed;
        let size = found.program.size();
        let found = minimise(found, Open::default(), most_tries());
        panic!("HUNT_FIRST_SEED={seed} HUNT_PROGRAMS=1 finds it again; of {size} operations are left:\n{found}");
    }
}

/// Hunts where the library is known to hang. HUNT_KNOWN is the number of programs for each kind, HUNT_GATE picks one.
#[test]
fn known_hangs() {
    let most = number("HUNT_KNOWN", 30);
    let wanted = std::env::var("HUNT_GATE").ok();
    let (mut count, mut others) = (0, Vec::new());
    for (gate, name) in GATES {
        if wanted.as_ref().is_some_and(|wanted| *wanted != format!("{gate:?}")) {
            continue;
        }
        if Open::default().has(gate) {
            println!("{gate:?}: in all programs ({name})");
            continue;
        }
        let open = Open::default().with(gate);
        let hunt = hunt(open, number("HUNT_FIRST_SEED", 0), most, None);
        let Some(found) = hunt.found else {
            println!("{gate:?}: nothing in {} programs ({name})", hunt.programs);
            continue;
        };
        count += usize::from(found.kind == Kind::Hang);
        println!("{gate:?}: {:?} after {} programs ({name})", found.kind, hunt.programs);
        let found = minimise(found, open, most_tries());
        others.extend((found.kind != Kind::Hang).then_some(gate));
        // Without the last steps, which a hunt for this seed alone shows.
        let is_step = |line: &&str| line.starts_with("    ") && line.contains(" ns ") && line.contains(" at ");
        let text = found.to_string();
        let is_alone = most == 1;
        text.lines().filter(|line| is_alone || !is_step(line)).for_each(|line| println!("{line}"));
    }
    println!("hunt: {count} of {} kinds hang", GATES.len());
    assert_eq!(others, [], "not hangs, but other faults");
}

#[test]
fn a_planted_fault_is_found_and_made_small() {
    let open = Open::default().with(Gate::Planted);
    let found = hunt(open, 0, 2_000, None).found.expect("two locks in opposite order, or one taken twice");
    let size = found.program.size();
    let found = minimise(found, open, most_tries());
    assert!(found.program.size() <= 4.min(size), "{found}");
    assert_eq!(found.kind, Kind::Hang);
    let fault = found.outcome.fault.as_ref().expect("a hang is a fault");
    assert!(
        fault.threads.iter().any(|thread| thread.waits_for.as_deref().is_some_and(|what| what.contains("held by")))
    );
}

#[test]
fn a_seed_gives_the_same_program_and_run() {
    for seed in 0..20 {
        let (first, again) = (generate(seed, Open::default()), generate(seed, Open::default()));
        assert_eq!(first, again);
        let steps = [first, again].map(|program| run(&program, machine(seed)).steps);
        assert_eq!(steps[0], steps[1], "seed {seed}");
    }
}
