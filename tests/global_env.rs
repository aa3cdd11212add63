//! The default number of threads, which the environment may set: a child process for each setting.

#[path = "support/child.rs"]
mod child;

use paceline::ThreadPoolBuilder;
use std::ffi::OsStr;
use std::fmt::Display;
use std::process::Command;
use std::thread::available_parallelism;

/// The child's part: every default of this process must be the number that its role names.
fn check_defaults(role: &str) {
    let expected = match role {
        "default" => available_parallelism().unwrap().get(),
        number => number.parse().unwrap(),
    };
    assert_eq!(paceline::current_num_threads(), expected);
    assert_eq!(paceline::broadcast(|_| ()).len(), expected);
    let unset = ThreadPoolBuilder::new().build().unwrap();
    assert_eq!(unset.current_num_threads(), expected);
    let zero = ThreadPoolBuilder::new().num_threads(0).build().unwrap();
    assert_eq!(zero.current_num_threads(), expected);
    let explicit = ThreadPoolBuilder::new().num_threads(6).build().unwrap();
    assert_eq!(explicit.current_num_threads(), 6, "the builder comes first");
}

/// Runs `test` again with each variable set as given and checks what comes of it.
#[track_caller]
fn check(test: &str, paceline: Option<&OsStr>, rayon: Option<&OsStr>, expected: &str) {
    child::run_to_success(again(test, paceline, rayon, expected));
}

/// As [`check`], and returns what the library has said of the variables.
#[track_caller]
fn hear(test: &str, paceline: Option<&OsStr>, rayon: Option<&OsStr>, expected: &str) -> Vec<String> {
    let ended = child::run(again(test, paceline, rayon, expected));
    let passed = ended.status.success() && ended.stdout.contains("1 passed");
    assert!(passed, "{paceline:?} {rayon:?}: {}\n{}", ended.stdout, ended.stderr);
    ended.stderr.lines().filter(|line| line.starts_with("paceline:")).map(str::to_owned).collect()
}

fn again(test: &str, paceline: Option<&OsStr>, rayon: Option<&OsStr>, expected: &str) -> Command {
    let mut command = child::again(test, expected);
    if let Some(number) = paceline {
        command.env("PACELINE_NUM_THREADS", number);
    }
    if let Some(number) = rayon {
        command.env("RAYON_NUM_THREADS", number);
    }
    command
}

/// The line for a variable that is ignored.
fn complaint(variable: &str, value: &str, number: impl Display, source: &str) -> String {
    format!(
        "paceline: {variable} is {value:?}, which is not a number of threads from 1 to 65535, and is ignored; \
         the number is {number}, from {source}"
    )
}

fn text(number: &str) -> Option<&OsStr> {
    Some(OsStr::new(number))
}

/// What leaves the number open.
const OPEN: [&str; 3] = ["", " ", "0"];

/// What is no number of threads.
const GARBAGE: [&str; 6] = ["many", "-3", "3.5", "65536", "1000000", "99999999999999999999999"];

const PROCESSORS: &str = "the number of processors";

#[test]
fn without_variables_it_is_the_available_parallelism() {
    match child::role() {
        Some(role) => check_defaults(&role),
        None => check("without_variables_it_is_the_available_parallelism", None, None, "default"),
    }
}

#[test]
fn rayons_variable_counts() {
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    for number in ["1", "3", "7"] {
        check("rayons_variable_counts", None, text(number), number);
    }
}

#[test]
fn garbage_in_rayons_variable_is_ignored() {
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    let test = "garbage_in_rayons_variable_is_ignored";
    for open in OPEN {
        assert!(hear(test, None, text(open), "default").is_empty());
    }
    for garbage in GARBAGE {
        let said = hear(test, None, text(garbage), "default");
        let processors = available_parallelism().unwrap();
        assert_eq!(said, [complaint("RAYON_NUM_THREADS", garbage, processors, PROCESSORS)]);
    }
}

#[test]
fn our_own_variable_counts() {
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    for number in ["1", "3", "7"] {
        check("our_own_variable_counts", text(number), None, number);
    }
}

#[test]
fn our_own_variable_comes_before_rayons() {
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    let test = "our_own_variable_comes_before_rayons";
    check(test, text("3"), text("5"), "3");
    check(test, text("5"), text("3"), "5");
    assert!(hear(test, text("3"), text("garbage"), "3").is_empty(), "the second one is not read");
}

/// A variable that is ignored is as good as unset: the next one has its say.
#[test]
fn garbage_in_our_own_variable_is_ignored() {
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    let test = "garbage_in_our_own_variable_is_ignored";
    for open in OPEN {
        assert!(hear(test, text(open), None, "default").is_empty());
        assert!(hear(test, text(open), text("3"), "3").is_empty());
    }
    for garbage in GARBAGE {
        let of_ours = |number, source| complaint("PACELINE_NUM_THREADS", garbage, number, source);
        let processors = available_parallelism().unwrap().get();
        assert_eq!(hear(test, text(garbage), None, "default"), [of_ours(processors, PROCESSORS)]);
        assert_eq!(hear(test, text(garbage), text("3"), "3"), [of_ours(3, "RAYON_NUM_THREADS")]);
        let of_rayons = complaint("RAYON_NUM_THREADS", "garbage", processors, PROCESSORS);
        let both = hear(test, text(garbage), text("garbage"), "default");
        assert_eq!(both, [of_ours(processors, PROCESSORS), of_rayons]);
    }
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_ignored() {
    use std::os::unix::ffi::OsStrExt;
    if let Some(role) = child::role() {
        return check_defaults(&role);
    }
    let bytes = Some(OsStr::from_bytes(b"\xff3"));
    let said = hear("bytes_that_are_no_text_are_ignored", bytes, bytes, "default");
    let begins = |line: &String, variable| line.starts_with(&format!(r#"paceline: {variable} is "\xFF3", which"#));
    assert!(
        matches!(&*said, [ours, rayons] if begins(ours, "PACELINE_NUM_THREADS") && begins(rayons, "RAYON_NUM_THREADS")),
        "{said:?}"
    );
}

/// The request of the machine that runs this is not known; so the number is only compared.
#[test]
fn the_entitled_number_is_a_default_too() {
    let test = "the_entitled_number_is_a_default_too";
    let available = available_parallelism().unwrap().get();
    match child::role().as_deref() {
        Some("entitled") => {
            let by_variable = paceline::current_num_threads();
            assert!((1..=available).contains(&by_variable), "{by_variable}");
            let by_both = ThreadPoolBuilder::new().entitled_processors().build().unwrap();
            assert_eq!(by_both.current_num_threads(), by_variable);
            let explicit = ThreadPoolBuilder::new().entitled_processors().num_threads(6).build().unwrap();
            assert_eq!(explicit.current_num_threads(), 6, "the builder comes first");
        }
        Some("by the builder") => {
            assert_eq!(paceline::current_num_threads(), available);
            let asked = ThreadPoolBuilder::new().entitled_processors().build().unwrap();
            assert!((1..=available).contains(&asked.current_num_threads()));
        }
        Some(number) => check_defaults(number),
        None => {
            let run = |role: &str, entitled: Option<&str>, number: Option<&str>| {
                let mut command = child::again(test, role);
                for (name, value) in [("PACELINE_ENTITLED", entitled), ("PACELINE_NUM_THREADS", number)] {
                    if let Some(value) = value {
                        command.env(name, value);
                    }
                }
                child::run_to_success(command);
            };
            run("entitled", Some("1"), None);
            run("by the builder", None, None);
            run("by the builder", Some("0"), None);
            run("7", Some("1"), Some("7"));
        }
    }
}
