//! What the library costs on many cores, today. Each test has a finding of `docs/scaling.md` as numbers, which are the same
//! on every machine, and says what the second design should make of them.

#[allow(dead_code, reason = "the bench has more latencies")]
#[path = "../../benches/simulated/latency.rs"]
mod latency;
#[path = "../../benches/simulated/measure.rs"]
mod measure;
#[allow(dead_code, reason = "the bench prints titles and has more programs")]
#[path = "../../benches/simulated/program.rs"]
mod program;
#[path = "../../benches/simulated/programs/mod.rs"]
mod programs;

use self::measure::{Machine, serial_ns};
use self::program::Program;
use paceline::sim::{Counts, Place};

/// A program, what a call of it counted, and where the whole run spent its time.
struct Found {
    program: Program,
    serial_ns: u64,
    cores: usize,
    counts: Counts,
    places: Vec<Place>,
}

fn measured(name: &str, cores: usize) -> Found {
    let program = programs::all().into_iter().find(|program| program.name == name).expect("there is such a program");
    let (counts, places) = Machine { profile: true, ..Machine::usual(cores, 1) }.measure(&program);
    Found { serial_ns: serial_ns(&program), program, cores, counts, places }
}

impl Found {
    /// In per cent of the best that a schedule could do.
    fn efficiency(&self) -> u64 {
        100 * self.program.ideal_ns(self.serial_ns, self.cores) / self.counts.now
    }

    /// Until lines came, in all files of this name: in per cent of that time in the whole run.
    fn share_of_lines(&self, file: &str) -> u64 {
        let of = |is_meant: &dyn Fn(&Place) -> bool| -> u64 {
            self.places.iter().filter(|place| is_meant(place)).map(|place| place.line_ns).sum()
        };
        100 * of(&|place| place.at.file().ends_with(file)) / of(&|_| true).max(1)
    }
}
