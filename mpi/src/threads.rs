//! How many threads a rank's pool has.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::thread::available_parallelism;
use std::{env, fs};

use mpi::collective::CommunicatorCollectives;
use mpi::topology::{Communicator, SimpleCommunicator};
use paceline::ThreadPoolBuilder;

/// The ranks of this rank's node, itself included.
pub(crate) struct Node {
    pub(crate) ranks: usize,
    /// Those that may use the same processors as this one.
    pub(crate) sharing: usize,
}

/// Divides the processors that this process may use by the ranks of the node that may use the same ones, and gives the global
/// pool so many threads. Collective.
///
/// A rank that was bound to processors of its own shares them with no rank. Ranks that were not bound all have the processors
/// of the node. If only some processors of two ranks are the same, they count as different.
///
/// The pool is left to `paceline` if the rank shares nothing, or if a variable or the program has set its size already.
pub(crate) fn divide_processors(communicator: &SimpleCommunicator) -> Node {
    let node = communicator.split_shared(communicator.rank());
    let mut hasher = DefaultHasher::new();
    affinity().hash(&mut hasher);
    let own = hasher.finish();
    let mut of_ranks = vec![0; node.size() as usize];
    node.all_gather_into(&own, &mut of_ranks[..]);
    let sharing = of_ranks.iter().filter(|hash| **hash == own).count();

    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if sharing > 1 && !is_set("PACELINE_NUM_THREADS") && !is_set("RAYON_NUM_THREADS") {
        let processors = available_parallelism().map_or(1, |processors| processors.get());
        let threads = (processors / sharing).max(1);
        // It fails if the program has a global pool already: its size was chosen there.
        let _ = ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
    Node { ranks: of_ranks.len(), sharing }
}

/// The processors that the process may run on, as Linux lists them; empty on other systems, where no rank counts as bound.
fn affinity() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    line.unwrap_or_default().trim().to_owned()
}
