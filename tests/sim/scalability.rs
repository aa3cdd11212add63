//! What `scalability` says of programs whose work and span are known, in virtual time.

use crate::{completed, machines};
use paceline::prelude::*;
use paceline::trace::Scalability;
use paceline::{sim, trace};
use std::time::Duration;

/// The time of a piece of work, in nanoseconds: much longer than a fork takes.
const PIECE: u64 = 100_000;

/// Measures a program on several machines. It has so much work and such a span, in pieces, but for a fiftieth.
fn has(work: u32, span: u32, program: fn(), also: fn(&Scalability)) {
    for config in machines(0..3) {
        let (seed, cores, schedule) = (config.seed, config.cores, config.schedule);
        completed(config, move || {
            let ((), found) = paceline::scalability(program);
            let on_machine = format!("{found}, with seed {seed} on {cores} cores, {schedule:?}");
            for (time, pieces) in [(found.work(), work), (found.span(), span)] {
                let exact = Duration::from_nanos(PIECE) * pieces;
                assert!(time >= exact && time <= exact + exact / 50, "{pieces} pieces: {on_machine}");
            }
            also(&found);
        });
    }
}

fn piece() {
    sim::work(PIECE);
}

#[test]
fn a_chain_cannot_be_faster_than_on_one_core() {
    fn chain(links: usize) {
        if links > 0 {
            paceline::join(piece, || ());
            chain(links - 1);
        }
    }
    has(20, 20, || chain(20), |found| assert!(found.most_speedup(64) < 1.03));
}

#[test]
fn a_balanced_tree_is_as_long_as_one_of_its_leaves() {
    fn tree(depth: u32) {
        match depth {
            0 => piece(),
            _ => _ = paceline::join(|| tree(depth - 1), || tree(depth - 1)),
        }
    }
    has(16, 1, || tree(4), |found| assert!(found.most_speedup(64) > 15.5 && found.most_speedup(4) == 4.0));
}

#[test]
fn the_jobs_of_a_scope_run_beside_its_body() {
    let program = || {
        paceline::scope(|scope| {
            (0..8).for_each(|_| scope.spawn(|_| piece()));
            piece();
            piece();
        });
    };
    has(10, 2, program, |_| ());
}

/// A fifth of the work is serial, and nothing else matters much: so says Amdahl.
#[test]
fn a_serial_fifth_holds_a_program_back() {
    let program = || {
        trace::named("serial", || (0..10).for_each(|_| piece()));
        trace::named("loop", || (0..40).into_par_iter().with_max_len(1).for_each(|_| piece()));
    };
    let is_named = |found: &Scalability| {
        let names: Vec<_> = found.names().iter().map(|share| share.name()).collect();
        assert_eq!(names[..2], [Some("serial"), Some("loop")], "{found}");
        assert!(found.most_speedup(64) > 4.4 && found.parallelism() < 5.0, "{found}");
    };
    has(50, 11, program, is_named);
}
