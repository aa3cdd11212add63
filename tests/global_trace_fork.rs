//! A child that is forked off during a recording leaves its parent's file alone, and can begin a recording of its own.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::{end_of, exit, fork};
use paceline::trace;
use serde_json::Value;
use std::path::Path;
use std::{env, fs, process};

/// The names of the program in the file, without repetitions.
fn names(path: &Path) -> Vec<String> {
    let events: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let named = events.iter().filter(|event| event["cat"] == "named");
    let mut names: Vec<_> = named.map(|event| event["name"].as_str().unwrap().to_owned()).collect();
    names.dedup();
    names
}

#[test]
fn a_child_writes_to_a_file_of_its_own_alone() {
    let place = |name| env::temp_dir().join(format!("paceline_{}_{name}.json", process::id()));
    let (parents, childs) = (place("parent"), place("child"));
    let recording = trace::start(&parents).unwrap();
    trace::named("before", || ());
    let Some(child) = fork() else {
        // More than a thread keeps in memory.
        (0..10_000).for_each(|_| trace::named("in the child", || ()));
        let recorded = trace::record(&childs, || trace::named("recorded in the child", || ()));
        // As at the end of the frames that it has from its parent.
        recording.finish().unwrap();
        exit(i32::from(recorded.is_err()));
    };
    assert_eq!(end_of(child), Ok(0));
    trace::named("after", || ());
    recording.finish().unwrap();
    assert_eq!(names(&parents), ["before", "after"]);
    assert_eq!(names(&childs), ["recorded in the child"]);
    for path in [parents, childs] {
        fs::remove_file(path.with_extension("html")).unwrap();
        fs::remove_file(path).unwrap();
    }
}
