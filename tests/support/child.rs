//! Running a test once more in a process of its own, under a role that it finds in its environment.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, thread};

const ROLE: &str = "PACELINE_TEST_ROLE";

/// How long a child may take before it counts as hung.
const WATCHDOG: Duration = Duration::from_secs(120);

/// The role of this process, if it is such a child.
pub(crate) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// A command that runs `test` of this binary in `role`, with no number of threads in its environment.
pub(crate) fn again(test: &str, role: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env("RUST_BACKTRACE", "0")
        .env_remove("PACELINE_ENTITLED")
        .env_remove("PACELINE_NUM_THREADS")
        .env_remove("RAYON_NUM_THREADS");
    command
}

/// How a child ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a child to its end; one that hangs is killed, and the test fails.
#[track_caller]
pub(crate) fn run(mut command: Command) -> Ended {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdout = read_all(child.stdout.take().unwrap());
    let stderr = read_all(child.stderr.take().unwrap());
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(WATCHDOG), stderr.recv_timeout(WATCHDOG)) else {
        child.kill().unwrap();
        panic!("a child hung: {command:?}");
    };
    Ended { status: child.wait().unwrap(), stdout, stderr }
}

/// Reads a pipe to its end, which comes when the child ends.
fn read_all(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (to, from) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        // Nobody listens any more if the other pipe has timed out.
        let _ = to.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    from
}

/// Runs a child that is to pass its one test.
#[track_caller]
pub(crate) fn run_to_success(command: Command) {
    let what = format!("{command:?}");
    let ended = run(command);
    let passed = ended.status.success() && ended.stdout.contains("1 passed");
    assert!(passed, "{what}\n{}\n{}", ended.stdout, ended.stderr);
}
