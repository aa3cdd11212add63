//! The library on 1 to 256 simulated cores: how far each program scales, and where the time of the cores goes.
//!
//! `ci/simulated.sh` runs it, with the options below. Under the same seed it prints the same numbers on every machine.
//! Without `--cfg sim` it says how it is run, and ends.

#[cfg(sim)]
mod grid;
#[cfg(sim)]
mod latency;
#[cfg(sim)]
mod measure;
#[cfg(sim)]
mod options;
#[cfg(sim)]
mod plot;
#[cfg(sim)]
mod program;
#[cfg(sim)]
mod programs;
#[cfg(sim)]
mod table;
#[cfg(sim)]
mod waking;

/// Under the system's, addresses would be used again as the whole process has it.
#[cfg(all(sim, unix))]
#[global_allocator]
static ALLOCATOR: paceline::sim::Allocator = paceline::sim::Allocator;

#[cfg(sim)]
fn main() {
    grid::run(&options::Options::from_args());
}

#[cfg(not(sim))]
fn main() {
    println!("The simulated machine is not in this build. Run `ci/simulated.sh`, which is");
    println!("    RUSTFLAGS=\"--cfg sim\" cargo bench --target-dir target/sim --bench simulated");
}
