//! The cost of each access: the model of caches and of the system, as numbers with their sources.

use super::counts::Charge;
use super::trace::Access;

/// The costs of operations, in nanoseconds. None is 0, so that time passes in every loop.
///
/// The numbers are those of an x86-64 server at 3 to 4 GHz, rounded. Each names its source; *estimate* means that there
/// is none but experience.
#[derive(Debug, Clone)]
pub struct Costs {
    /// An access to a line that the core holds: the first-level cache's latency (4 to 5 cycles: Fog's
    /// microarchitecture manual; AnandTech, AMD Rome review of 2019, 4 cycles).
    pub hit: u64,
    /// A read-modify-write, without fetching the line: a locked instruction (18 to 20 cycles: Fog's instruction tables;
    /// the same order in Schweizer, Besta and Hoefler, PACT 2015).
    pub rmw: u64,
    /// A full fence: it waits for the store buffer (`mfence`, some 33 cycles: Fog's instruction tables).
    pub fence: u64,
    /// To read the processor's counter, or the system's clock based on it (estimate: 20 to 25 ns for the latter,
    /// through the vDSO).
    pub clock: u64,
    /// One iteration of a spin loop: `pause` (10 cycles before Skylake, 140 since: Intel's optimisation manual; AMD
    /// between).
    pub spin: u64,
    /// To enter the system and come back: `futex`, `sched_yield` (estimate: 100 to 300 ns, depending on the kernel's
    /// mitigations).
    pub system_call: u64,
    /// From a wake-up until a core that has slept begins to switch to the thread: an interrupt to it (estimate: 1 us), and
    /// its way out of a light sleep (C1, 1 to 2 us: Linux' table of idle states, `drivers/idle/intel_idle.c`). From a deep
    /// sleep it takes 100 us and more.
    pub wake_up: u64,
    /// From one thread to another on one core (1.2 to 1.5 us: Bendersky, "Measuring context switching and memory overheads
    /// for Linux threads", 2018).
    pub context_switch: u64,
    /// To start a thread (estimate: 10 to 20 us).
    pub spawn: u64,
    /// The time that a thread runs before another one that waits for the core takes it (Linux' base slice: 0.75 ms
    /// times 4 on 8 cores and more, `kernel/sched/fair.c`).
    pub time_slice: u64,
    /// The system call that makes every running thread pass a fence (`membarrier`): an interrupt to each core
    /// (estimate, for few cores: it grows with their number).
    pub heavy_fence: u64,
}

impl Default for Costs {
    fn default() -> Self {
        Costs {
            hit: 1,
            rmw: 6,
            fence: 10,
            clock: 20,
            spin: 15,
            system_call: 200,
            wake_up: 3_000,
            context_switch: 1_500,
            spawn: 15_000,
            time_slice: 3_000_000,
            heavy_fence: 2_000,
        }
    }
}

/// The distances between cores: the cost of fetching a line from another core, in nanoseconds.
///
/// The distances are those of AMD's servers, where a cluster is a CCX: 15 to 19 ns within one and up to 80 ns between
/// two (AnandTech, review of the Ryzen 7950X, 2022; its clusters are those of the servers), about 200 ns between
/// sockets (AnandTech, review of EPYC Milan, 2021). Such tables of many machines: Chips and Cheese, "Core to Core
/// Latency Data on Large Systems", 2023.
#[derive(Debug, Clone)]
pub struct Topology {
    /// Cores that share a cache of the last level but one.
    pub cores_of_cluster: usize,
    /// Clusters in one socket.
    pub clusters_of_socket: usize,
    /// From another core of the cluster.
    pub within_cluster: u64,
    /// From another cluster of the socket.
    pub within_socket: u64,
    /// From another socket.
    pub between_sockets: u64,
}

impl Default for Topology {
    fn default() -> Self {
        Topology {
            cores_of_cluster: 8,
            clusters_of_socket: 8,
            within_cluster: 20,
            within_socket: 80,
            between_sockets: 200,
        }
    }
}

impl Topology {
    /// A topology of these numbers of cores, clusters and sockets, all alike, with the default distances.
    pub fn of(cores: usize, clusters: usize, sockets: usize) -> Self {
        let (clusters, sockets) = (clusters.max(1), sockets.max(1));
        Topology {
            cores_of_cluster: cores.div_ceil(clusters),
            clusters_of_socket: clusters.div_ceil(sockets),
            ..Topology::default()
        }
    }

    /// The cost of fetching a line from one core's cache to another's.
    fn distance(&self, from: usize, to: usize) -> u64 {
        let cluster = |core: usize| core / self.cores_of_cluster.max(1);
        let socket = |core: usize| cluster(core) / self.clusters_of_socket.max(1);
        if from == to {
            0
        } else if cluster(from) == cluster(to) {
            self.within_cluster
        } else if socket(from) == socket(to) {
            self.within_socket
        } else {
            self.between_sockets
        }
    }
}

/// The most cores that the model of caches distinguishes.
pub(super) const MOST_CORES: usize = 256;

/// The location of one object's line: the last writer, when the line arrives there, and the readers since.
#[derive(Debug, Clone, Copy)]
struct CacheLine {
    writer: u16,
    arrives: u64,
    readers: [u64; MOST_CORES / 64],
}

/// The caches of all cores. Each object has a line of its own.
#[derive(Debug)]
pub(super) struct Caches {
    costs: Costs,
    topology: Topology,
    /// `None` if only the kind of an access determines its cost.
    lines: Option<Vec<Option<CacheLine>>>,
}

impl Caches {
    pub(super) fn new(costs: Costs, topology: Topology, are_modelled: bool) -> Self {
        Caches { costs, topology, lines: are_modelled.then(Vec::new) }
    }

    pub(super) fn costs(&self) -> &Costs {
        &self.costs
    }

    /// The cost of an access by `core` to the object with that number and address (0 if there is none). The model uses
    /// the number, because addresses differ from run to run.
    #[inline]
    pub(super) fn cost(&mut self, access: Access, number: u32, _address: usize, core: usize, now: u64) -> Charge {
        let costs = &self.costs;
        let (line, more) = match access {
            Access::Load => (Some(false), 0),
            Access::Store => (Some(true), 0),
            Access::Rmw | Access::Lock | Access::Unlock => (Some(true), costs.rmw),
            Access::Fence => (None, costs.fence),
            Access::HeavyFence => (None, costs.heavy_fence),
            Access::Clock => (None, costs.clock),
            Access::Spin => (None, costs.spin),
            Access::Yield | Access::Wait | Access::Sleep | Access::Join => (None, costs.system_call),
            Access::Notify => (Some(false), costs.rmw),
            Access::Spawn => (None, costs.spawn),
            Access::LightFence | Access::Begin | Access::End | Access::Point | Access::Work => (None, 0),
        };
        let fetched = match (line, &mut self.lines) {
            (Some(writes), Some(lines)) => fetch(lines, number, core % MOST_CORES, writes, &self.topology, now),
            _ => None,
        };
        Charge { own: costs.hit + more, line: fetched.unwrap_or(0), moves: fetched.is_some() }
    }
}

/// The cost, in addition to a hit, until the core holds the line, shared, or exclusively if it writes; `None` if it
/// does already.
///
/// A line goes to one writer after another: a core that requests it while it is on its way waits until it has arrived.
/// So cores that all write to one word get the line one at a time.
fn fetch(
    lines: &mut Vec<Option<CacheLine>>,
    number: u32,
    core: usize,
    writes: bool,
    topology: &Topology,
    now: u64,
) -> Option<u64> {
    let number = number as usize;
    if lines.len() <= number {
        lines.resize(number + 1, None);
    }
    let mut own = [0; MOST_CORES / 64];
    own[core / 64] = 1 << (core % 64);
    let mut alone = CacheLine { writer: core as u16, arrives: now, readers: own };
    let Some(line) = &mut lines[number] else {
        lines[number] = Some(alone);
        return None;
    };
    let on_its_way = line.arrives.saturating_sub(now);
    if writes {
        if line.readers == own {
            line.writer = alone.writer;
            return None;
        }
        // The last writer itself still has to invalidate the readers' copies.
        let from = if line.writer as usize == core { topology.within_cluster } else { 0 };
        let cost = on_its_way + from.max(topology.distance(line.writer.into(), core));
        alone.arrives = now + cost;
        *line = alone;
        return Some(cost);
    }
    let bit = &mut line.readers[core / 64];
    let is_held = *bit & own[core / 64] != 0;
    *bit |= own[core / 64];
    if is_held { None } else { Some(on_its_way + topology.distance(line.writer.into(), core)) }
}
