//! Every call, on ranks that this program starts itself: without arguments it launches itself under `mpirun`, once for each
//! case and number of ranks, and looks at the exit code and at what the ranks print.
//!
//! `mpirun` is the program of that name, or the one in the variable `MPIRUN`. Arguments are parts of the names of cases.

mod calls;
mod faults;
mod launch;
mod reproducible;

use launch::Launch;

/// A case: its name, and the function that every rank runs.
type Case = (&'static str, fn());

/// What ranks run.
const CASES: &[Case] = &[
    ("every_call", calls::every_call),
    ("threads", calls::threads),
    ("bits", reproducible::print_bits),
    ("panic_in_item", faults::panic_in_item),
    ("panic_in_dynamic", faults::panic_in_dynamic),
    ("panic_outside", faults::panic_outside),
    ("different_calls", faults::different_calls),
    ("different_lengths", faults::different_lengths),
    ("different_roots", faults::different_roots),
    ("early_end", faults::early_end),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = arguments.as_slice() {
        if flag == launch::CASE {
            let (_, run) = CASES.iter().find(|(case, _)| case == name).expect("a case of this name");
            return run();
        }
    }
    let wanted = |name: &str| {
        let mut filters = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
        filters.peek().is_none() || filters.any(|filter| name.contains(filter.as_str()))
    };
    for (name, test) in launches() {
        if wanted(name) {
            test();
            println!("test {name} ... ok");
        }
    }
}

/// The tests, by name.
fn launches() -> Vec<(&'static str, fn())> {
    vec![
        ("every_call", every_call),
        ("every_call_in_small_messages", every_call_in_small_messages),
        ("threads", threads),
        ("the_same_bits", reproducible::the_same_bits),
        ("panics_end_all_ranks", faults::panics_end_all_ranks),
        ("mistakes_are_named", faults::mistakes_are_named),
    ]
}

/// On these numbers of ranks: one, a power of two, and two that are none.
const RANKS: [usize; 4] = [1, 2, 3, 5];

fn every_call() {
    for ranks in RANKS {
        Launch::new("every_call", ranks).threads(2).succeeds();
    }
}

/// Each item takes several messages.
fn every_call_in_small_messages() {
    Launch::new("every_call", 3).threads(2).variable("PACELINE_MPI_MAX_MESSAGE", "3").succeeds();
}

fn threads() {
    for ranks in [1, 2, 3] {
        Launch::new("threads", ranks).succeeds();
        Launch::new("threads", ranks).threads(3).succeeds();
    }
}
