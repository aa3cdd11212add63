//! An empty `reduce_all`, against MPI_Allreduce of a number alone: `mpirun -n 2 PROGRAM [ROUNDS]`.
//!
//! The two take turns, in bursts. Rank 0 prints the median of the bursts for each, in microseconds, and their ratio. Built for
//! benches, it exchanges no headers.

use std::time::{Duration, Instant};

use mpi::collective::{CommunicatorCollectives, SystemOperation};
use mpi::topology::SimpleCommunicator;
use paceline::prelude::*;
use paceline_mpi::{AcrossRanks, World};

/// Calls in a burst; the first is not measured.
const BURST: u32 = 200;

fn main() {
    let world = paceline_mpi::init().expect("MPI");
    let bare = SimpleCommunicator::world();
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(21);
    let contenders: [(&str, &dyn Fn()); 3] = [
        ("MPI_Allreduce", &|| {
            let mut sum = 0_u64;
            bare.all_reduce_into(&1_u64, &mut sum, SystemOperation::sum());
            assert_eq!(sum, world.size() as u64);
        }),
        ("combine_all", &|| assert_eq!(world.combine_all(1_u64, |left, right| left + right), world.size() as u64)),
        ("reduce_all, no items", &|| {
            assert_eq!(world.block(0..0).map(|n| n as u64).reduce_all(&world, || 0, |left, right| left + right), 0);
        }),
    ];
    let mut times = contenders.map(|_| Vec::new());
    for _ in 0..rounds {
        for ((_, call), times) in contenders.iter().zip(&mut times) {
            times.push(burst(&world, call));
        }
    }
    if world.rank() != 0 {
        return;
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e6
    });
    for ((name, _), median) in contenders.iter().zip(medians) {
        println!("{name:<22} {median:>8.2} us  {:>6.2} times", median / medians[0]);
    }
}

/// The mean time of a call.
fn burst(world: &World, call: &dyn Fn()) -> Duration {
    world.barrier();
    call();
    let begun = Instant::now();
    (1..BURST).for_each(|_| call());
    begun.elapsed() / (BURST - 1)
}
