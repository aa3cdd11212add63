//! The layers hold: no file of `src/` names what lies above it, and every file keeps the rules of `table`; and no files of
//! a folder use each other in a circle.
//!
//! The rules are tested in their turn, on made-up trees, in `catches`; that on circles in its own file.

#[cfg(test)]
mod catches;
#[cfg(test)]
mod circles;
mod compiled;
mod lexer;
#[cfg(test)]
mod names;
mod paths;
mod rules;
mod table;

use std::fs;
use std::path::Path;

use rules::{SourceFile, complaints};

/// The folders whose files are read.
const FOLDERS: &[&str] = &["src", "tests", "benches", "examples"];

/// Appends every Rust file in the folder at `path`, which is relative to the package. A package within it may have been built
/// there: what Cargo made is left out.
fn read_folder(path: &str, files: &mut Vec<SourceFile>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.expect("a folder of the package can be read");
        let name = entry.file_name().into_string().expect("names in the package are UTF-8");
        let inner = format!("{path}/{name}");
        if entry.path().is_dir() {
            if name != "target" {
                read_folder(&inner, files);
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("a source file is UTF-8");
            files.push(SourceFile { path: inner, text });
        }
    }
}

/// All files of the package, by their paths.
fn tree() -> Vec<SourceFile> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        read_folder(folder, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "the tree was not found");
    files
}

#[test]
fn the_tree_keeps_the_rules() {
    let files = tree();
    let found: Vec<String> = files.iter().flat_map(complaints).collect();
    assert!(found.is_empty(), "{} complaints:\n{}", found.len(), found.join("\n"));
}
