//! `CallSite`: the line of the program that has called into this crate, from a backtrace.

use std::backtrace::Backtrace;
use std::fmt;

/// A call into this crate, by the function that makes it and, where the program has debug information, the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallSite {
    function: String,
    line: Option<String>,
}

/// Crates in which a frame is not the program's. The first is this one.
const LIBRARIES: [&str; 4] = [env!("CARGO_CRATE_NAME"), "std", "core", "alloc"];

/// Where the sources of std are, wherever its root is.
const SOURCES_OF_STD: [&str; 3] = ["/library/std/src/", "/library/core/src/", "/library/alloc/src/"];

/// A file of this crate, from the root of its sources, and the start of the name of a function in it that is in each backtrace.
const OWN_FILE: (&str, &str) =
    ("pool/watchdog/waits.rs", concat!(env!("CARGO_CRATE_NAME"), "::pool::watchdog::waits::"));

impl CallSite {
    /// The innermost frame of the program: one that is neither of this crate nor of std. `None` if there is none, or the
    /// program has no symbols.
    pub(super) fn of(backtrace: &Backtrace) -> Option<Self> {
        Self::find(&backtrace.to_string())
    }

    fn find(text: &str) -> Option<Self> {
        let root = frames(text).find_map(|(function, line)| {
            let is_own = function.starts_with(OWN_FILE.1);
            line.filter(|_| is_own).and_then(|line| Some(&line[..line.find(OWN_FILE.0)?]))
        });
        let is_of_program = |function: &str, line: Option<&str>| match line {
            // An inlined function may have a name without its crate's. The start of a thread is not in Rust.
            Some(line) => {
                line.contains(".rs:")
                    && !root.is_some_and(|root| line.starts_with(root))
                    && !SOURCES_OF_STD.iter().any(|part| line.contains(part))
            }
            None => is_of_program(function),
        };
        let (function, line) = frames(text).find(|&(function, line)| is_of_program(function, line))?;
        Some(CallSite { function: function.to_owned(), line: line.map(str::to_owned) })
    }
}

/// The frames in a printed backtrace: functions, and lines where they are known.
fn frames(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            if let Some(function) = frame(lines.next()?) {
                return Some((function, lines.peek().and_then(|line| line.trim_start().strip_prefix("at "))));
            }
        }
    })
}

/// The function in a line like `  7: name`.
fn frame(line: &str) -> Option<&str> {
    let (number, function) = line.trim_start().split_once(": ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(function)
}

/// True if a function belongs neither to a library nor to the start of a thread, which has no crate's name.
fn is_of_program(function: &str) -> bool {
    // `<type as trait>::method`: the type tells the crate, unless it is a parameter, which has no path.
    let types = function.trim_start_matches('<').trim_start_matches(['&', '*', '[']).trim_start_matches("mut ");
    let (own, of_trait) = types.split_once(" as ").unwrap_or((types, ""));
    let path = if own.contains("::") { own } else { of_trait };
    path.split_once("::").is_some_and(|(name, _)| !LIBRARIES.contains(&name))
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Some(line) => write!(f, "{line} in {}", self.function),
            None => f.write_str(&self.function),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{CallSite, is_of_program};

    #[test]
    fn the_innermost_frame_of_the_program_is_found() {
        let text = "   0: paceline::pool::watchdog::waits::list\n             at ./src/pool/watchdog/waits.rs:1:2\n   \
                    1: with_current<(), program::F>\n             at ./src/pool/worker/current.rs:7:9\n   \
                    2: call_once<program::F>\n             at /rustc/5/library/core/src/ops/function.rs:250:5\n   \
                    3: program::sum::{{closure}}\n             at ./tests/main.rs:7:9\n   \
                    4: program::main\n             at ./tests/main.rs:3:5\n";
        let site = CallSite::find(text).unwrap();
        assert_eq!(site.to_string(), "./tests/main.rs:7:9 in program::sum::{{closure}}");
        let without_lines = CallSite::find("  0: std::io::write\n  1: program::main\n  2: main\n").unwrap();
        assert_eq!(without_lines.to_string(), "program::main");
        assert_eq!(CallSite::find("  0: paceline::join\n  1: main\n"), None);
        assert_eq!(CallSite::find("unsupported backtrace"), None);
    }

    #[test]
    fn a_method_belongs_to_the_crate_of_its_type() {
        for own in
            ["program::f", "<program::Tree as core::ops::drop::Drop>::drop", "<&mut program::A as std::io::Read>::read"]
        {
            assert!(is_of_program(own), "{own}");
        }
        for other in [
            "main",
            "__rust_try",
            "<F as std::ops::FnOnce<()>>::call_once",
            "<alloc::boxed::Box<F> as A>::f",
            "<I as paceline::iter::ParallelIterator>::sum",
            "paceline::fork::join::join",
        ] {
            assert!(!is_of_program(other), "{other}");
        }
    }
}
