//! Where the text comes from: the folder that was asked for, or what a machine with Rust has anyway.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder to read, and what it is.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) what: &'static str,
}

/// The folders to read, and a sentence for each that was looked for in vain.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) found: Vec<Source>,
    pub(crate) missing: Vec<String>,
}

impl Sources {
    fn look_for(&mut self, path: PathBuf, what: &'static str, remedy: &str) {
        if path.is_dir() {
            self.found.push(Source { path, what });
        } else {
            self.missing.push(format!("{what}: not in {}{remedy}", path.display()));
        }
    }
}

/// The folder of the command line, known to exist.
pub(crate) fn given(folder: &Path) -> Sources {
    let source = Source { path: folder.to_owned(), what: "the folder asked for" };
    Sources { found: vec![source], missing: Vec::new() }
}

/// This crate's tree, then the toolchain's sources and documentation as far as they are installed.
pub(crate) fn default_folders() -> Sources {
    let mut sources = Sources::default();
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    sources.look_for(own, "this crate", "");
    match sysroot() {
        Ok(root) => {
            sources.look_for(
                root.join("lib/rustlib/src"),
                "Rust's own sources",
                " (`rustup component add rust-src` brings them)",
            );
            sources.look_for(
                root.join("share/doc"),
                "Rust's documentation",
                " (`rustup component add rust-docs` brings it)",
            );
        }
        Err(reason) => sources.missing.push(format!("the Rust toolchain: {reason}")),
    }
    sources
}

fn sysroot() -> Result<PathBuf, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| format!("cannot run {}: {error}", rustc.to_string_lossy()))?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !path.is_empty() {
        Ok(PathBuf::from(path))
    } else {
        Err("`rustc --print sysroot` gave no folder".into())
    }
}
