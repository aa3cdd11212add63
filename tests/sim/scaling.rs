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
use paceline::sim::{Counts, PlaceCost};

/// A program, what a call of it counted, and where the whole run spent its time.
struct Found {
    program: Program,
    serial_ns: u64,
    cores: usize,
    counts: Counts,
    places: Vec<PlaceCost>,
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
        let of = |is_meant: &dyn Fn(&PlaceCost) -> bool| -> u64 {
            self.places.iter().filter(|place| is_meant(place)).map(|place| place.line_ns).sum()
        };
        100 * of(&|place| place.at.file().ends_with(file)) / of(&|_| true).max(1)
    }
}

/// The branches of a chain of joins are private until somebody asks, and the owner looks at requests only where it forks:
/// on its way back along the chain nobody gets any. To be tightened to a speed-up of 1.8.
#[test]
fn the_branches_of_a_chain_run_one_after_another() {
    let found = measured("comb", 2);
    let speed_up = 100 * found.serial_ns / found.counts.now;
    assert!((100..=110).contains(&speed_up), "{speed_up} per cent of the plain calls' speed");
    assert!(found.counts.steals < 20, "{} of 999 branches were stolen", found.counts.steals);
}

/// All who begin or end a search write to one word of counters. To be tightened to an efficiency of 80 %, and to a tenth of
/// the time on lines.
#[test]
fn one_word_of_counters_holds_up_64_cores() {
    let found = measured("callers", 64);
    assert!((2..=6).contains(&found.efficiency()), "{} %", found.efficiency());
    let share = found.share_of_lines("src/pool/sleep/counters.rs");
    assert!((70..=90).contains(&share), "{share} % of the time on lines");
}

/// Each idle worker looks at all deques, again and again. How often for each steal depends on small changes of times
/// elsewhere, so the range is wide. To be tightened to 10 looks in vain for a steal.
#[test]
fn hundreds_of_looks_at_deques_for_one_steal() {
    let found = measured("tree-coarse", 128);
    let looks = found.counts.failed_steals / found.counts.steals;
    assert!((400..=1200).contains(&looks), "{looks} looks in vain for a steal");
    assert!((20..=35).contains(&found.efficiency()), "{} %", found.efficiency());
}

/// The consumers of a shared iterator sleep for its lock, each for nearly every item. To be tightened to an efficiency of
/// 80 % and to one wait in a hundred items.
#[test]
fn consumers_of_a_shared_iterator_wait_for_its_lock_at_each_item() {
    let found = measured("bridge-1us", 32);
    assert!((19_000..=22_000).contains(&found.counts.lock_waits), "{} waits", found.counts.lock_waits);
    assert!((6..=10).contains(&found.efficiency()), "{} %", found.efficiency());
}

/// Workers are woken one by one, each by one that has been woken before. To be tightened to 50 us for the last of 64.
#[test]
fn the_last_of_64_sleepers_begins_after_the_others() {
    let starts = latency::sleepers_of_a_loop(Machine::usual(64, 1)).starts;
    assert_eq!(starts.len(), 64);
    assert!((300_000..=400_000).contains(&starts[63]), "the last begins after {} ns", starts[63]);
}

/// On more than one core a loop looks at its own deque, through a full fence, at each block of a few items. To be tightened
/// to 1.03.
#[test]
fn a_loop_passes_a_fence_at_each_block() {
    let found = measured("loop-1e4-100ns", 2);
    let processor_time = 100 * found.counts.busy_ns / found.serial_ns;
    assert!((104..=110).contains(&processor_time), "{processor_time} % of the plain loop's");
    let fences = found.places.iter().find(|place| place.at.file().ends_with("pool/worker/steal.rs"));
    assert!(fences.is_some_and(|place| place.points > 3 * 10_000), "{fences:?}");
}

/// To ask where the time goes changes nothing.
#[test]
fn a_profile_leaves_a_run_as_it_is() {
    let program = programs::all().into_iter().find(|program| program.name == "nest-serial").expect("it is there");
    let machine = Machine::usual(8, 1);
    let (counts, places) = machine.measure(&program);
    assert!(places.is_empty());
    let (profiled, places) = Machine { profile: true, ..machine }.measure(&program);
    assert_eq!(counts, profiled);
    assert!(places.iter().any(|place| place.at.file().starts_with("src/pool/")));
    let Counts { busy_ns, work_ns, access_ns, line_ns, spin_ns, clock_ns, system_ns, switch_ns, .. } = counts;
    assert_eq!(busy_ns, work_ns + access_ns + line_ns + spin_ns + clock_ns + system_ns + switch_ns);
}
