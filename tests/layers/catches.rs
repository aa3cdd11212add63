//! Made-up files, and what the rules must and must not say of them.

use crate::rules::{SourceFile, complaints};
use crate::table::{LAYERS, MOST_CODE_LINES, PUBLIC_PAGES};

/// The complaints about a file at `path` that has a right first line and then `source`.
fn about(path: &str, source: &str) -> Vec<String> {
    let is_public = PUBLIC_PAGES.contains(&path);
    let layer = LAYERS.iter().find(|layer| !is_public && path.starts_with(&format!("src/{}/", layer.folder)));
    let first = layer.map_or("//! Made up.".to_owned(), |layer| format!("//! Layer {}: made up.", layer.number));
    complaints(&SourceFile { path: path.to_owned(), text: format!("{first}\n{source}\n") })
}

/// Asserts that the only complaint about `source` says `line` and then, in order, all of `parts`.
#[track_caller]
fn assert_caught(path: &str, source: &str, line: usize, parts: &[&str]) {
    let found = about(path, source);
    assert_eq!(found.len(), 1, "{found:?}");
    let mut rest = found[0].strip_prefix(&format!("{path}:{line}: ")).unwrap_or_else(|| panic!("{found:?}"));
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not in {found:?}")).1;
    }
}

#[track_caller]
fn assert_clean(path: &str, source: &str) {
    assert_eq!(about(path, source), [""; 0]);
}

#[test]
fn an_edge_upward_is_caught_with_file_line_and_both_layers() {
    let caught = ["layer 1 (`job`)", "`crate::pool::Worker`", "layer 2 (`pool`)", "above"];
    assert_caught("src/job/latch.rs", "use crate::pool::Worker;", 2, &caught);
    assert_caught("src/job/latch.rs", "pub(crate) use crate::pool::Worker as W;", 2, &caught);
    assert_caught(
        "src/job/latch.rs",
        "use crate::{\n    sync::x,\n    pool::{\n        Worker,\n    },\n};",
        5,
        &caught,
    );
    assert_caught("src/job/latch.rs", "\nfn f(_: &crate::pool::Worker) {}", 3, &caught);
    assert_caught("src/job/latch.rs", "use super::super::pool::Worker;", 2, &caught);
    assert_caught("src/job/mod.rs", "macro_rules! m { () => { $crate::pool::Worker } }", 2, &caught);
}

#[test]
fn the_top_is_above_every_layer() {
    let caught = ["layer 3 (`fork`)", "the top", "above"];
    assert_caught("src/fork/join.rs", "use crate::prelude::*;", 2, &caught);
    assert_caught("src/fork/join.rs", "use crate::ThreadPool;", 2, &caught);
    assert_caught("src/fork/mod.rs", "use super::*;", 2, &caught);
    assert_caught("src/fork/mod.rs", "use crate as root;", 2, &caught);
}

#[test]
fn siblings_and_ungranted_layers_are_caught() {
    assert_caught("src/fork/join.rs", "use crate::task::X;", 2, &["layer 3 (`fork`)", "layer 3 (`task`)", "beside"]);
    assert_clean("src/task/mod.rs", "use crate::fork::X;");
    assert_caught("src/iter/mod.rs", "use crate::task::X;", 2, &["layer 4", "layer 3", "fork, task::cancel"]);
    assert_clean("src/iter/adaptor/mod.rs", "use crate::task::cancel::X;");
    assert_caught(
        "src/iter/mod.rs",
        "use crate::pool::X;",
        2,
        &["layer 4", "layer 2", "fork, task::cancel, task::cancelled, sync::asymmetric"],
    );
    assert_caught(
        "src/iter/mod.rs",
        "use crate::sync::park;",
        2,
        &["layer 4", "layer 0", "fork, task::cancel, task::cancelled, sync::asymmetric"],
    );
    assert_caught(
        "src/iter/mod.rs",
        "use crate::sync;",
        2,
        &["layer 4", "layer 0", "fork, task::cancel, task::cancelled, sync::asymmetric"],
    );
}

#[test]
fn edges_downward_and_inward_are_clean() {
    assert_clean("src/pool/worker.rs", "use crate::{job::Job, sync::atomic::AtomicUsize};\nuse super::slot::Slot;");
    assert_clean("src/pool/sleep/mod.rs", "use crate::pool::slot;\nmod tests { use super::super::worker; }");
    assert_clean("src/iter/collect/mod.rs", "use crate::sync::atomic::{AtomicUsize, Ordering};");
    assert_clean(
        "src/job/latch.rs",
        "// crate::pool::Worker\n/* use crate::pool; */ const X: &str = \"crate::pool::X\";",
    );
    assert_clean("src/lib.rs", "pub mod iter;\npub mod str { pub use crate::text::*; }\npub use crate::fork::join;");
}

#[test]
fn the_top_holds_no_logic() {
    assert_caught("src/lib.rs", "mod fork;\nfn f();", 3, &["`fn` at the top"]);
    assert_caught("src/lib.rs", "impl X {}", 2, &["`impl` at the top"]);
    assert_caught("src/prelude.rs", "pub struct X;", 2, &["`struct` at the top"]);
    assert_clean("src/prelude.rs", "//! No fn, no impl, no struct.\npub use crate::iter::ParallelIterator;");
}

#[test]
fn the_door_is_the_only_way_to_atomics_and_threads() {
    let caught = ["layer 2 (`pool`)", "only `sync`"];
    for source in [
        "use std::sync::{Arc, atomic::AtomicUsize};",
        "fn f() { core::sync::atomic::fence(x) }",
        "use std::thread; fn f() { thread::spawn(x) }",
        "use std::{sync as s, fmt}; fn f() { s::atomic::fence(x) }",
        "fn f() { ::std::thread::spawn(x) }",
        "fn f() { std::thread::Builder::new(); }",
        "use loom::model;",
        "use crossbeam_utils::sync::Parker;",
        "use crossbeam_channel::bounded;",
        "use std::sync::{Arc, OnceLock};",
        "use std::time::{Duration, Instant};",
        "fn f() { std::thread::yield_now() }",
    ] {
        assert_caught("src/pool/worker.rs", source, 2, &caught);
        assert_clean("src/sync/mod.rs", source);
        assert_clean("tests/api/main.rs", source);
    }
    assert_clean("src/pool/worker.rs", "use std::{sync::{Arc, Weak}, thread::Result, time::Duration};");
    assert_clean("src/pool/loom.rs", "fn f() { loom::model(|| {}) }");
    assert_clean("src/pool/mod.rs", "#[cfg(all(test, loom))] mod loom;");
    assert_clean("src/pool/slot.rs", "use std::thread; fn f() -> thread::Result<()> {}");
    assert_clean("src/pool/slot.rs", "mod tests { use std::thread::spawn; }");
}

#[test]
fn thread_locals_come_through_the_door() {
    let declared = "thread_local! { static A: u8 = const { 0 }; }";
    assert_caught("src/pool/worker.rs", declared, 2, &["`thread_local!` is std's here", "`crate::sync::local"]);
    assert_clean("src/pool/worker.rs", &format!("use crate::sync::local::thread_local; {declared}"));
    assert_clean("src/sync/parker.rs", declared);
    assert_clean("src/pool/loom.rs", &format!("loom::{declared}"));
}

#[test]
fn what_spends_the_token_for_park_is_caught_everywhere() {
    for source in [
        "use std::thread; fn f() { thread::park() }",
        "fn f() { ::std::thread::park_timeout(x) }",
        "use std::thread::Thread;",
        "use std::sync::mpsc; fn f() { mpsc::channel::<()>() }",
        "use std::sync::*;",
        "use std::thread::scope;",
    ] {
        assert_caught("src/sync/parker.rs", source, 2, &["layer 0 (`sync`)", "the token for `park`"]);
        assert_caught("src/pool/worker.rs", source, 2, &["layer 2 (`pool`)", "only `sync`"]);
        assert_clean("tests/api/main.rs", source);
    }
    assert_clean("src/stream/results.rs", "use std::sync::mpsc; fn f() -> mpsc::TryRecvError {}");
}

#[test]
fn only_the_schedule_forks() {
    let caught = ["only `src/iter/schedule` forks"];
    assert_caught("src/iter/collect/mod.rs", "fn f() { crate::fork::join(a, b); }", 2, &caught);
    assert_caught("src/iter/collect/mod.rs", "fn f() { fork::join_context(a, b) }", 2, &caught);
    assert_caught("src/iter/collect/mod.rs", "use crate::fork::{join as both};", 2, &caught);
    assert_caught("src/iter/collect/mod.rs", "fn f() { g(crate::fork::join) }", 2, &caught);
    assert_caught("src/iter/collect/mod.rs", "use crate::fork::*;", 2, &["brings in what forks"]);
    assert_clean("src/iter/collect/mod.rs", "use crate::fork::current_num_threads; fn f() { handle.join() }");
    assert_clean("src/iter/schedule/split.rs", "use crate::fork::join_context; fn f() { join_context(a, b) }");
    assert_clean("src/slice/sort.rs", "use crate::fork::join;");
}

#[test]
fn times_of_the_scheduler_stand_in_one_file() {
    let source = "const NAP: Duration = Duration::ZERO;";
    assert_caught("src/pool/standby.rs", source, 2, &["`NAP` is a time"]);
    assert_clean("src/pool/tuning.rs", source);
    assert_clean("src/pool/standby.rs", "const NAPS: usize = 3; fn f(nap: Duration) {}");
    assert_clean("src/stream/mod.rs", source);
}

#[test]
fn names_first_lines_and_lengths_are_checked() {
    assert_caught("src/pool/utils.rs", "", 1, &["`utils`"]);
    assert_caught("tests/common/mod.rs", "", 1, &["`common`"]);
    assert_caught("src/extra/mod.rs", "", 1, &["`extra`", "neither"]);

    let first = |path: &str, text: &str| complaints(&SourceFile { path: path.to_owned(), text: text.to_owned() });
    assert_eq!(first("src/pool/mod.rs", "//! The pool.\n").len(), 1);
    assert_eq!(first("src/iter/mod.rs", "//! Layer 4: iterators.\n").len(), 1);
    assert_eq!(first("src/iter/mod.rs", "//! Iterators.\n"), [""; 0]);
    assert_eq!(first("src/pool/slot.rs", "//! Layer 3: a slot.\n").len(), 1);
    assert_eq!(first("src/pool/slot.rs", "//! A slot.\n"), [""; 0]);
    assert_eq!(first("tests/a.rs", "fn f() {}\n").len(), 1);
    assert_eq!(first("tests/a.rs", "//!\nfn f() {}\n").len(), 1);

    let long = "f();\n".repeat(MOST_CODE_LINES + 1);
    assert_caught("src/pool/worker.rs", &long, 1, &["401 lines"]);
    assert_clean("src/pool/worker.rs", &format!("//!\n//! Longer than 400 lines because it is made up.\n{long}"));
    assert_clean("src/pool/worker.rs", &format!("{}\n{}", "f();\n".repeat(MOST_CODE_LINES), "// No.\n".repeat(9)));
}
