//! Recordings: what is in the file, what is an error, and what is left of a process that is killed.

#[path = "support/child.rs"]
mod child;

use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder, trace};
use serde_json::Value;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::{env, fs, hint, panic, process, thread};

/// A file for a recording, which is removed in the end. One recording is on at a time, so one test has a place.
struct Place {
    json: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Place {
    fn new(name: &str) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let json = env::temp_dir().join(format!("paceline_{}_{name}.json", process::id()));
        Place { json, _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn html(&self) -> PathBuf {
        self.json.with_extension("html")
    }

    fn read(&self) -> Recorded {
        Recorded::read(&self.json)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for path in [&self.json, &self.html()] {
            _ = fs::remove_file(path);
        }
    }
}

/// The events of a file.
struct Recorded(Vec<Value>);

impl Recorded {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        Recorded(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    fn with<'a>(&'a self, field: &'a str, value: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |event| event[field] == value)
    }

    /// The events of the library's own with that name.
    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.with("name", kind).filter(|event| event.get("cat").is_none())
    }

    /// The events with names of the program.
    fn named(&self) -> impl Iterator<Item = &Value> {
        self.with("cat", "named")
    }

    /// The name of an event's track.
    fn track_of(&self, event: &Value) -> &str {
        let track = self.with("name", "thread_name").find(|name| name["tid"] == event["tid"]);
        track.unwrap()["args"]["name"].as_str().unwrap()
    }
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("worker {index}")).build().unwrap()
}

/// A `join` with halves that meet, so that another thread has to take the second.
fn meet() {
    let both = Barrier::new(2);
    paceline::join(|| both.wait(), || both.wait());
}

#[test]
fn a_stolen_fork_has_an_arrow_from_its_track() {
    let place = Place::new("stolen");
    let pool = pool(2);
    trace::record(&place.json, || pool.install(|| trace::named("meet", meet))).unwrap();
    let recorded = place.read();
    let fork = recorded.of_kind("fork").next().expect("the second half was stolen");
    assert_eq!(fork["args"]["in"], "meet", "the name goes with the job");
    let named = recorded.with("name", "meet").next().unwrap();
    assert_ne!(recorded.track_of(fork), recorded.track_of(named));
    let end = recorded.with("ph", "f").find(|end| end["ts"] == fork["ts"]).expect("an arrow leads to the job");
    let begin = recorded.with("ph", "s").find(|begin| begin["id"] == end["id"]).unwrap();
    assert_eq!((&begin["tid"], &end["tid"]), (&named["tid"], &fork["tid"]));
    assert!(begin["ts"].as_f64() <= end["ts"].as_f64());
    let call = recorded.of_kind("call").next().expect("the call came from outside");
    assert!(call["ts"].as_f64() <= named["ts"].as_f64() && call["tid"] == named["tid"]);
    assert!(recorded.of_kind("wait").any(|wait| recorded.track_of(wait) != recorded.track_of(call)));
}

#[test]
fn each_item_of_a_loop_is_counted_once() {
    for threads in [1, 2, 4] {
        let place = Place::new("loop");
        let pool = pool(threads);
        let numbers: Vec<u64> = (0..10_000).collect();
        let sum = || numbers.par_iter().with_max_len(100).map(|number| hint::black_box(*number)).sum::<u64>();
        let sum = trace::record(&place.json, || pool.install(sum)).unwrap();
        assert_eq!(sum, 49_995_000);
        let recorded = place.read();
        let items: u64 = recorded.of_kind("loop").map(|part| part["args"]["items"].as_u64().unwrap()).sum();
        assert_eq!(items, 10_000, "on {threads} threads");
        assert!(recorded.of_kind("loop").count() >= 100);
    }
}

#[test]
fn jobs_are_shown_by_their_kind() {
    let place = Place::new("kinds");
    let pool = pool(2);
    let work = || {
        pool.scope(|scope| (0..3).for_each(|_| scope.spawn(|_| ())));
        let tasks: Vec<_> = pool.install(|| (0..2).map(|n| paceline::spawn_task(move || n)).collect());
        let sum: i32 = tasks.into_iter().map(|task| task.join().unwrap()).sum();
        pool.install(|| paceline::blocking(|| ()));
        sum
    };
    assert_eq!(trace::record(&place.json, work).unwrap(), 1);
    let recorded = place.read();
    let counts = ["spawn", "task", "call", "blocking"].map(|kind| recorded.of_kind(kind).count());
    assert_eq!(counts, [3, 2, 3, 1]);
}

#[test]
fn names_nest_and_end_with_their_guards() {
    let place = Place::new("names");
    let work = || {
        let _outer = trace::name("outer");
        trace::named("inner", || trace::named("inner", || ()));
    };
    trace::record(&place.json, work).unwrap();
    trace::named("after", || ());
    let recorded = place.read();
    let names: Vec<_> = recorded.named().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["inner", "inner", "outer"], "in the order of their ends");
}

#[test]
fn a_thread_that_ends_leaves_its_events() {
    let place = Place::new("ended");
    let work = || {
        for number in 0..3 {
            let body = move || trace::named(&format!("in {number}"), || ());
            thread::Builder::new().name(format!("thread {number}")).spawn(body).unwrap().join().unwrap();
        }
    };
    trace::record(&place.json, work).unwrap();
    let recorded = place.read();
    let found: Vec<_> = recorded.named().map(|event| (recorded.track_of(event), &event["name"])).collect();
    assert_eq!(found, [("thread 0", &"in 0".into()), ("thread 1", &"in 1".into()), ("thread 2", &"in 2".into())]);
}

/// More events than a thread keeps in memory.
#[test]
fn no_event_is_lost_when_the_memory_is_full() {
    let place = Place::new("full");
    trace::record(&place.json, || (0..20_000).for_each(|_| trace::named("again", || ()))).unwrap();
    let recorded = place.read();
    assert_eq!(recorded.named().count(), 20_000);
    let begins: Vec<f64> = recorded.named().map(|event| event["ts"].as_f64().unwrap()).collect();
    assert!(begins.is_sorted());
}

#[test]
fn a_panic_leaves_the_events_before_it() {
    let place = Place::new("panic");
    let work = || trace::named("before", || panic::resume_unwind(Box::new("on purpose")));
    let outcome = panic::catch_unwind(|| trace::record(&place.json, work));
    assert_eq!(*outcome.map(drop).unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    assert_eq!(place.read().named().count(), 1);
    trace::record(&place.json, || ()).expect("the next recording can begin");
}

#[test]
fn there_is_one_recording_at_a_time() {
    let place = Place::new("one");
    let mut has_run = false;
    let inner = trace::record(&place.json, || {
        let other = place.json.with_extension("other");
        let error = trace::record(&other, || has_run = true).unwrap_err();
        (error.kind(), other.exists())
    });
    assert_eq!(inner.unwrap(), (io::ErrorKind::ResourceBusy, false));
    assert!(!has_run);
}

#[test]
fn a_file_that_cannot_be_made_is_an_error_before_the_call() {
    let place = Place::new("nowhere");
    let mut has_run = false;
    let error = trace::record(place.json.join("no folder"), || has_run = true).unwrap_err();
    assert_eq!((error.kind(), has_run), (io::ErrorKind::NotFound, false));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_after_the_call() {
    let place = Place::new("disk");
    let recording = trace::start("/dev/full");
    assert_eq!(recording.unwrap_err().kind(), io::ErrorKind::StorageFull);
    trace::record(&place.json, || ()).expect("the next recording can begin");
}

#[test]
fn the_report_has_all_events() {
    let place = Place::new("report");
    trace::record(&place.json, || trace::named("</script>", || ())).unwrap();
    let (json, html) = (fs::read_to_string(&place.json).unwrap(), fs::read_to_string(place.html()).unwrap());
    assert!(html.contains(&json) && !json.contains("</script>"));
    assert!(!html.contains("http:") && !html.contains("src="), "it needs no network");
}

#[test]
fn the_variable_records_a_whole_process() {
    if child::role().is_some() {
        trace::named("first", || ());
        return paceline::scope(|scope| scope.spawn(|_| trace::named("in a job", || ())));
    }
    let place = Place::new("variable");
    let mut command = child::again("the_variable_records_a_whole_process", "recorded");
    child::run_to_success({
        command.env("PACELINE_TRACE", &place.json);
        command
    });
    let recorded = place.read();
    let names: Vec<_> = recorded.named().map(|event| event["name"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names.contains(&"first") && names.contains(&"in a job"), "{names:?}");
    assert!(place.html().exists());
}

#[test]
fn a_variable_that_leads_nowhere_is_told_of_once() {
    if child::role().is_some() {
        return assert_eq!(paceline::join(|| 1, || 2), (1, 2));
    }
    let mut command = child::again("a_variable_that_leads_nowhere_is_told_of_once", "unrecorded");
    command.env("PACELINE_TRACE", env::temp_dir().join("no folder").join("out.json"));
    let ended = child::run(command);
    assert!(ended.status.success());
    let said: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("paceline:")).collect();
    assert!(matches!(&*said, [line] if line.contains("PACELINE_TRACE is") && line.contains("nothing is recorded")));
}

/// What cannot be said is not said, and the program goes on: where no thread reads standard error any more, and where it is
/// closed.
#[cfg(unix)]
#[test]
fn a_program_goes_on_where_it_cannot_be_told() {
    if let Some(role) = child::role() {
        // Until the parent reads standard error no more.
        assert_eq!(io::stdin().read_line(&mut String::new()).unwrap(), 0);
        if role == "closed" {
            // SAFETY: no other part of the test uses the descriptor.
            assert_eq!(unsafe { libc::close(libc::STDERR_FILENO) }, 0);
        }
        return assert_eq!(paceline::join(|| 1, || 2), (1, 2));
    }
    for role in ["unread", "closed"] {
        let mut command = child::again("a_program_goes_on_where_it_cannot_be_told", role);
        command.env("PACELINE_TRACE", env::temp_dir().join("no folder").join("out.json"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stderr.take());
        drop(child.stdin.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && said.contains("1 passed"), "{role}: {said}");
    }
}

/// The child records for ever, from two threads, and is killed at some moment after each has written several times. It does
/// little else than write, so now and then the system cuts a write short between two pages (`docs/tracing.md`).
#[test]
fn a_process_that_is_killed_leaves_valid_json() {
    const ENOUGH: usize = 10_000;
    let record = || loop {
        (0..ENOUGH).for_each(|_| trace::named("again", || ()));
        println!("enough");
    };
    if child::role().is_some() {
        trace::named("the recording is on", || ());
        return thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(record))));
    }
    let place = Place::new("killed");
    let mut valid = 0;
    for _ in 0..8 {
        let mut command = child::again("a_process_that_is_killed_leaves_valid_json", "killed");
        command.env("PACELINE_TRACE", &place.json).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert_eq!(lines.filter(|line| line.ends_with("enough")).take(2).count(), 2);
        child.kill().unwrap();
        child.wait().unwrap();
        let text = fs::read_to_string(&place.json).unwrap();
        if let Ok(events) = serde_json::from_str(&text) {
            assert!(Recorded(events).named().count() >= ENOUGH);
            valid += 1;
        }
    }
    assert!(valid >= 5, "{valid} of 8 files are valid");
}
