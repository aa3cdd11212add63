//! Each program on each machine, as tables.

use super::measure::{Machine, serial_ns};
use super::options::Options;
use super::program::Program;
use super::table::{percent, print, span};
use super::{plot, programs, waking};
use paceline::sim::{Counts, PlaceCost};

/// The ways in which the cores of a large machine may lie: clusters and sockets.
const LAYOUTS: [(usize, usize); 5] = [(1, 1), (2, 1), (8, 1), (2, 2), (8, 2)];

/// The programs that are tried on each of these, unless a name is given.
const ON_LAYOUTS: [&str; 4] = ["tree-coarse", "loop-1e5-1us", "nest-serial", "skew-last"];

/// So many places of a profile are shown.
const PLACES: usize = 15;

/// A program on one machine.
pub(crate) struct Measured {
    pub(crate) machine: Machine,
    counts: Counts,
    serial_ns: u64,
    ideal_ns: u64,
}

/// Runs the programs that the options name, and prints their tables.
pub(crate) fn run(options: &Options) {
    let mut lines = Vec::new();
    for program in programs::all().into_iter().filter(|program| is_wanted(options, program)) {
        let mut machines = machines(options);
        machines.retain(|machine| machine.cores <= program.most_cores);
        let serial_ns = serial_ns(&program);
        let mut profiles = Vec::new();
        let mut measured = Vec::new();
        for machine in machines {
            let (counts, places) = machine.measure(&program);
            let ideal_ns = program.ideal_ns(serial_ns, machine.cores);
            measured.push(Measured { machine, counts, serial_ns, ideal_ns });
            profiles.push((machine.cores, places));
        }
        let title = format!("{}: {}; {} by plain calls", program.name, program.title, span(serial_ns));
        print(&title, &rows(&measured));
        if options.profile {
            profiles.iter().for_each(|(cores, places)| print_places(program.name, *cores, places));
        }
        lines.push((program.name, measured));
    }
    waking::print_all(options);
    if let Some(folder) = &options.plot {
        plot::draw(folder, &lines).unwrap_or_else(|error| panic!("no plot in {folder}: {error}"));
    }
}

fn is_wanted(options: &Options, program: &Program) -> bool {
    match &options.only {
        Some(text) => program.name.contains(text),
        None if options.topologies => ON_LAYOUTS.contains(&program.name),
        None => true,
    }
}

/// The machines that were asked for.
fn machines(options: &Options) -> Vec<Machine> {
    let asked = |machine: Machine| Machine {
        clusters: options.clusters.unwrap_or(machine.clusters),
        sockets: options.sockets.unwrap_or(machine.sockets),
        profile: options.profile,
        ..machine
    };
    let usual = |cores: &usize| asked(Machine::usual(*cores, options.seed));
    if !options.topologies {
        return options.cores.iter().map(usual).collect();
    }
    let layouts = |cores| LAYOUTS.map(|(clusters, sockets)| Machine { clusters, sockets, ..usual(&cores) });
    [64, 256].into_iter().flat_map(layouts).collect()
}

impl Measured {
    /// The share of the best possible speed.
    pub(crate) fn efficiency(&self) -> f64 {
        self.ideal_ns as f64 / self.counts.now.max(1) as f64
    }

    fn row(&self) -> Vec<String> {
        let Counts { now: time, busy_ns, line_ns, spin_ns, system_ns, switch_ns, .. } = self.counts;
        let Machine { cores, clusters, sockets, .. } = self.machine;
        let all = time * cores as u64;
        vec![
            cores.to_string(),
            format!("{clusters}/{sockets}"),
            span(time),
            format!("{:.2}", self.serial_ns as f64 / time.max(1) as f64),
            format!("{:.0} %", 100.0 * self.efficiency()),
            self.counts.steals.to_string(),
            self.counts.failed_steals.to_string(),
            self.counts.lines_moved.to_string(),
            self.counts.wake_ups.to_string(),
            self.counts.lock_waits.to_string(),
            format!("{:.2}", busy_ns as f64 / self.serial_ns.max(1) as f64),
            percent(line_ns, all),
            percent(spin_ns, all),
            percent(system_ns + switch_ns, all),
            percent(all.saturating_sub(busy_ns), all),
        ]
    }
}

fn rows(measured: &[Measured]) -> Vec<Vec<String>> {
    let heads = [
        "cores",
        "clusters/sockets",
        "time",
        "speed-up",
        "efficiency",
        "steals",
        "failed",
        "lines moved",
        "wake-ups",
        "lock waits",
        "cpu / plain",
        "on lines",
        "spinning",
        "system",
        "idle",
    ];
    let heads = heads.map(str::to_owned).to_vec();
    [heads].into_iter().chain(measured.iter().map(Measured::row)).collect()
}

/// The lines of code that cost most in the whole run, but for those of the programs themselves.
fn print_places(name: &str, cores: usize, places: &[PlaceCost]) {
    let heads = ["place", "points", "time", "on lines", "lines moved", "woken", "slept"].map(str::to_owned).to_vec();
    let row = |place: &PlaceCost| {
        vec![
            format!("{}:{}", place.at.file(), place.at.line()),
            place.points.to_string(),
            span(place.ns),
            span(place.line_ns),
            place.lines_moved.to_string(),
            place.wake_ups.to_string(),
            place.sleeps.to_string(),
        ]
    };
    let inside = places.iter().filter(|place| place.at.file().starts_with("src/")).take(PLACES);
    let rows: Vec<Vec<String>> = [heads].into_iter().chain(inside.map(row)).collect();
    print(&format!("Where {name} on {cores} cores spends its time outside of items, warming up included"), &rows);
}
