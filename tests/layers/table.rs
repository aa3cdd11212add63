//! The table of layers, as data: what each folder of `src/` is, and what it may use.

/// One row: a folder of `src/`.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) number: u8,
    pub(crate) folder: &'static str,
    /// The folders, or the modules in them, that this folder may name beside itself.
    pub(crate) may_use: &'static [&'static str],
}

/// The layers, lowest first. Folders of one layer do not name each other, but for `task`, which may name `fork`, and
/// `job`, which may name `trace`.
pub(crate) const LAYERS: &[Layer] = &[
    Layer { number: 0, folder: "sync", may_use: &[] },
    Layer { number: 1, folder: "trace", may_use: &["sync"] },
    Layer { number: 1, folder: "job", may_use: &["sync", "trace"] },
    Layer { number: 2, folder: "pool", may_use: &["sync", "trace", "job"] },
    Layer { number: 3, folder: "fork", may_use: &["sync", "trace", "job", "pool"] },
    Layer { number: 3, folder: "task", may_use: &["sync", "trace", "job", "pool", "fork"] },
    Layer {
        number: 4,
        folder: "iter",
        may_use: &[
            "fork",
            "task::cancel",
            "task::cancelled",
            "sync::asymmetric",
            "sync::atomic",
            "sync::cell",
            "sync::code",
            "sync::local",
            "sync::lock",
            "sync::once",
            "sync::quiet",
            "sync::thread",
            "sync::unwind",
            "trace",
        ],
    },
    Layer { number: 5, folder: "slice", may_use: &["iter", "fork", "task"] },
    Layer { number: 5, folder: "collections", may_use: &["iter", "fork", "task"] },
    Layer { number: 5, folder: "text", may_use: &["iter", "fork", "task"] },
    Layer {
        number: 5,
        folder: "stream",
        may_use: &["iter", "fork", "task", "pool", "job::context", "job::latch", "sync"],
    },
];

/// The file with the times that the scheduler was tuned by.
pub(crate) const TIMES: &str = "src/pool/tuning.rs";

/// The files above all layers: they may name everything, nothing names them, and they hold no logic.
pub(crate) const TOP: &[&str] = &["lib", "prelude", "extra"];

/// The files whose pages are public documentation, which has no layer numbers.
pub(crate) const PUBLIC_PAGES: &[&str] = &[
    "src/collections/binary_heap.rs",
    "src/collections/btree_map.rs",
    "src/collections/btree_set.rs",
    "src/collections/hash_map.rs",
    "src/collections/hash_set.rs",
    "src/collections/linked_list.rs",
    "src/collections/mod.rs",
    "src/collections/vec_deque.rs",
    "src/iter/mod.rs",
    "src/iter/plumbing/mod.rs",
    "src/slice/mod.rs",
    "src/stream/mod.rs",
    "src/stream/workers/mod.rs",
    "src/trace/mod.rs",
];

/// The folder that alone, tests aside, may name what follows, so that the model checker and the simulated machine can
/// stand in for it.
pub(crate) const DOOR: &str = "sync";

/// What the model checker, or the simulated machine, stands in for: atomics, locks, queues, whatever parks, delays or
/// starts a thread, the clock, and what the process is told from outside.
pub(crate) const BEHIND_THE_DOOR: &[&str] = &[
    "core::hint::spin_loop",
    "core::sync::atomic",
    "corosensei",
    "crossbeam_channel",
    "crossbeam_deque",
    "crossbeam_utils::Backoff",
    "crossbeam_utils::atomic",
    "crossbeam_utils::sync",
    "crossbeam_utils::thread",
    "loom",
    "num_cpus",
    "std::env::var",
    "std::env::var_os",
    "std::hint::spin_loop",
    "std::process::id",
    "std::sync::Barrier",
    "std::sync::Condvar",
    "std::sync::LazyLock",
    "std::sync::Mutex",
    "std::sync::MutexGuard",
    "std::sync::Once",
    "std::sync::OnceLock",
    "std::sync::RwLock",
    "std::sync::atomic",
    "std::sync::mpsc::channel",
    "std::sync::mpsc::sync_channel",
    "std::thread::Builder",
    "std::thread::JoinHandle",
    "std::thread::LocalKey",
    "std::thread::Thread",
    "std::thread::available_parallelism",
    "std::thread::current",
    "std::thread::panicking",
    "std::thread::park",
    "std::thread::park_timeout",
    "std::thread::scope",
    // In two words, for ci/words.sh takes it for a call.
    concat!("std::thread::", "sleep"),
    "std::thread::spawn",
    "std::thread::yield_now",
    "std::thread_local",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// The macro that declares thread-locals, and where a file of another folder has it from.
pub(crate) const THREAD_LOCAL: (&str, &str) = ("thread_local", "crate::sync::local::thread_local");

/// What waits by std's `park`, or ends such a wait, and so takes or leaves the token of a thread that is the program's:
/// not even [`DOOR`] names it.
pub(crate) const SPENDS_THE_TOKEN: &[&str] = &[
    "std::sync::mpsc::channel",
    "std::sync::mpsc::sync_channel",
    "std::thread::Thread",
    "std::thread::park",
    "std::thread::park_timeout",
    "std::thread::scope",
];

/// The part of `iter` that alone calls [`FORKS`].
pub(crate) const FORKING_FOLDER: &str = "src/iter/schedule";

/// The functions that split work in two.
pub(crate) const FORKS: &[&str] = &["join", "join_context"];

/// Names that say nothing of what a file or a folder holds.
pub(crate) const EMPTY_NAMES: &[&str] =
    &["common", "detail", "details", "helper", "helpers", "impl", "impls", "misc", "util", "utils"];

/// The lines of code that a file may have before its header has to say why it has more.
pub(crate) const MOST_CODE_LINES: usize = 400;

/// How the header of a longer file begins to say why.
pub(crate) const EXCUSE: &str = "Longer than 400 lines because";
